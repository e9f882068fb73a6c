"""What happened, append-only; also the stream that a learner's browser follows."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Key, Now


class AuditEvent(Base):
    """A trigger refuses every change but that of giving an event its place in the chain."""

    __tablename__ = "audit_event"
    __table_args__ = (
        CheckConstraint("(seq is null) = (hash is null)", name="chained"),
        CheckConstraint("seq > 0", name="seq"),
        Index("idx_learner_events", "learner_id", "id"),
        Index(
            "idx_acts_on_others",
            "actor_id",
            postgresql_where=text("actor_id is not null and actor_id is distinct from learner_id"),
        ),
        # What learners are told is most of it, and is looked for by learner.
        Index("idx_kind_time", "kind", "created_at", postgresql_where=text("not streamed")),
        Index("idx_event_time", "created_at", postgresql_using="brin"),
        Index("idx_unchained", "id", postgresql_where=text("seq is null")),
    )

    id: Mapped[Key]
    created_at: Mapped[Now]
    actor_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="who did it; no foreign key: the record outlives the account"
    )
    learner_id: Mapped[int | None] = mapped_column(BigInteger, comment="whose stream it belongs to")
    kind: Mapped[str] = mapped_column(String(60))
    target: Mapped[str | None] = mapped_column(String(200))
    data: Mapped[dict[str, Any]] = mapped_column(
        server_default="{}", comment="what this kind of event tells"
    )
    streamed: Mapped[bool] = mapped_column(server_default="false", comment="sent to the browser")
    seq: Mapped[int | None] = mapped_column(BigInteger, unique=True, comment="place in the chain")
    hash: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="SHA-256 over the hash before it and this event"
    )
