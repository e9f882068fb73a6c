"""How often a person does what is limited."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Double, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Moment, Now, cascading


class RateLimit(Base):
    """A bucket of tokens that refills with time; an act takes one."""

    __tablename__ = "rate_limit"
    __table_args__ = (CheckConstraint("burst >= 1 and used >= 0 and refused >= 0", name="counts"),)

    user_id: Mapped[int] = mapped_column(BigInteger, cascading("app_user.id"), primary_key=True)
    action: Mapped[str] = mapped_column(String(20), primary_key=True)
    tokens: Mapped[float] = mapped_column(
        Double, comment="what was left at last_used; it refills since"
    )
    rate: Mapped[float] = mapped_column(Double, comment="tokens a second, as last applied")
    burst: Mapped[int] = mapped_column(Integer, comment="most tokens, as last applied")
    first_seen: Mapped[Now]
    last_used: Mapped[Moment]
    used: Mapped[int] = mapped_column(BigInteger, server_default="0", comment="acts let through")
    refused: Mapped[int] = mapped_column(BigInteger, server_default="0", comment="acts turned away")
    last_refused: Mapped[datetime | None]
    last_key: Mapped[UUID | None] = mapped_column(
        comment="key of the last act; the same key again takes nothing"
    )
