"""What is learned from verdicts: statistics, analytics, skill, achievements, and the views."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(none_as_null=True)
TIME = sa.DateTime(timezone=True)
NOW = sa.text("now()")

TABLES = (
    "view_refresh",
    "learning_analytics",
    "skill_difficulty",
    "item_difficulty",
    "adaptive_episode",
    "adaptive_difficulty",
    "achievement",
    "problem_change",
    "problem_stats",
    "learner_day",
    "user_stats",
)

#: Months that an archive has detached and not written yet: they refer to what goes.
DROP_MONTHS = r"""
do $$
declare month regclass;
begin
    for month in
        select oid from pg_class
        where relname ~ '^(learning_analytics)_\d{4}_\d{2}$' and relkind = 'r'
          and not relispartition and relnamespace = to_regnamespace(current_schema())
    loop execute 'drop table ' || month; end loop;
end $$
"""

#: Some at a time, each by itself, so that no verdict waits for more than a moment.
SOLVED_TRY = """
update problem_progress at set solved_try = (
    select count(*) from problem_attempt a
    where a.user_id = at.user_id and a.problem_id = at.problem_id
      and a.kind = 'submit' and a.status <> 'error' and a.graded_at <= at.solved_at
      and (a.error_messages ->> 'reason') is distinct from 'syntax_error'
)
where (user_id, problem_id) in (
    select user_id, problem_id from problem_progress
    where solved_at is not null and solved_try is null limit 1000
)
"""

USER_PERFORMANCE_SUMMARY = """
create materialized view user_performance_summary as
with tried as (
    select user_id,
           count(*) as total_attempts,
           avg((status = 'passed')::int) as success_rate,
           avg(execution_time) as avg_execution_time
    from problem_attempt
    where kind = 'submit' and status <> 'error'
      and (error_messages ->> 'reason') is distinct from 'syntax_error'
    group by user_id
), gone as (
    select user_id, max(streak_days) as max_streak, sum(xp_earned) as total_xp
    from user_progress group by user_id
)
select u.id as user_id,
       coalesce(tried.total_attempts, 0) as total_attempts,
       tried.success_rate,
       tried.avg_execution_time,
       coalesce(gone.max_streak, 0) as max_streak,
       coalesce(gone.total_xp, 0) as total_xp
from app_user u
left join tried on tried.user_id = u.id
left join gone on gone.user_id = u.id
"""

PROBLEM_DIFFICULTY_STATS = """
create materialized view problem_difficulty_stats as
with tried as (
    select problem_id,
           count(*) as attempt_count,
           avg((status = 'passed')::int) as pass_rate,
           avg(execution_time) as avg_execution_time,
           avg(hints_used) as avg_hints_used
    from problem_attempt
    where kind = 'submit' and status <> 'error'
      and (error_messages ->> 'reason') is distinct from 'syntax_error'
    group by problem_id
)
select p.id as problem_id,
       p.difficulty_score,
       coalesce(tried.attempt_count, 0) as attempt_count,
       tried.pass_rate,
       tried.avg_execution_time,
       tried.avg_hints_used
