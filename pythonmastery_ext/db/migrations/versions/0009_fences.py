"""Rate limits, and rows that only their owner sees.

Web handlers that act for a learner do it as pythonmastery_web, a role that cannot log in: each of
their transactions takes it on and says in `pm.uid` whose rows it may see. The owner of the tables
(workers, chores, commands, the streams) is not held back.

Roles belong to the whole server and are shared by its databases; privileges belong to one. So the
function pythonmastery_fence() makes whatever is missing of both. It is called here, at each start,
and after a restore, and says in words what an admin has to do where we may not.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
#: In brackets with `select`, so that it is worked out once for a statement and not for each row.
ME = "(select nullif(current_setting('pm.uid', true), '')::bigint)"
#: Whose the rows are, where no column `user_id` says it.
OWNERS = {"app_user": "id"}
#: Without a policy of the common form.
OTHERS = ("audit_event",)

#: What happened can be written down, and not be read back.
RECORD = "select (id), insert (actor_id, learner_id, kind, target, data, streamed)"
#: Web handlers, for a learner, on the learner's own rows. A verdict is not theirs to write.
WEB = {
    "app_user": "select",
    "achievement": "select",
    "adaptive_difficulty": "select",
    "adaptive_episode": "select",
    "ai_consent": "select, insert, update",
    "ai_interaction": "select, insert, update",
    "audit_event": RECORD,
    "data_request": "select, insert, update",
    "learner_day": "select",
    "learning_analytics": "select",
    "problem_attempt": "select, insert",
    "problem_progress": "select, insert",
    "session": "select, insert, update",
    "submission_key": "select, insert",
    "unlocked_hint": "select, insert",
    "user_profile": "select, insert, update",
    "user_progress": "select",
    "user_stats": "select",
    # The queue that a submission goes into.
    "procrastinate_jobs": "select (id), insert",
    "procrastinate_events": "insert",
}
#: How such rows have to begin, in addition: without a verdict, and without what follows from one.
BEGINNINGS = {
    "problem_attempt": "status is null and graded_at is null and points is null"
    " and test_results is null and xp_gained = 0",
    "problem_progress": "solved_at is null and best_points = 0 and xp = 0",
}
#: What is nobody's: the course and what is known of it. Its tests are needed to say how many points
#: there are; what of them is shown is for the handlers to decide.
COURSE = (
    "hint",
    "item_difficulty",
    "problem",
    "problem_profile",
    "problem_stats",
    "problem_version",
    "section",
    "skill_difficulty",
    "test_case",
)
#: What an instructor may read, of all learners; a role of its own, as the authority decides it.
INSTRUCTOR = (
    "achievement",
    "adaptive_difficulty",
    "adaptive_episode",
    "ai_interaction",
    "learning_analytics",
    "problem_attempt",
    "problem_progress",
    "unlocked_hint",
    "user_progress",
    "user_stats",
)
SHOWN = {"app_user": "select (id, username, display_name, avatar_url, role)"}
SEQUENCES = ("procrastinate_jobs_id_seq", "procrastinate_events_id_seq")

#: How many wait before this one: the one number of other learners that a learner is told. Its names
#: are resolved here once, so the search path of its caller means nothing.
AHEAD = """
create function attempts_ahead(moment timestamptz) returns bigint
language sql stable security definer
begin atomic
    select count(*) from problem_attempt where status is null and submitted_at < moment;
end
"""
FENCE = """
create function pythonmastery_fence() returns text language plpgsql as $fence$
declare
    able text := case when current_setting('server_version_num')::int < 160000
                      then 'member' else 'set' end;
    part text;
begin
    perform pg_advisory_xact_lock(7281944309);
    foreach part in array array['pythonmastery_web', 'pythonmastery_instructor'] loop
        if not exists (select from pg_roles where rolname = part) then
            begin
                execute format('create role %I nologin', part);
            exception
                -- Another database of this server was quicker.
                when duplicate_object or unique_violation then null;
                when insufficient_privilege then
                    return format('create role %I nologin; grant %I to %I;',
                                  part, part, current_user);
            end;
        end if;
        if not pg_has_role(current_user, part, able) then
            begin
                execute format('grant %I to %I', part, current_user);
            exception when insufficient_privilege then
                return format('grant %I to %I;', part, current_user);
            end;
        end if;
        execute format('grant usage on schema %I to %I', current_schema(), part);
    end loop;
    -- The last of the privileges tells whether all are there.
    if not has_function_privilege('pythonmastery_web', 'attempts_ahead(timestamptz)', 'execute')
    then
        GRANTS
    end if;
    return null;
