"""The tables of the first release, and Procrastinate's."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(none_as_null=True)
TIME = sa.DateTime(timezone=True)
NOW = sa.text("now()")

TABLES = (
    "audit_event",
    "ai_interaction",
    "problem_progress",
    "user_progress",
    "submission_key",
    "problem_attempt",
    "unlocked_hint",
    "hint",
    "test_case",
    "problem_version",
    "problem",
    "section",
    "app_user",
)

#: Months that an archive has detached and not written yet: they refer to what goes.
DROP_MONTHS = r"""
do $$
declare month regclass;
begin
    for month in
        select oid from pg_class
        where relname ~ '^(problem_attempt|ai_interaction)_\d{4}_\d{2}$' and relkind = 'r'
          and not relispartition and relnamespace = to_regnamespace(current_schema())
    loop execute 'drop table ' || month; end loop;
end $$
"""
DROP_PROCRASTINATE = r"""
do $$
declare thing text;
begin
    for thing in
        select format('drop table %s cascade', oid::regclass) from pg_class
        where relname like 'procrastinate\_%' and relkind = 'r'
          and relnamespace = to_regnamespace(current_schema())
    loop execute thing; end loop;
    for thing in
        select format('drop function %s cascade', oid::regprocedure) from pg_proc
        where proname like 'procrastinate\_%' and pronamespace = to_regnamespace(current_schema())
    loop execute thing; end loop;
    for thing in
        select format('drop type %s cascade', oid::regtype) from pg_type
        where typname like 'procrastinate\_%' and typnamespace = to_regnamespace(current_schema())
          and typtype in ('c', 'e')
    loop execute thing; end loop;
