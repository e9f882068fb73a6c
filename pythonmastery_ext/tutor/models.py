"""Conversations with the tutor."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    String,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Key, Moment, Now, cascading


class AIInteraction(Base):
    """One question and the answer as it was shown; partitioned by month of `created_at`."""

    __tablename__ = "ai_interaction"
    __table_args__ = (
        CheckConstraint(
            "message_type in ('question', 'hint_request', 'explanation', 'code_review')",
            name="message_type",
        ),
        CheckConstraint("response_quality between 1 and 5", name="response_quality"),
        CheckConstraint(
            "state in ('streaming', 'complete', 'cut', 'blocked', 'failed')", name="state"
        ),
        CheckConstraint("source in ('gemini', 'built_in')", name="source"),
        Index("idx_user_time", "user_id", text("created_at desc")),
        Index("idx_problem_type", "problem_id", "message_type"),
        # Not of the material, whose long texts nobody looks for as they stand.
        Index(
            "ix_ai_interaction_context_data",
            literal_column("(context_data -> 'about')").label("about"),
            postgresql_using="gin",
            postgresql_ops={"about": "jsonb_path_ops"},
        ),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, comment="UUIDv7 of created_at")
    created_at: Mapped[Moment] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("app_user.id", onupdate="CASCADE", ondelete="CASCADE")
    )
    problem_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("problem.id", onupdate="CASCADE", ondelete="CASCADE")
    )
    message_type: Mapped[str] = mapped_column(String(20))
    user_message: Mapped[str]
    ai_response: Mapped[str] = mapped_column(server_default="")
    context_data: Mapped[dict[str, Any] | None] = mapped_column(
        comment="what was sent beside the message; in `about`, what one may search for"
    )
    response_quality: Mapped[int | None] = mapped_column(
        SmallInteger, comment="the learner's rating"
    )
    processing_time: Mapped[float | None] = mapped_column(
        Numeric(12, 3, asdecimal=False), comment="milliseconds"
    )
    state: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(20))
    model: Mapped[str | None] = mapped_column(String(100))
    prompt_version: Mapped[str | None] = mapped_column(String(40))
    input_tokens: Mapped[int | None] = mapped_column(Integer)
    output_tokens: Mapped[int | None] = mapped_column(Integer)


class AIConsent(Base):
    """What a learner said to the question whether Gemini may be asked; the newest row counts."""

    __tablename__ = "ai_consent"
    __table_args__ = (Index("idx_newest_consent", "user_id", text("id desc")),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(cascading("app_user.id"))
    version: Mapped[str] = mapped_column(String(20), comment="of the text that was answered")
    agreed: Mapped[bool]
    decided_at: Mapped[Now]