end
$fence$
"""
#: The roles go with the last database that uses them, if we may drop them.
UNFENCE = """
do $$
declare part text;
begin
    foreach part in array array['pythonmastery_web', 'pythonmastery_instructor'] loop
        continue when not exists (select from pg_roles where rolname = part);
        execute format('revoke all on all tables in schema %I from %I', current_schema(), part);
        execute format('revoke all on all sequences in schema %I from %I', current_schema(), part);
        execute format('revoke all on schema %I from %I', current_schema(), part);
        begin
            execute format('drop role %I', part);
        exception when dependent_objects_still_exist or insufficient_privilege then null;
        end;
    end loop;
end
$$
"""


def upgrade() -> None:
    limits()
    for table, owner in fenced().items():
        op.execute(f"alter table {table} enable row level security")
        if table not in OTHERS:
            op.execute(
                f"create policy own on {table} using ({owner} = {ME}) with check ({owner} = {ME})"
            )
    op.execute(
        f"create policy own on audit_event using (learner_id = {ME} or actor_id = {ME})"
        f" with check (coalesce(learner_id, actor_id) = {ME} and coalesce(actor_id, {ME}) = {ME})"
    )
    for table, beginning in BEGINNINGS.items():
        op.execute(
            f"create policy begins on {table} as restrictive for insert with check ({beginning})"
        )
    op.execute(AHEAD)
    op.execute("revoke execute on function attempts_ahead(timestamptz) from public")
    plainly(FENCE.replace("GRANTS", grants()))
    op.execute("select pythonmastery_fence()")
    op.create_check_constraint(
        op.f("ck_hint_kind"), "hint", "kind in ('nudge', 'concept', 'plan', 'partial')"
    )
    comments("addresses to read on", "what this kind of event tells")


def comments(links: str | None, data: str | None) -> None:
    op.alter_column("hint", "links", comment=links)
    op.alter_column("audit_event", "data", comment=data)


def plainly(statement: str) -> None:
    """As it stands, with its percent signs."""
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(statement)


def fenced() -> dict[str, str]:
    """Each table with rows of people → the column that says whose."""
    found = op.get_bind().execute(
        sa.text(
            "select table_.relname from pg_class table_"
            " join pg_attribute owner on owner.attrelid = table_.oid"
            " where table_.relnamespace = to_regnamespace(current_schema())"
            " and table_.relkind in ('r', 'p') and not table_.relispartition"
            " and owner.attname = 'user_id' order by 1"
        )
    )
    return dict.fromkeys(found.scalars(), "user_id") | OWNERS | dict.fromkeys(OTHERS, "")


def grants() -> str:
    """The body of the function: privileges, and the policies that name a role."""
    allowed = WEB | dict.fromkeys(COURSE, "select")
    lines = [f"grant {what} on {table} to pythonmastery_web;" for table, what in allowed.items()]
    for table in ("app_user", *INSTRUCTOR):
        columns = SHOWN.get(table, "select")
        lines += [
            f"grant {columns} on {table} to pythonmastery_instructor;",
            f"create policy taught on {table} for select to pythonmastery_instructor using (true);",
        ]
    lines += [f"grant select on {table} to pythonmastery_instructor;" for table in COURSE]
    lines.append(f"grant {RECORD} on audit_event to pythonmastery_instructor;")
    lines += [f"grant usage on sequence {name} to pythonmastery_web;" for name in SEQUENCES]
    lines.append("grant execute on function attempts_ahead(timestamptz) to pythonmastery_web;")
    return "\n        ".join(lines)


def downgrade() -> None:
    comments(None, None)
    op.drop_constraint(op.f("ck_hint_kind"), "hint")
    op.execute("drop function pythonmastery_fence()")
    op.execute("drop function attempts_ahead(timestamptz)")
    for table in BEGINNINGS:
        op.execute(f"drop policy begins on {table}")
    for table in fenced():
        op.execute(f"drop policy if exists taught on {table}")
        op.execute(f"drop policy if exists own on {table}")
        op.execute(f"alter table {table} disable row level security")
    plainly(UNFENCE)
    op.drop_table("rate_limit")


def limits() -> None:
    op.create_table(
        "rate_limit",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column(
            "tokens",
            sa.Double,
            nullable=False,
            comment="what was left at last_used; it refills since",
        ),
        sa.Column("rate", sa.Double, nullable=False, comment="tokens a second, as last applied"),
        sa.Column("burst", sa.Integer, nullable=False, comment="most tokens, as last applied"),
        sa.Column("first_seen", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used", TIME, nullable=False),
        sa.Column(
            "used", sa.BigInteger, server_default="0", nullable=False, comment="acts let through"
        ),
        sa.Column(
            "refused",
            sa.BigInteger,
            server_default="0",
            nullable=False,
            comment="acts turned away",
        ),
        sa.Column("last_refused", TIME, nullable=True),
        sa.Column(
            "last_key",
            sa.Uuid,
            nullable=True,
            comment="key of the last act; the same key again takes nothing",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app_user.id"],
            name=op.f("fk_rate_limit_user_id_app_user"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "action", name=op.f("pk_rate_limit")),
    )