end $$
"""


def column(name: str, kind: Any, *, nullable: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable, **more)


def key() -> sa.Column[Any]:
    return column("id", sa.BigInteger, server_default=sa.Identity(always=True))


def reference(table: str, name: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [name],
        [f"{target}.id"],
        name=op.f(f"fk_{table}_{name}_{target}"),
        onupdate="CASCADE",
        ondelete="CASCADE",
    )


def upgrade() -> None:
    people()
    sections()
    problems()
    versions()
    tests_and_hints()
    attempts()
    submission_keys()
    progress()
    conversations()
    events()
    # All its statements in one go: they hold `%` and `;` inside function bodies.
    plain = op.get_bind().execution_options(no_parameters=True)
    plain.exec_driver_sql(SchemaManager.get_schema())


def downgrade() -> None:
    op.execute(DROP_MONTHS)
    op.drop_constraint("fk_problem_version_id_problem_version", "problem")
    for table in TABLES:
        op.drop_table(table)
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(DROP_PROCRASTINATE)


def people() -> None:
    op.create_table(
        "app_user",
        key(),
        column(
            "github_id",
            sa.BigInteger,
            nullable=True,
            comment="GitHub's number; logins are renamed and reused",
        ),
        column("username", sa.String(255), comment="name at the hub; 'local' on one's own machine"),
        column("email", sa.String(320), nullable=True),
        column("display_name", sa.String(255), nullable=True),
        column("avatar_url", sa.String(2048), nullable=True),
        column("role", sa.String(20), server_default="student"),
        column("created_at", TIME, server_default=NOW),
        column("updated_at", TIME, server_default=NOW),
        sa.CheckConstraint(
            "role in ('student', 'instructor', 'admin')", name=op.f("ck_app_user_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("github_id", name=op.f("uq_app_user_github_id")),
        sa.UniqueConstraint("username", name=op.f("uq_app_user_username")),
    )


def sections() -> None:
    op.create_table(
        "section",
        key(),
        column("slug", sa.String(80)),
        column("name", sa.String(200)),
        column("description", sa.Text),
        column("order_index", sa.Integer),
        column("prerequisites", JSON, server_default="[]", comment="slugs of sections"),
        column("difficulty_level", sa.String(20)),
        column("estimated_hours", sa.Numeric(5, 1)),
        column(
            "retired",
            sa.Boolean,
            server_default="false",
            comment="no longer in the course folder; kept for its attempts",
        ),
        sa.CheckConstraint(
            "difficulty_level in ('beginner', 'intermediate', 'advanced')",
            name=op.f("ck_section_difficulty_level"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_section")),
        sa.UniqueConstraint("slug", name=op.f("uq_section_slug")),
    )
    op.create_index("ix_section_order_index", "section", ["order_index"])


def problems() -> None:
    op.create_table(
        "problem",
        key(),
        column("uid", sa.Uuid, comment="id in the author notebook; survives renames"),
        column("slug", sa.String(80)),
        column("section_id", sa.BigInteger),
        column("title", sa.String(200)),
        column("description", sa.Text, comment="the statement, Markdown"),
        column("business_context", sa.Text, comment="Markdown"),
        column("starter_code", sa.Text),
        column(
            "solution_template", sa.Text, comment="the solution cell; never leaves the authority"
        ),
        column("difficulty_score", sa.SmallInteger),
        column("minutes", sa.SmallInteger),
        column("domain", sa.String(80)),
        column("order_index", sa.Integer),
        column("status", sa.String(20)),
        column(
            "version_id",
            sa.BigInteger,
            nullable=True,
            comment="the version that new attempts are graded against",
        ),
        column("created_at", TIME, server_default=NOW),
        column("updated_at", TIME, server_default=NOW),
        sa.CheckConstraint(
            "status in ('draft', 'review', 'published', 'deprecated')",
            name=op.f("ck_problem_status"),
        ),
        sa.CheckConstraint(
            "difficulty_score between 1 and 10", name=op.f("ck_problem_difficulty_score")
        ),
        reference("problem", "section_id", "section"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem")),
        sa.UniqueConstraint("slug", name=op.f("uq_problem_slug")),
        sa.UniqueConstraint("uid", name=op.f("uq_problem_uid")),
    )
    op.create_index("ix_problem_difficulty_score", "problem", ["difficulty_score"])
    op.create_index("ix_problem_section_id_order_index", "problem", ["section_id", "order_index"])


def versions() -> None:
    op.create_table(
        "problem_version",
        key(),
        column("problem_id", sa.BigInteger),
        column("version", sa.String(40), comment="semantic version"),
        column("content_sha", sa.String(64), comment="SHA-256 of what was parsed"),
        column("content", JSON, comment="ProblemContent: all that grading needs"),
        column("student_notebook", JSON, comment="nbformat 4, derived"),
        column("max_points", sa.Integer),
        column("created_at", TIME, server_default=NOW),
        column("updated_at", TIME, server_default=NOW),
        reference("problem_version", "problem_id", "problem"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_version")),
        sa.UniqueConstraint(
            "problem_id", "version", name=op.f("uq_problem_version_problem_id_version")
        ),
    )
    op.create_foreign_key(
        op.f("fk_problem_version_id_problem_version"),
        "problem",
        "problem_version",
        ["version_id"],
        ["id"],
        onupdate="CASCADE",
        ondelete="SET NULL",
    )


def tests_and_hints() -> None:
    op.create_table(
        "test_case",
        key(),
        column("problem_id", sa.BigInteger),
        column("version_id", sa.BigInteger),
        column("key", sa.String(80)),
        column("name", sa.String(200)),
        column("order_index", sa.Integer),
        column("source", sa.Text),
        column(
            "input_data", JSON, nullable=True, comment="{call, args} where the assert can be split"
        ),
        column(
            "expected_output", JSON, nullable=True, comment="{value} where the assert can be split"
        ),
        column("is_sample", sa.Boolean),
        column("weight", sa.SmallInteger),
        column("on_fail", sa.Text, nullable=True),
        sa.CheckConstraint("weight between 1 and 10", name=op.f("ck_test_case_weight")),
        reference("test_case", "problem_id", "problem"),
        reference("test_case", "version_id", "problem_version"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_case")),
        sa.UniqueConstraint("version_id", "key", name=op.f("uq_test_case_version_id_key")),
    )
    op.create_index("ix_test_case_problem_id", "test_case", ["problem_id"])
    op.create_table(
        "hint",
        key(),
        column("problem_id", sa.BigInteger),
        column("version_id", sa.BigInteger),
        column("hint_order", sa.SmallInteger),
        column("kind", sa.String(20)),
        column("hint_text", sa.Text),
        column("links", JSON, server_default="[]"),
        column("unlock_condition", JSON, comment="grammar in docs/instructor.md"),
        sa.CheckConstraint("hint_order between 1 and 4", name=op.f("ck_hint_hint_order")),
        reference("hint", "problem_id", "problem"),
        reference("hint", "version_id", "problem_version"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hint")),
        sa.UniqueConstraint("version_id", "hint_order", name=op.f("uq_hint_version_id_hint_order")),
    )
    op.create_index("ix_hint_problem_id", "hint", ["problem_id"])
    op.create_table(
        "unlocked_hint",
        column("user_id", sa.BigInteger),
        column("problem_id", sa.BigInteger),
        column("hint_order", sa.SmallInteger),
        column("opened_at", TIME, server_default=NOW),
        reference("unlocked_hint", "problem_id", "problem"),
        reference("unlocked_hint", "user_id", "app_user"),
        sa.PrimaryKeyConstraint(
            "user_id", "problem_id", "hint_order", name=op.f("pk_unlocked_hint")
        ),
    )


def attempts() -> None:
    op.create_table(
        "problem_attempt",
        column("id", sa.Uuid),
        column("submitted_at", TIME, comment="the authority's clock, UTC"),
        column("user_id", sa.BigInteger),
        column("problem_id", sa.BigInteger),
        column("version_id", sa.BigInteger),
        column("kind", sa.String(10), comment="check: sample tests; submit: all tests"),
        column("code_submission", sa.Text),
        column(
            "status", sa.String(20), nullable=True, comment="null while waiting; error: our fault"
        ),
        column(
            "execution_time",
            sa.Numeric(12, 3),
            nullable=True,
            comment="milliseconds in the student's process",
        ),
        column("memory_usage", sa.BigInteger, nullable=True, comment="bytes, peak"),
        column("test_results", JSON, nullable=True, comment="list of TestResultOut"),
        column("hints_used", sa.Integer, server_default="0"),
        column(
            "error_messages",
            JSON,
            nullable=True,
            comment="reason, message, error, stdout, level, grader_ms",
        ),
        column("points", sa.Integer, nullable=True),
        column("max_points", sa.Integer),
        column("xp_gained", sa.Integer, server_default="0"),
        column(
            "tries",
            sa.Integer,
            server_default="0",
            comment="times a worker began; after 3 crashes the verdict is error",
        ),
        column("graded_at", TIME, nullable=True),
        sa.CheckConstraint("kind in ('check', 'submit')", name=op.f("ck_problem_attempt_kind")),
        sa.CheckConstraint(
            "status in ('passed', 'failed', 'partial', 'timeout', 'error')",
            name=op.f("ck_problem_attempt_status"),
        ),
        sa.CheckConstraint(
            "(status is null) = (graded_at is null)", name=op.f("ck_problem_attempt_graded")
        ),
        reference("problem_attempt", "problem_id", "problem"),
        reference("problem_attempt", "user_id", "app_user"),
        reference("problem_attempt", "version_id", "problem_version"),
        sa.PrimaryKeyConstraint("id", "submitted_at", name=op.f("pk_problem_attempt")),
        postgresql_partition_by="RANGE (submitted_at)",
    )
    op.create_index("idx_status_time", "problem_attempt", ["status", "submitted_at"])
    op.create_index(
        "idx_user_problem",
        "problem_attempt",
        ["user_id", "problem_id", sa.literal_column("submitted_at desc")],
    )
    op.create_index(
        "idx_user_recent", "problem_attempt", ["user_id", sa.literal_column("submitted_at desc")]
    )
    op.create_index(
        "idx_waiting",
        "problem_attempt",
        ["user_id", "submitted_at"],
        postgresql_where=sa.text("status is null"),
    )


def submission_keys() -> None:
    op.create_table(
        "submission_key",
        column("user_id", sa.BigInteger),
        column("key", sa.Uuid),
        column("attempt_id", sa.Uuid),
        column("submitted_at", TIME),
        column("body_sha", sa.LargeBinary, comment="SHA-256 of problem, kind and code"),
        reference("submission_key", "user_id", "app_user"),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_submission_key")),
    )
    op.create_index("ix_submission_key_submitted_at", "submission_key", ["submitted_at"])


def progress() -> None:
    op.create_table(
        "user_progress",
        key(),
        column("user_id", sa.BigInteger),
        column("section_id", sa.BigInteger),
        column("completion_percentage", sa.Numeric(5, 2), server_default="0"),
        column("xp_earned", sa.Integer, server_default="0"),
        column("streak_days", sa.Integer, server_default="0"),
        column("last_activity", TIME, nullable=True),
        sa.CheckConstraint(
            "completion_percentage between 0 and 100",
            name=op.f("ck_user_progress_completion_percentage"),
        ),
        reference("user_progress", "section_id", "section"),
        reference("user_progress", "user_id", "app_user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_progress")),
        sa.UniqueConstraint(
            "user_id", "section_id", name=op.f("uq_user_progress_user_id_section_id")
        ),
    )
    op.create_table(
        "problem_progress",
        column("user_id", sa.BigInteger),
        column("problem_id", sa.BigInteger),
        column(
            "opened_at", TIME, server_default=NOW, comment="first opened; the clock of the hints"
        ),
        column("submits", sa.Integer, server_default="0", comment="graded submissions"),
        column("failed", sa.Integer, server_default="0", comment="of them not passed"),
        column("best_points", sa.Integer, server_default="0"),
        column("max_points", sa.Integer, server_default="0"),
        column("xp", sa.Integer, server_default="0"),
        column("solved_at", TIME, nullable=True),
        column(
            "aided",
            sa.Boolean,
            server_default="false",
            comment="a hint or the tutor was used before it was solved",
        ),
        reference("problem_progress", "problem_id", "problem"),
        reference("problem_progress", "user_id", "app_user"),
        sa.PrimaryKeyConstraint("user_id", "problem_id", name=op.f("pk_problem_progress")),
    )


def conversations() -> None:
    op.create_table(
        "ai_interaction",
        column("id", sa.Uuid, comment="UUIDv7 of created_at"),
        column("created_at", TIME),
        column("user_id", sa.BigInteger),
        column("problem_id", sa.BigInteger, nullable=True),
        column("message_type", sa.String(20)),
        column("user_message", sa.Text),
        column("ai_response", sa.Text, server_default=""),
        column("context_data", JSON, nullable=True, comment="what was sent beside the message"),
        column("response_quality", sa.SmallInteger, nullable=True, comment="the learner's rating"),
        column("processing_time", sa.Numeric(12, 3), nullable=True, comment="milliseconds"),
        column("state", sa.String(20)),
        column("source", sa.String(20)),
        column("model", sa.String(100), nullable=True),
        column("prompt_version", sa.String(40), nullable=True),
        column("input_tokens", sa.Integer, nullable=True),
        column("output_tokens", sa.Integer, nullable=True),
        sa.CheckConstraint(
            "message_type in ('question', 'hint_request', 'explanation', 'code_review')",
            name=op.f("ck_ai_interaction_message_type"),
        ),
        sa.CheckConstraint(
            "source in ('gemini', 'built_in')", name=op.f("ck_ai_interaction_source")
        ),
        sa.CheckConstraint(
            "state in ('streaming', 'complete', 'cut', 'blocked', 'failed')",
            name=op.f("ck_ai_interaction_state"),
        ),
        sa.CheckConstraint(
            "response_quality between 1 and 5", name=op.f("ck_ai_interaction_response_quality")
        ),
        reference("ai_interaction", "problem_id", "problem"),
        reference("ai_interaction", "user_id", "app_user"),
        sa.PrimaryKeyConstraint("id", "created_at", name=op.f("pk_ai_interaction")),
        postgresql_partition_by="RANGE (created_at)",
    )
    op.create_index("idx_problem_type", "ai_interaction", ["problem_id", "message_type"])
    op.create_index(
        "idx_user_time", "ai_interaction", ["user_id", sa.literal_column("created_at desc")]
    )


def events() -> None:
    op.create_table(
        "audit_event",
        key(),
        column("created_at", TIME, server_default=NOW),
        column(
            "actor_id",
            sa.BigInteger,
            nullable=True,
            comment="who did it; no foreign key: the record outlives the account",
        ),
        column("learner_id", sa.BigInteger, nullable=True, comment="whose stream it belongs to"),
        column("kind", sa.String(60)),
        column("target", sa.String(200), nullable=True),
        column("data", JSON, server_default="{}"),
        column("streamed", sa.Boolean, server_default="false", comment="sent to the browser"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index("idx_kind_time", "audit_event", ["kind", "created_at"])
    op.create_index(
        "idx_stream", "audit_event", ["learner_id", "id"], postgresql_where=sa.text("streamed")
    )
