"""What happened, append-only; also the stream that a learner's browser follows."""

from typing import Any

from sqlalchemy import BigInteger, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Key, Now


class AuditEvent(Base):
    __tablename__ = "audit_event"
    __table_args__ = (
        Index("idx_stream", "learner_id", "id", postgresql_where=text("streamed")),
        Index("idx_kind_time", "kind", "created_at"),
    )

    id: Mapped[Key]
    created_at: Mapped[Now]
    actor_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="who did it; no foreign key: the record outlives the account"
    )
    learner_id: Mapped[int | None] = mapped_column(BigInteger, comment="whose stream it belongs to")
    kind: Mapped[str] = mapped_column(String(60))
    target: Mapped[str | None] = mapped_column(String(200))
    data: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    streamed: Mapped[bool] = mapped_column(server_default="false", comment="sent to the browser")
