"""The audit log as a chain that only grows."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

#: An update may only give a row its place in the chain, once. The owner of the table can switch the
#: trigger off, which is a change of the schema and never happens by mistake.
ONLY_GROWS = """
create function audit_event_only_grows() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.seq is null and new.seq is not null and new.hash is not null
        and (new.id, new.created_at, new.actor_id, new.learner_id, new.kind, new.target, new.data,
             new.streamed)
        is not distinct from
            (old.id, old.created_at, old.actor_id, old.learner_id, old.kind, old.target, old.data,
             old.streamed)
    then
        return new;
    end if;
    raise insufficient_privilege using message = 'the audit log only grows';
end
$$
"""


def upgrade() -> None:
    op.add_column(
        "audit_event",
        sa.Column("seq", sa.BigInteger, nullable=True, comment="place in the chain"),
        if_not_exists=True,
    )
    op.add_column(
        "audit_event",
        sa.Column(
            "hash",
            sa.LargeBinary,
            nullable=True,
            comment="SHA-256 over the hash before it and this event",
        ),
        if_not_exists=True,
    )
    with op.get_context().autocommit_block():
        rules()
    # Each row is changed once, seconds after it was made: its first form has to go soon.
    op.execute("alter table audit_event set (autovacuum_vacuum_scale_factor = 0.02)")
    op.execute(ONLY_GROWS)
    op.execute(
        "create trigger only_grows before update or delete on audit_event"
        " for each row execute function audit_event_only_grows()"
    )
    op.execute(
        "create trigger never_empties before truncate on audit_event"
        " for each statement execute function audit_event_only_grows()"
    )


def rules() -> None:
    """While events go on being written; may be run again after it was stopped in the middle."""
    for name in ("uq_audit_event_seq", "ck_audit_event_chained"):
        op.execute(f"alter table audit_event drop constraint if exists {name}")
    for name in ("uq_audit_event_seq", "idx_unchained"):
        op.execute(f"drop index concurrently if exists {name}")
    op.execute("create unique index concurrently uq_audit_event_seq on audit_event (seq)")
    op.execute(
        "alter table audit_event add constraint uq_audit_event_seq unique"
        " using index uq_audit_event_seq"
    )
    op.execute(
        "alter table audit_event add constraint ck_audit_event_chained"
        " check ((seq is null) = (hash is null)) not valid"
    )
    op.execute("alter table audit_event validate constraint ck_audit_event_chained")
    op.execute("create index concurrently idx_unchained on audit_event (id) where seq is null")


def downgrade() -> None:
    op.execute("drop trigger never_empties on audit_event")
    op.execute("drop trigger only_grows on audit_event")
    op.execute("drop function audit_event_only_grows()")
    op.execute("alter table audit_event reset (autovacuum_vacuum_scale_factor)")
    op.drop_index("idx_unchained", "audit_event")
    op.drop_constraint("ck_audit_event_chained", "audit_event")
    op.drop_constraint("uq_audit_event_seq", "audit_event")
    op.drop_column("audit_event", "hash")
    op.drop_column("audit_event", "seq")