from problem p
left join tried on tried.problem_id = p.id
"""

VIEW_COMMENTS = {
    "user_performance_summary": "submissions that count; each side summed up by itself",
    "problem_difficulty_stats": "submissions that count",
}


def column(name: str, kind: Any, *, nullable: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable, **more)


def key() -> sa.Column[Any]:
    return column("id", sa.BigInteger, server_default=sa.Identity(always=True))


def count(name: str, comment: str | None = None) -> sa.Column[Any]:
    return column(name, sa.Integer, server_default="0", comment=comment)


def reference(
    table: str, name: str, target: str, ondelete: str = "CASCADE"
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [name],
        [f"{target}.id"],
        name=op.f(f"fk_{table}_{name}_{target}"),
        onupdate="CASCADE",
        ondelete=ondelete,
    )


def upgrade() -> None:
    at_problems()
    # First, while nothing is locked yet: they read every attempt.
    views()
    of_learners()
    of_problems()
    achievements()
    skill()
    difficulties()
    analytics()


def downgrade() -> None:
    for view in VIEW_COMMENTS:
        op.execute(f"drop materialized view {view}")
    op.execute(DROP_MONTHS)
    for table in TABLES:
        op.drop_table(table)
    op.alter_column("user_progress", "streak_days", comment=None)
    op.drop_index("idx_problem_learners", "problem_progress")
    op.drop_column("problem_progress", "solved_try")


def at_problems() -> None:
    """May be run again after it was stopped in the middle."""
    op.alter_column(
        "user_progress",
        "streak_days",
        comment="the learner's longest streak, in days of UTC; the same in all their sections",
    )
    op.add_column(
        "problem_progress",
        column(
            "solved_try",
            sa.Integer,
            nullable=True,
            comment="which submission solved it; 1: the first",
        ),
        if_not_exists=True,
    )
    with op.get_context().autocommit_block():
        op.execute("drop index if exists idx_problem_learners")
        op.create_index(
            "idx_problem_learners", "problem_progress", ["problem_id"], postgresql_concurrently=True
        )
        while op.get_bind().execute(sa.text(SOLVED_TRY)).rowcount:
            pass


def of_learners() -> None:
    op.create_table(
        "user_stats",
        column("user_id", sa.BigInteger, autoincrement=False),
        count("attempts", "graded submissions"),
        count("passed", "of them passed"),
        count("solved", "problems"),
        count("first_time", "of them with the first submission"),
        count("unaided", "of them without a hint or the tutor"),
        count("xp"),
        count("streak_days", "active days in a row that end with last_active"),
        count("longest_streak"),
        count("active_days"),
        column("last_active", sa.Date, nullable=True, comment="day of UTC"),
        reference("user_stats", "user_id", "app_user"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_stats")),
    )
    op.create_index("idx_leaderboard", "user_stats", [sa.literal_column("(-xp)"), "user_id"])
    op.create_table(
        "learner_day",
        column("user_id", sa.BigInteger),
        column("day", sa.Date, comment="on which the code was sent, not graded"),
        column("xp", sa.Integer),
        reference("learner_day", "user_id", "app_user"),
        sa.PrimaryKeyConstraint("user_id", "day", name=op.f("pk_learner_day")),
    )


def of_problems() -> None:
    op.create_table(
        "problem_stats",
        column("problem_id", sa.BigInteger, autoincrement=False),
        column("learners", sa.Integer, comment="who submitted"),
        column("attempts", sa.Integer, comment="graded submissions"),
        column("passed", sa.Integer, comment="of them passed"),
        column("solved", sa.Integer, comment="learners who solved it"),
        column("first_time", sa.Integer, comment="of them with the first submission"),
        column("unaided", sa.Integer, comment="of them without a hint or the tutor"),
        column("updated_at", TIME, server_default=NOW),
        reference("problem_stats", "problem_id", "problem"),
        sa.PrimaryKeyConstraint("problem_id", name=op.f("pk_problem_stats")),
    )
    op.create_table(
        "problem_change",
        key(),
        column(
            "problem_id",
            sa.BigInteger,
            comment="no foreign key: its check would lock the problem for each verdict",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_change")),
    )
    op.execute("insert into problem_change (problem_id) select id from problem")


def achievements() -> None:
    op.create_table(
        "achievement",
        key(),
        column("user_id", sa.BigInteger),
        column(
            "achievement_type",
            sa.String(100),
            comment="as progress/achievements.py defines it; of a section: type:slug",
        ),
        column("earned_at", TIME, server_default=NOW),
        column("metadata", JSON, server_default="{}", comment="what it was given for"),
        reference("achievement", "user_id", "app_user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_achievement")),
        sa.UniqueConstraint(
            "user_id", "achievement_type", name=op.f("uq_achievement_user_id_achievement_type")
        ),
    )


def skill() -> None:
    op.create_table(
        "adaptive_difficulty",
        key(),
        column("user_id", sa.BigInteger),
        column(
            "current_skill_level", sa.Numeric(3, 2), comment="chance to solve an average problem"
        ),
        column(
            "performance_trend",
            JSON,
            comment="window, observed, expected, z, direction of the newest episodes",
        ),
        column("next_problem_difficulty", sa.SmallInteger, comment="1 to 10"),
        column(
            "confidence_score",
            sa.Numeric(3, 2),
            comment="0: nothing is known of this learner yet",
        ),
        column("ability_mean", sa.Double, comment="θ, in logits"),
        column("ability_variance", sa.Double),
        column("responses", sa.Integer, comment="episodes so far"),
        column(
            "skills", JSON, comment="skill → [mean, variance, response at which it was touched]"
        ),
        column(
            "recent", JSON, comment="[evidence, predicted] of the newest episodes, oldest first"
        ),
        column("last_updated", TIME, server_default=NOW),
        sa.CheckConstraint(
            "current_skill_level between 0 and 1",
            name=op.f("ck_adaptive_difficulty_current_skill_level"),
        ),
        sa.CheckConstraint(
            "next_problem_difficulty between 1 and 10",
            name=op.f("ck_adaptive_difficulty_next_problem_difficulty"),
        ),
        sa.CheckConstraint(
            "confidence_score between 0 and 1",
            name=op.f("ck_adaptive_difficulty_confidence_score"),
        ),
        reference("adaptive_difficulty", "user_id", "app_user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adaptive_difficulty")),
        sa.UniqueConstraint("user_id", name=op.f("uq_adaptive_difficulty_user_id")),
    )
    op.create_table(
        "adaptive_episode",
        column("user_id", sa.BigInteger),
        column("problem_id", sa.BigInteger),
        column("number", sa.Integer, comment="of the learner's episodes, from 1"),
        column("skills", JSON, comment="of the problem, as it was then"),
        column("evidence", sa.Double, comment="0 to 1; grows when the problem is solved later"),
        column("predicted", sa.Double, comment="what was expected before it began"),
        column("ability_mean", sa.Double, comment="θ and δ before it began"),
        column("ability_variance", sa.Double),
        column("item_mean", sa.Double, comment="b as it was then"),
        column("item_variance", sa.Double),
        column("skills_mean", sa.Double, comment="mean of c as it was then"),
        column("skills_variance", sa.Double),
        column("begun_at", TIME),
        column("solved_at", TIME, nullable=True),
        column(
            "calibrated",
            sa.Boolean,
            server_default="false",
            comment="problem and skills have learned from it",
        ),
        sa.CheckConstraint("evidence between 0 and 1", name=op.f("ck_adaptive_episode_evidence")),
        sa.CheckConstraint("predicted between 0 and 1", name=op.f("ck_adaptive_episode_predicted")),
        reference("adaptive_episode", "user_id", "app_user"),
        reference("adaptive_episode", "problem_id", "problem"),
        sa.PrimaryKeyConstraint("user_id", "problem_id", name=op.f("pk_adaptive_episode")),
    )
    op.create_index(op.f("ix_adaptive_episode_problem_id"), "adaptive_episode", ["problem_id"])
    op.create_index(
        "idx_to_calibrate",
        "adaptive_episode",
        ["begun_at", "user_id"],
        postgresql_where=sa.text("not calibrated"),
    )


def difficulties() -> None:
    op.create_table(
        "item_difficulty",
        column("problem_id", sa.BigInteger, autoincrement=False),
        column("mean", sa.Double, comment="b, in logits"),
        column("variance", sa.Double),
        count("responses"),
        column("updated_at", TIME, server_default=NOW),
        reference("item_difficulty", "problem_id", "problem"),
        sa.PrimaryKeyConstraint("problem_id", name=op.f("pk_item_difficulty")),
    )
    op.create_table(
        "skill_difficulty",
        column("skill", sa.String(80), comment="slug of a concept, or of a section"),
        column("mean", sa.Double, comment="c, in logits"),
        column("variance", sa.Double),
        count("responses"),
        column("updated_at", TIME, server_default=NOW),
        sa.PrimaryKeyConstraint("skill", name=op.f("pk_skill_difficulty")),
    )


def analytics() -> None:
    op.create_table(
        "learning_analytics",
        column("id", sa.Uuid, comment="the attempt's; a new one after an erasure"),
        column("created_at", TIME, comment="when the attempt was graded"),
        column(
            "user_id",
            sa.BigInteger,
            nullable=True,
            comment="null once the learner's data was erased",
        ),
        column("problem_id", sa.BigInteger),
        column(
            "session_duration",
            sa.Integer,
            comment="seconds of work at the problem so far; pauses count 10 minutes at most",
        ),
        column(
            "errors_made",
            sa.Integer,
            comment="checks and submissions so far that failed before the first pass",
        ),
        column("help_requests", sa.Integer, comment="hints and questions to the tutor so far"),
        column(
            "completion_rate",
            sa.Numeric(5, 4),
            comment="share of the tests that this submission passed",
        ),
        column(
            "code_quality_score",
            sa.SmallInteger,
            nullable=True,
            comment="100: no more branches than the reference; null: not passed, or not known",
        ),
        column("engagement_level", sa.String(20)),
        sa.CheckConstraint(
            "completion_rate between 0 and 1", name=op.f("ck_learning_analytics_completion_rate")
        ),
        sa.CheckConstraint(
            "code_quality_score between 0 and 100",
            name=op.f("ck_learning_analytics_code_quality_score"),
        ),
        sa.CheckConstraint(
            "engagement_level in ('high', 'medium', 'low')",
            name=op.f("ck_learning_analytics_engagement_level"),
        ),
        reference("learning_analytics", "user_id", "app_user", ondelete="SET NULL"),
        reference("learning_analytics", "problem_id", "problem"),
        sa.PrimaryKeyConstraint("id", "created_at", name=op.f("pk_learning_analytics")),
        postgresql_partition_by="RANGE (created_at)",
    )
    op.create_index("idx_user_performance", "learning_analytics", ["user_id", "completion_rate"])
    op.create_index("idx_problem_analytics", "learning_analytics", ["problem_id", "created_at"])


def views() -> None:
    op.create_table(
        "view_refresh",
        column("name", sa.String(63)),
        column("refreshed_at", TIME),
        column("milliseconds", sa.Integer, comment="that it took"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_view_refresh")),
    )
    op.execute(USER_PERFORMANCE_SUMMARY)
    op.execute(PROBLEM_DIFFICULTY_STATS)
    # Without one, and without a WHERE, a view cannot be refreshed while others read it.
    op.create_index(
        "uq_user_performance_summary", "user_performance_summary", ["user_id"], unique=True
    )
    op.create_index(
        "uq_problem_difficulty_stats", "problem_difficulty_stats", ["problem_id"], unique=True
    )
    for view, comment in VIEW_COMMENTS.items():
        op.execute(f"comment on materialized view {view} is '{comment}'")
