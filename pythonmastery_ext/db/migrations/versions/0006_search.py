"""Searching in tests and in conversations, and finding all that names a person."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CONVERSATIONS = "ix_ai_interaction_context_data"
MONTHS = sa.text(
    "select inhrelid::regclass::text from pg_inherits"
    " where inhparent = 'ai_interaction'::regclass order by 1"
)
HALF_MADE = sa.text(
    "select true from pg_index where indexrelid = to_regclass(:index) and not indisvalid"
)


def upgrade() -> None:
    op.create_index(
        op.f("ix_test_case_input_data"),
        "test_case",
        ["input_data"],
        postgresql_using="gin",
        postgresql_ops={"input_data": "jsonb_path_ops"},
        if_not_exists=True,
    )
    comments(
        "{call, args, kwargs, kinds, values} where the assert can be split",
        "what was sent beside the message; in `about`, what one may search for",
    )
    with op.get_context().autocommit_block():
        events()
        conversations()


def downgrade() -> None:
    op.create_index(
        "idx_stream", "audit_event", ["learner_id", "id"], postgresql_where=sa.text("streamed")
    )
    op.drop_index("idx_acts_on_others", "audit_event")
    op.drop_index("idx_learner_events", "audit_event")
    op.drop_index(op.f(CONVERSATIONS), "ai_interaction")
    op.drop_index(op.f("ix_test_case_input_data"), "test_case")
    comments("{call, args} where the assert can be split", "what was sent beside the message")


def events() -> None:
    """Of the learner's events most are streamed: one index does for the stream and for exports."""
    for name in ("idx_learner_events", "idx_acts_on_others"):
        op.execute(f"drop index concurrently if exists {name}")
    op.create_index(
        "idx_learner_events", "audit_event", ["learner_id", "id"], postgresql_concurrently=True
    )
    op.execute("drop index concurrently if exists idx_stream")
    op.create_index(
        "idx_acts_on_others",
        "audit_event",
        ["actor_id"],
        postgresql_where=sa.text("actor_id is distinct from learner_id"),
        postgresql_concurrently=True,
    )


def comments(tests: str, conversations: str) -> None:
    op.alter_column("test_case", "input_data", comment=tests)
    op.alter_column("ai_interaction", "context_data", comment=conversations)


def conversations() -> None:
    """Month by month, while everybody goes on writing.

    May be run again after it was stopped in the middle.
    """
    definition = "using gin ((context_data -> 'about') jsonb_path_ops)"
    op.execute(f"create index if not exists {CONVERSATIONS} on only ai_interaction {definition}")
    for month in op.get_bind().scalars(MONTHS).all():
        index = f"{month}_context_data_idx"
        if op.get_bind().scalar(HALF_MADE, {"index": index}):
            op.execute(f"drop index concurrently {index}")
        op.execute(f"create index concurrently if not exists {index} on {month} {definition}")
        op.execute(f"alter index {CONVERSATIONS} attach partition {index}")
