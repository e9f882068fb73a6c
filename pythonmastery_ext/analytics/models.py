"""How learners work, one row for each graded submission."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Moment, cascading


class LearningAnalytics(Base):
    """A learner at a problem as it stood after one submission; partitioned by month."""

    __tablename__ = "learning_analytics"
    __table_args__ = (
        CheckConstraint(
            "session_duration >= 0 and errors_made >= 0 and help_requests >= 0", name="counts"
        ),
        CheckConstraint("completion_rate between 0 and 1", name="completion_rate"),
        CheckConstraint("code_quality_score between 0 and 100", name="code_quality_score"),
        CheckConstraint("engagement_level in ('high', 'medium', 'low')", name="engagement_level"),
        Index("idx_user_performance", "user_id", "completion_rate"),
        Index("idx_problem_analytics", "problem_id", "created_at"),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    id: Mapped[UUID] = mapped_column(
        primary_key=True, comment="the attempt's; a new one after an erasure"
    )
    created_at: Mapped[Moment] = mapped_column(
        primary_key=True, comment="when the attempt was graded"
    )
    user_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("app_user.id", onupdate="CASCADE", ondelete="SET NULL"),
        comment="null once the learner's data was erased",
    )
    problem_id: Mapped[int] = mapped_column(BigInteger, cascading("problem.id"))
    session_duration: Mapped[int] = mapped_column(
        Integer, comment="seconds of work at the problem so far; pauses count 10 minutes at most"
    )
    errors_made: Mapped[int] = mapped_column(
        Integer, comment="checks and submissions so far that failed before the first pass"
    )
    help_requests: Mapped[int] = mapped_column(
        Integer, comment="hints and questions to the tutor so far"
    )
    completion_rate: Mapped[float] = mapped_column(
        Numeric(5, 4, asdecimal=False), comment="share of the tests that this submission passed"
    )
    code_quality_score: Mapped[int | None] = mapped_column(
        SmallInteger,
        comment="100: no more branches than the reference; null: not passed, or not known",
    )
    engagement_level: Mapped[str] = mapped_column(String(20))


class ViewRefresh(Base):
    """When a materialised view was made anew."""

    __tablename__ = "view_refresh"

    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    refreshed_at: Mapped[datetime]
    milliseconds: Mapped[int] = mapped_column(Integer, comment="that it took")
