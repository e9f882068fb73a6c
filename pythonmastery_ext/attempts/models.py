"""Attempts and the keys that make each of them happen once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Moment, cascading


class ProblemAttempt(Base):
    """One check or submission; partitioned by month of `submitted_at`.

    `id` is a UUIDv7 whose time is `submitted_at`, so an id alone names its partition.
    """

    __tablename__ = "problem_attempt"
    __table_args__ = (
        CheckConstraint(
            "status in ('passed', 'failed', 'partial', 'timeout', 'error')", name="status"
        ),
        CheckConstraint("kind in ('check', 'submit')", name="kind"),
        CheckConstraint("(status is null) = (graded_at is null)", name="graded"),
        CheckConstraint("hints_used >= 0 and tries >= 0 and xp_gained >= 0", name="counts"),
        CheckConstraint("execution_time >= 0 and memory_usage >= 0", name="measures"),
        CheckConstraint("max_points >= 0 and points between 0 and max_points", name="points"),
        CheckConstraint(
            "jsonb_typeof(test_results) = 'array' and jsonb_typeof(error_messages) = 'object'",
            name="results",
        ),
        Index("idx_user_problem", "user_id", "problem_id", text("submitted_at desc")),
        Index("idx_user_recent", "user_id", text("submitted_at desc")),
        # Of those that wait: an attempt with its verdict is not looked for by it.
        Index("idx_status_time", "status", "submitted_at", postgresql_where=text("status is null")),
        Index("idx_waiting", "user_id", "submitted_at", postgresql_where=text("status is null")),
        {"postgresql_partition_by": "RANGE (submitted_at)"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    submitted_at: Mapped[Moment] = mapped_column(
        primary_key=True, comment="the authority's clock, UTC"
    )
    user_id: Mapped[int] = mapped_column(BigInteger, cascading("app_user.id"))
    problem_id: Mapped[int] = mapped_column(BigInteger, cascading("problem.id"))
    version_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("problem_version.id", onupdate="CASCADE", ondelete="CASCADE")
    )
    kind: Mapped[str] = mapped_column(String(10), comment="check: sample tests; submit: all tests")
    code_submission: Mapped[str]
    status: Mapped[str | None] = mapped_column(
        String(20), comment="null while waiting; error: our fault"
    )
    execution_time: Mapped[float | None] = mapped_column(
        Numeric(12, 3, asdecimal=False), comment="milliseconds in the student's process"
    )
    memory_usage: Mapped[int | None] = mapped_column(BigInteger, comment="bytes, peak")
    test_results: Mapped[list[Any] | None] = mapped_column(
        comment="short, see attempts/results.py; older: one cell a test, or list of TestResultOut"
    )
    hints_used: Mapped[int] = mapped_column(Integer, server_default="0")
    error_messages: Mapped[dict[str, Any] | None] = mapped_column(
        comment="reason, message, error, stdout, level, grader_ms"
    )
    points: Mapped[int | None] = mapped_column(Integer)
    max_points: Mapped[int] = mapped_column(Integer)
    xp_gained: Mapped[int] = mapped_column(Integer, server_default="0")
    tries: Mapped[int] = mapped_column(
        Integer,
        server_default="0",
        comment="times a worker began; after 3 crashes the verdict is error",
    )
    graded_at: Mapped[datetime | None]


class SubmissionKey(Base):
    """The client's key of a submission: the same key and body give the stored answer again."""

    __tablename__ = "submission_key"
    __table_args__ = (CheckConstraint("octet_length(body_sha) = 32", name="body_sha"),)

    user_id: Mapped[int] = mapped_column(BigInteger, cascading("app_user.id"), primary_key=True)
    key: Mapped[UUID] = mapped_column(primary_key=True)
    attempt_id: Mapped[UUID]
    submitted_at: Mapped[Moment] = mapped_column(index=True)
    body_sha: Mapped[bytes] = mapped_column(
        LargeBinary, comment="SHA-256 of problem, kind and code"
    )
