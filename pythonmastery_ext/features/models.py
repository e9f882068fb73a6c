"""What can be switched off while the service runs."""

from sqlalchemy import CheckConstraint, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Now


class Feature(Base):
    """A feature as an admin set it; one without a row is on, as configured."""

    __tablename__ = "feature"
    __table_args__ = (
        CheckConstraint("name in ('tutor', 'leaderboard', 'submitting', 'sign_ups')", name="name"),
        CheckConstraint("amount between 0 and 10000", name="amount"),
    )

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    enabled: Mapped[bool] = mapped_column(server_default="true")
    message: Mapped[str | None] = mapped_column(
        String(300), comment="what people are told while it is off"
    )
    amount: Mapped[int | None] = mapped_column(
        Integer, comment="tutor: questions of a learner in 24 hours; null: as configured"
    )
    changed_at: Mapped[Now]
