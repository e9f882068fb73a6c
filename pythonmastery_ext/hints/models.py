"""Hints that a learner has opened."""

from sqlalchemy import BigInteger, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Now


class UnlockedHint(Base):
    """Keyed by the hint's place, not its row: a new version of the text does not close it again."""

    __tablename__ = "unlocked_hint"

    user_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("app_user.id", onupdate="CASCADE", ondelete="CASCADE"),
        primary_key=True,
    )
    problem_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("problem.id", onupdate="CASCADE", ondelete="CASCADE"),
        primary_key=True,
    )
    hint_order: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    opened_at: Mapped[Now]
