"""The two hot paths, submitting and the verdict, made short.

A learner's work at a problem and the state of the skill model before their last episodes are kept,
so that a verdict reads neither the attempts before it nor all episodes. Null means: not summed up
yet; the next verdict does it. What is indexed and noted down for nobody goes.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

#: Of a problem's work, and of the model's.
COLUMNS: tuple[tuple[str, str, Any, str], ...] = (
    ("problem_progress", "tries", sa.Integer, "checks and submissions that were graded"),
    ("problem_progress", "errors", sa.Integer, "of them failed before the first pass"),
    ("problem_progress", "worked", sa.Interval, "pauses count 10 minutes at most"),
    ("problem_progress", "last_sent", sa.DateTime(timezone=True), "newest of these tries"),
    (
        "adaptive_difficulty",
        "undo",
        postgresql.JSONB(none_as_null=True),
        "what the newest episodes replaced: [number, mean, variance, skills], oldest first",
    ),
)
ATTEMPTS_COMMENT = "one cell for each test, see attempts/results.py; older: list of TestResultOut"
#: Name → table, columns and condition, before and now; None: none.
INDEXES = {
    "idx_kind_time": (
        "audit_event (kind, created_at)",
        "audit_event (kind, created_at) where not streamed",
    ),
    "idx_acts_on_others": (
        "audit_event (actor_id) where actor_id is distinct from learner_id",
        "audit_event (actor_id) where actor_id is not null"
        " and actor_id is distinct from learner_id",
    ),
}
#: Procrastinate's diary of its jobs: two rows for each, gone with the job, and never read by us.
DIARY = (
    "procrastinate_trigger_status_events_insert_v1",
    "procrastinate_trigger_status_events_update_v1",
    "procrastinate_trigger_scheduled_events_v1",
)

#: Its plan is kept by each session, which an SQL function's is not before PostgreSQL 18; and
#: nothing waits for a month. The search path of its caller means nothing.
AHEAD = """
create or replace function attempts_ahead(moment timestamptz) returns bigint
language plpgsql stable security definer
set search_path = {schema}, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
    return (
        select count(*) from problem_attempt
        where status is null and submitted_at < moment
          and submitted_at > now() - interval '31 days'
    );
end
$$
"""
AHEAD_BEFORE = """
create or replace function attempts_ahead(moment timestamptz) returns bigint
language sql stable security definer
begin atomic
    select count(*) from problem_attempt where status is null and submitted_at < moment;
end
"""
#: Results as they were kept before: the code that is gone back to knows no others. Some at a time.
UNPACK = """
update problem_attempt attempt set test_results = (
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'key', test ->> 'key', 'name', test ->> 'name', 'visible', test ->> 'visible',
        'status', told.status, 'max_points', (test ->> 'weight')::int,
        'points', case told.status when 'passed' then (test ->> 'weight')::int else 0 end,
        'message', case when told.status <> 'passed' then test ->> 'on_fail' end,
        'time_ms', told.milliseconds,
        'memory_bytes', case told.bytes when 'false' then null
                                        else coalesce(told.bytes, to_jsonb(memory_usage)) end
    ) || coalesce(told.rest, '{}')) order by place), '[]')
    from (
        select test, row_number() over (order by nth) - 1 as place
        from problem_version, jsonb_array_elements(content -> 'tests')
             with ordinality as each (test, nth)
        where id = attempt.version_id
          and (attempt.kind = 'submit' or test ->> 'visible' = 'sample')
    ) as tests
    cross join lateral (select test_results -> place::int as cell) as kept
    cross join lateral (
        select case jsonb_typeof(cell) when 'array' then cell ->> 0 else 'passed' end as status,
               case jsonb_typeof(cell) when 'array' then nullif(cell -> 1, 'null') else cell end
                   as milliseconds,
               case jsonb_typeof(cell) when 'array' then nullif(cell -> 2, 'null') end as bytes,
               case jsonb_typeof(cell) when 'array' then nullif(cell -> 3, 'null') end as rest
    ) as told
)
where (id, submitted_at) in (
    select id, submitted_at from problem_attempt
    where jsonb_typeof(test_results -> 0) <> 'object' limit 1000
)
"""


def upgrade() -> None:
    for table, name, kind, comment in COLUMNS:
        column = sa.Column(name, kind, nullable=True, comment=comment)
        op.add_column(table, column, if_not_exists=True)
    op.alter_column("problem_attempt", "test_results", comment=ATTEMPTS_COMMENT)
    schema = op.get_bind().scalar(sa.text("select quote_ident(current_schema())"))
    op.execute(AHEAD.format(schema=schema))
    for trigger in DIARY:
        op.execute(f"alter table procrastinate_jobs disable trigger {trigger}")
    with op.get_context().autocommit_block():
        for name, (_, now) in INDEXES.items():
            exchange(name, now)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        while op.get_bind().execute(sa.text(UNPACK)).rowcount:
            pass
        for name, (before, _) in INDEXES.items():
            exchange(name, before)
    for trigger in DIARY:
        op.execute(f"alter table procrastinate_jobs enable trigger {trigger}")
    op.execute(AHEAD_BEFORE)
    op.alter_column("problem_attempt", "test_results", comment="list of TestResultOut")
    for table, name, _, _ in COLUMNS:
        op.drop_column(table, name)


def exchange(name: str, definition: str) -> None:
    """While events go on being written; may be run again after it was stopped in the middle."""
    op.execute(f"drop index concurrently if exists {name}")
    op.execute(f"create index concurrently {name} on {definition}")
