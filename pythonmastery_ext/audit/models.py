"""What happened, append-only; also the stream that a learner's browser follows."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Key, Now


class AuditEvent(Base):
    """A trigger refuses every change, once there is a seal."""

    __tablename__ = "audit_event"
    __table_args__ = (
        CheckConstraint("(seq is null) = (hash is null)", name="chained"),
        CheckConstraint("seq > 0", name="seq"),
        # A stretch of 65,536 ids has many events of a learner, which share one entry.
        Index("idx_learner_events", "learner_id", text("(id >> 16)")),
        Index(
            "idx_acts_on_others",
            "actor_id",
            postgresql_where=text("actor_id is not null and actor_id is distinct from learner_id"),
        ),
        # What learners are told is most of it, and is looked for by learner.
        Index("idx_kind_time", "kind", "created_at", postgresql_where=text("not streamed")),
        Index("idx_event_time", "created_at", postgresql_using="brin"),
        # For workers of older releases while an upgrade goes on: the last that has a place, and
        # those that have none.
        Index("idx_chained", "seq", unique=True, postgresql_where=text("seq is not null")),
        Index("idx_unchained", "seq", postgresql_using="brin"),
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
    seq: Mapped[int | None] = mapped_column(
        BigInteger, comment="place in the chain of before revision 0016; null: see audit_seal"
    )
    hash: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="SHA-256 over the hash before it and this event; null as seq"
    )


class AuditSeal(Base):
    """Of some hundred events; a trigger refuses every change but that of adding to the last one."""

    __tablename__ = "audit_seal"
    __table_args__ = (CheckConstraint("number > 0 and seq > 0", name="places"),)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(
        BigInteger, comment="events up to here, with those that have hashes of their own"
    )
    last_id: Mapped[int] = mapped_column(
        BigInteger, comment="its events: from after that of the seal before to this one"
    )
    hash: Mapped[bytes] = mapped_column(
        LargeBinary, comment="of its last event, made from the hash before it and that event"
    )
    marks: Mapped[bytes] = mapped_column(
        LargeBinary, comment="two bytes of the SHA-256 of each event, to find the one that changed"
    )
