"""The audit log is sealed some hundred events at a time, and an event is written once.

Until now each event was written a second time to give it a hash, and had two entries of indexes for
that. The hashes are the same, but only every so many of them is kept, in a seal. Events that have
their own keep them, and the first seal goes on from the last of these.

Workers of an older release go on chaining event by event until a worker of this one makes the first
seal; from then on the database refuses them that, and they do all else and say so in their log.
They find what has no hash by a block index, since the narrow one would have every new event.

A learner's events are found by stretches of ids, of which many events share one entry.

Going back: the code of before chains again from where the events' own hashes end, and the seals go;
so verify first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ONLY_GROWS = """
create or replace function audit_event_only_grows() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.seq is null and new.seq is not null and new.hash is not null
        and (new.id, new.created_at, new.actor_id, new.learner_id, new.kind, new.target, new.data,
             new.streamed)
        is not distinct from
            (old.id, old.created_at, old.actor_id, old.learner_id, old.kind, old.target, old.data,
             old.streamed)
    {and_}then
        return new;
    end if;
    raise insufficient_privilege using message = 'the audit log only grows';
end
$$
"""
UNSEALED = "    and not exists (select from {schema}.audit_seal)\n    "
SEALS_GROW = """
create or replace function audit_seal_only_grows() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and new.number = old.number and new.seq > old.seq
        and new.last_id > old.last_id
        and substr(new.marks, 1, length(old.marks)) = old.marks
        and not exists (select from {schema}.audit_seal where number > old.number)
    then
        return new;
    end if;
    raise insufficient_privilege using message = 'the seals of the audit log stay as they are';
end
$$
"""
TRIGGERS = {
    "only_grows": "before update or delete on audit_seal for each row",
    "never_empties": "before truncate on audit_seal for each statement",
}
#: Name → definition, now and before. Each is made beside the other one, which then goes.
INDEXES = {
    "idx_unchained": ("audit_event using brin (seq)", "audit_event (id) where seq is null"),
    "idx_learner_events": ("audit_event (learner_id, (id >> 16))", "audit_event (learner_id, id)"),
}
COMMENTS = {
    "seq": (
        "place in the chain of before revision 0016; null: see audit_seal",
        "place in the chain",
    ),
    "hash": (
        "SHA-256 over the hash before it and this event; null as seq",
        "SHA-256 over the hash before it and this event",
    ),
}


def upgrade() -> None:
    op.create_table(
        "audit_seal",
        sa.Column("number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column(
            "seq",
            sa.BigInteger,
            nullable=False,
            comment="events up to here, with those that have hashes of their own",
        ),
        sa.Column(
            "last_id",
            sa.BigInteger,
            nullable=False,
            comment="its events: from after that of the seal before to this one",
        ),
        sa.Column(
            "hash",
            sa.LargeBinary,
            nullable=False,
            comment="of its last event, made from the hash before it and that event",
        ),
        sa.Column(
            "marks",
            sa.LargeBinary,
            nullable=False,
            comment="two bytes of the SHA-256 of each event, to find the one that changed",
        ),
        sa.CheckConstraint("number > 0 and seq > 0", name=op.f("ck_audit_seal_places")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seal")),
        if_not_exists=True,
    )
    schema = op.get_bind().scalar(sa.text("select quote_ident(current_schema())"))
    op.execute(SEALS_GROW.format(schema=schema))
    for name, when in TRIGGERS.items():
        op.execute(
            f"create or replace trigger {name} {when} execute function audit_seal_only_grows()"
        )
    op.execute(ONLY_GROWS.format(and_=UNSEALED.format(schema=schema)))
    # It was for the second writing of each row.
    op.execute("alter table audit_event reset (autovacuum_vacuum_scale_factor)")
    comments(0)
    with op.get_context().autocommit_block():
        op.execute("drop index concurrently if exists idx_chained")
        op.execute(
            "create unique index concurrently idx_chained on audit_event (seq)"
            " where seq is not null"
        )
        op.execute("alter table audit_event drop constraint if exists uq_audit_event_seq")
        indexes(0)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("drop index concurrently if exists uq_audit_event_new")
        op.execute("create unique index concurrently uq_audit_event_new on audit_event (seq)")
        op.execute("alter table audit_event drop constraint if exists uq_audit_event_seq")
        op.execute(
            "alter table audit_event add constraint uq_audit_event_seq unique"
            " using index uq_audit_event_new"
        )
        op.execute("drop index concurrently if exists idx_chained")
        indexes(1)
    comments(1)
    op.execute("alter table audit_event set (autovacuum_vacuum_scale_factor = 0.02)")
    op.execute(ONLY_GROWS.format(and_=""))
    op.drop_table("audit_seal")
    op.execute("drop function audit_seal_only_grows()")


def indexes(which: int) -> None:
    """While events go on being written; may be run again after it was stopped in the middle."""
    for name, definitions in INDEXES.items():
        op.execute(f"drop index concurrently if exists {name}_new")
        definition = definitions[which].replace("audit_event", f"{name}_new on audit_event", 1)
        op.execute(f"create index concurrently {definition}")
        op.execute(f"drop index concurrently if exists {name}")
        op.execute(f"alter index {name}_new rename to {name}")


def comments(which: int) -> None:
    for column, said in COMMENTS.items():
        op.alter_column("audit_event", column, comment=said[which])
