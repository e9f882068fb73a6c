"""Gradings done again, and what each of them changed; the verdicts before are kept here."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Key, Moment, Now, cascading


class Regrade(Base):
    """One order to grade finished attempts again."""

    __tablename__ = "regrade"

    id: Mapped[Key]
    created_at: Mapped[Now]
    selection: Mapped[dict[str, Any]] = mapped_column(comment="what was asked for")
    dry: Mapped[bool] = mapped_column(comment="only told what would change")
    total: Mapped[int] = mapped_column(Integer, server_default="0")
    finished_at: Mapped[datetime | None]


class RegradeItem(Base):
    """One attempt of a regrade; its job looks here whether it is still to be done."""

    __tablename__ = "regrade_item"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'same', 'changed', 'failed')", name="state"),
        Index("idx_regrade_waiting", "regrade_id", postgresql_where=text("state = 'waiting'")),
    )

    regrade_id: Mapped[int] = mapped_column(BigInteger, cascading("regrade.id"), primary_key=True)
    attempt_id: Mapped[UUID] = mapped_column(primary_key=True)
    submitted_at: Mapped[Moment]
    user_id: Mapped[int] = mapped_column(BigInteger, cascading("app_user.id"), index=True)
    version_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("problem_version.id", onupdate="CASCADE", ondelete="CASCADE"),
        comment="whose tests the attempt is graded against now",
    )
    state: Mapped[str] = mapped_column(String(10), server_default="waiting")
    tries: Mapped[int] = mapped_column(Integer, server_default="0")
    before: Mapped[dict[str, Any] | None] = mapped_column(comment="the verdict as it was")
    after: Mapped[dict[str, Any] | None] = mapped_column(comment="status and points as they are")
    reason: Mapped[str | None] = mapped_column(comment="why it could not be graded again")
    done_at: Mapped[datetime | None]
