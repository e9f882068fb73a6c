"""How far a learner is, by problem and section and in all; and what the problems show together."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    Interval,
    Numeric,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Key, Now, cascading


class UserProgress(Base):
    """One learner in one section; kept in the verdict's transaction."""

    __tablename__ = "user_progress"
    __table_args__ = (
        UniqueConstraint("user_id", "section_id"),
        CheckConstraint("completion_percentage between 0 and 100", name="completion_percentage"),
        CheckConstraint("xp_earned >= 0 and streak_days >= 0", name="counts"),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BigInteger, cascading("app_user.id"))
    section_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("section.id", onupdate="CASCADE", ondelete="CASCADE")
    )
    completion_percentage: Mapped[float] = mapped_column(
        Numeric(5, 2, asdecimal=False), server_default="0"
    )
    xp_earned: Mapped[int] = mapped_column(Integer, server_default="0")
    streak_days: Mapped[int] = mapped_column(
        Integer,
        server_default="0",
        comment="the learner's longest streak, in days of UTC; the same in all their sections",
    )
    last_activity: Mapped[datetime | None]


class ProblemProgress(Base):
    """One learner at one problem; kept in the verdict's transaction."""

    __tablename__ = "problem_progress"
    __table_args__ = (
        # Not that the best points are no more than the most: an older version had others.
        CheckConstraint(
            "failed between 0 and submits and best_points >= 0 and max_points >= 0 and xp >= 0",
            name="counts",
        ),
        Index("idx_problem_learners", "problem_id"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, cascading("app_user.id"), primary_key=True)
    problem_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("problem.id", onupdate="CASCADE", ondelete="CASCADE"),
        primary_key=True,
    )
    opened_at: Mapped[Now] = mapped_column(comment="first opened; the clock of the hints")
    submits: Mapped[int] = mapped_column(Integer, server_default="0", comment="graded submissions")
    failed: Mapped[int] = mapped_column(Integer, server_default="0", comment="of them not passed")
    best_points: Mapped[int] = mapped_column(Integer, server_default="0")
    max_points: Mapped[int] = mapped_column(Integer, server_default="0")
    xp: Mapped[int] = mapped_column(Integer, server_default="0")
    solved_at: Mapped[datetime | None]
    solved_try: Mapped[int | None] = mapped_column(
        Integer, comment="which submission solved it; 1: the first"
    )
    aided: Mapped[bool] = mapped_column(
        server_default="false", comment="a hint or the tutor was used before it was solved"
    )
    # Null: not summed up yet, which the next verdict does.
    tries: Mapped[int | None] = mapped_column(
        Integer, comment="checks and submissions that were graded"
    )
    errors: Mapped[int | None] = mapped_column(
        Integer, comment="of them failed before the first pass"
    )
    worked: Mapped[timedelta | None] = mapped_column(
        Interval, comment="pauses count 10 minutes at most"
    )
    last_sent: Mapped[datetime | None] = mapped_column(comment="newest of these tries")
    questions: Mapped[int | None] = mapped_column(
        Integer,
        server_default="0",
        comment="to the tutor; counted by a trigger as they are asked",
    )


class UserStats(Base):
    """One learner in all; kept in the verdict's transaction, so that a leaderboard is one read."""

    __tablename__ = "user_stats"
    __table_args__ = (
        CheckConstraint(
            "solved >= 0 and first_time >= 0 and unaided >= 0 and xp >= 0"
            " and streak_days >= 0 and longest_streak >= 0 and active_days >= 0",
            name="counts",
        ),
        CheckConstraint("passed between 0 and attempts", name="passed"),
        # So that one comparison of (-xp, user_id) finds who is next, in both directions.
        Index("idx_leaderboard", text("(-xp)"), "user_id"),
    )

    user_id: Mapped[int] = mapped_column(
        BigInteger, cascading("app_user.id"), primary_key=True, autoincrement=False
    )
    attempts: Mapped[int] = mapped_column(Integer, server_default="0", comment="graded submissions")
    passed: Mapped[int] = mapped_column(Integer, server_default="0", comment="of them passed")
    solved: Mapped[int] = mapped_column(Integer, server_default="0", comment="problems")
    first_time: Mapped[int] = mapped_column(
        Integer, server_default="0", comment="of them with the first submission"
    )
    unaided: Mapped[int] = mapped_column(
        Integer, server_default="0", comment="of them without a hint or the tutor"
    )
    xp: Mapped[int] = mapped_column(Integer, server_default="0")
    streak_days: Mapped[int] = mapped_column(
        Integer, server_default="0", comment="active days in a row that end with last_active"
    )
    longest_streak: Mapped[int] = mapped_column(Integer, server_default="0")
    active_days: Mapped[int] = mapped_column(Integer, server_default="0")
    last_active: Mapped[date | None] = mapped_column(Date, comment="day of UTC")


class LearnerDay(Base):
    """A day of UTC on which a submission brought XP; older than any archived attempt."""

    __tablename__ = "learner_day"

    user_id: Mapped[int] = mapped_column(BigInteger, cascading("app_user.id"), primary_key=True)
    day: Mapped[date] = mapped_column(
        Date, primary_key=True, comment="on which the code was sent, not graded"
    )
    xp: Mapped[int] = mapped_column(Integer)


class ProblemStats(Base):
    """What all learners did at one problem; rolled up once a minute from their progress.

    Not in the verdict's transaction: one row for a whole class would make it wait for itself.
    """

    __tablename__ = "problem_stats"
    __table_args__ = (
        CheckConstraint(
            "learners >= 0 and attempts >= 0 and passed >= 0 and solved >= 0"
            " and first_time >= 0 and unaided >= 0",
            name="counts",
        ),
    )

    problem_id: Mapped[int] = mapped_column(
        BigInteger, cascading("problem.id"), primary_key=True, autoincrement=False
    )
    learners: Mapped[int] = mapped_column(Integer, comment="who submitted")
    attempts: Mapped[int] = mapped_column(Integer, comment="graded submissions")
    passed: Mapped[int] = mapped_column(Integer, comment="of them passed")
    solved: Mapped[int] = mapped_column(Integer, comment="learners who solved it")
    first_time: Mapped[int] = mapped_column(Integer, comment="of them with the first submission")
    unaided: Mapped[int] = mapped_column(Integer, comment="of them without a hint or the tutor")
    updated_at: Mapped[Now]


class ProblemChange(Base):
    """A problem whose statistics are out of date; added by verdicts, taken by the roll-up."""

    __tablename__ = "problem_change"

    id: Mapped[Key]
    problem_id: Mapped[int] = mapped_column(
        BigInteger, comment="no foreign key: its check would lock the problem for each verdict"
    )


class Achievement(Base):
    """Given once, and kept whatever is graded again later."""

    __tablename__ = "achievement"
    __table_args__ = (
        UniqueConstraint("user_id", "achievement_type"),
        CheckConstraint("achievement_type <> ''", name="achievement_type"),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BigInteger, cascading("app_user.id"))
    achievement_type: Mapped[str] = mapped_column(
        String(100), comment="as progress/achievements.py defines it; of a section: type:slug"
    )
    earned_at: Mapped[Now]
    details: Mapped[dict[str, Any]] = mapped_column(
        "metadata", server_default="{}", comment="what it was given for"
    )
