"""The workers that grade, as they tell of themselves."""

from sqlalchemy import CheckConstraint, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import UUID, Base, Now


class GraderWorker(Base):
    """A worker whose heart beats; the queue knows its workers too, but not how they are."""

    __tablename__ = "grader_worker"
    __table_args__ = (
        CheckConstraint("state in ('starting', 'ready', 'broken')", name="state"),
        CheckConstraint("level in ('full', 'degraded', 'own')", name="level"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int] = mapped_column(Integer)
    version: Mapped[str] = mapped_column(String(40))
    concurrency: Mapped[int] = mapped_column(Integer, comment="attempts that it takes at once")
    state: Mapped[str] = mapped_column(String(10), comment="of its grader")
    level: Mapped[str | None] = mapped_column(String(10), comment="isolation in force")
    why: Mapped[str | None] = mapped_column(
        comment="what the isolation is made of, or why there is no grader"
    )
    started_at: Mapped[Now]
    seen_at: Mapped[Now]
