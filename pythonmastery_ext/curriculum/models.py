"""The course: sections, problems, their versions, tests and hints."""

from datetime import datetime
from typing import Any
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
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Key, Now, cascading


class Section(Base):
    """A part of the course; opens when its prerequisites are half solved."""

    __tablename__ = "section"
    __table_args__ = (
        CheckConstraint(
            "difficulty_level in ('beginner', 'intermediate', 'advanced')", name="difficulty_level"
        ),
        CheckConstraint("order_index >= 0 and estimated_hours >= 0", name="counts"),
    )

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str]
    order_index: Mapped[int] = mapped_column(Integer, index=True)
    prerequisites: Mapped[list[Any]] = mapped_column(
        comment="slugs of sections", server_default="[]"
    )
    difficulty_level: Mapped[str] = mapped_column(String(20))
    estimated_hours: Mapped[float] = mapped_column(Numeric(5, 1, asdecimal=False))
    retired: Mapped[bool] = mapped_column(
        server_default="false", comment="no longer in the course folder; kept for its attempts"
    )


class Problem(Base):
    """A problem as it stands; what was graded against is in its versions."""

    __tablename__ = "problem"
    __table_args__ = (
        CheckConstraint("title <> ''", name="title"),
        CheckConstraint("difficulty_score between 1 and 10", name="difficulty_score"),
        CheckConstraint("status in ('draft', 'review', 'published', 'deprecated')", name="status"),
        Index("ix_problem_section_id_order_index", "section_id", "order_index"),
    )

    id: Mapped[Key]
    uid: Mapped[UUID] = mapped_column(
        unique=True, comment="id in the author notebook; survives renames"
    )
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    section_id: Mapped[int] = mapped_column(BigInteger, cascading("section.id"))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(comment="the statement, Markdown")
    business_context: Mapped[str] = mapped_column(comment="Markdown")
    starter_code: Mapped[str]
    solution_template: Mapped[str] = mapped_column(
        comment="the solution cell; never leaves the authority"
    )
    difficulty_score: Mapped[int] = mapped_column(SmallInteger, index=True)
    minutes: Mapped[int] = mapped_column(SmallInteger)
    domain: Mapped[str] = mapped_column(String(80))
    order_index: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(20))
    version_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("problem_version.id", use_alter=True, onupdate="CASCADE", ondelete="SET NULL"),
        comment="the version that new attempts are graded against",
    )
    withheld_at: Mapped[datetime | None] = mapped_column(
        comment="taken out by an admin, whatever its status"
    )
    created_at: Mapped[Now]
    updated_at: Mapped[Now]


class ProblemVersion(Base):
    """One published form of a problem; attempts keep the one they were made against."""

    __tablename__ = "problem_version"
    __table_args__ = (UniqueConstraint("problem_id", "version"),)

    id: Mapped[Key]
    problem_id: Mapped[int] = mapped_column(BigInteger, cascading("problem.id"))
    version: Mapped[str] = mapped_column(String(40), comment="semantic version")
    content_sha: Mapped[str] = mapped_column(String(64), comment="SHA-256 of what was parsed")
    content: Mapped[dict[str, Any]] = mapped_column(
        comment="ProblemContent: all that grading needs"
    )
    student_notebook: Mapped[dict[str, Any]] = mapped_column(comment="nbformat 4, derived")
    max_points: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[Now]
    updated_at: Mapped[Now]


class ProblemProfile(Base):
    """What the right solutions of a class problem showed of themselves; other ones are held to it.

    Made by the grader and not by the author, so it is no part of the version's content.
    """

    __tablename__ = "problem_profile"

    version_id: Mapped[int] = mapped_column(
        BigInteger, cascading("problem_version.id"), primary_key=True, autoincrement=False
    )
    profile: Mapped[dict[str, Any]] = mapped_column(
        comment="as the grader recorded it: classes, kinds of results, controls"
    )
    created_at: Mapped[Now]


class TestCase(Base):
    """One test of one version of a problem."""

    __tablename__ = "test_case"
    __table_args__ = (
        UniqueConstraint("version_id", "key"),
        CheckConstraint("weight between 1 and 10", name="weight"),
        Index(
            "ix_test_case_input_data",
            "input_data",
            postgresql_using="gin",
            postgresql_ops={"input_data": "jsonb_path_ops"},
        ),
    )

    id: Mapped[Key]
    problem_id: Mapped[int] = mapped_column(BigInteger, cascading("problem.id"), index=True)
    version_id: Mapped[int] = mapped_column(BigInteger, cascading("problem_version.id"))
    key: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    order_index: Mapped[int] = mapped_column(Integer)
    source: Mapped[str]
    input_data: Mapped[dict[str, Any] | None] = mapped_column(
        comment="{call, args, kwargs, kinds, values} where the assert can be split"
    )
    expected_output: Mapped[dict[str, Any] | None] = mapped_column(
        comment="{value} where the assert can be split"
    )
    is_sample: Mapped[bool]
    weight: Mapped[int] = mapped_column(SmallInteger)
    on_fail: Mapped[str | None]


class Hint(Base):
    """One step of help of one version of a problem."""

    __tablename__ = "hint"
    __table_args__ = (
        UniqueConstraint("version_id", "hint_order"),
        CheckConstraint("hint_order between 1 and 4", name="hint_order"),
        CheckConstraint("hint_text <> ''", name="hint_text"),
        CheckConstraint("kind in ('nudge', 'concept', 'plan', 'partial')", name="kind"),
    )

    id: Mapped[Key]
    problem_id: Mapped[int] = mapped_column(BigInteger, cascading("problem.id"), index=True)
    version_id: Mapped[int] = mapped_column(BigInteger, cascading("problem_version.id"))
    hint_order: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(String(20))
    hint_text: Mapped[str]
    links: Mapped[list[Any]] = mapped_column(server_default="[]", comment="addresses to read on")
    unlock_condition: Mapped[dict[str, Any]] = mapped_column(
        comment="grammar in docs/instructor.md"
    )
