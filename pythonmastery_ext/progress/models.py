"""How far a learner is, by problem and by section."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Key, Now, cascading


class UserProgress(Base):
    __tablename__ = "user_progress"
    __table_args__ = (
        UniqueConstraint("user_id", "section_id"),
        CheckConstraint("completion_percentage between 0 and 100", name="completion_percentage"),
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
    streak_days: Mapped[int] = mapped_column(Integer, server_default="0")
    last_activity: Mapped[datetime | None]


class ProblemProgress(Base):
    """One learner at one problem; kept in the verdict's transaction."""

    __tablename__ = "problem_progress"

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
    aided: Mapped[bool] = mapped_column(
        server_default="false", comment="a hint or the tutor was used before it was solved"
    )
