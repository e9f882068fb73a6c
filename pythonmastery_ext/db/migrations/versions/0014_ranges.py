"""What numbers and texts can be, said to the database: no program writes less than nothing.

Only what no writer of ours can break, whatever clocks and other versions of a problem do: so
nothing about `graded_at` and `submitted_at`, nor about the best points and the most of today.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


class Rule(NamedTuple):
    table: str
    name: str
    check: str
    #: What is set in rows that break it; empty: they stay, as what somebody else has to see.
    mend: str


def at_least(table: str, name: str, **least: int) -> Rule:
    """Of counters: column → the smallest number."""
    check = " and ".join(f"{column} >= {number}" for column, number in least.items())
    mend = ", ".join(f"{column} = greatest({column}, {number})" for column, number in least.items())
    return Rule(table, name, check, mend)


RULES = (
    at_least("problem_attempt", "counts", hints_used=0, tries=0, xp_gained=0),
    at_least("problem_attempt", "measures", execution_time=0, memory_usage=0),
    Rule(
        "problem_attempt",
        "points",
        "max_points >= 0 and points between 0 and max_points",
        "max_points = greatest(max_points, 0),"
        " points = least(greatest(points, 0), greatest(max_points, 0))",
    ),
    Rule(
        "problem_attempt",
        "results",
        "jsonb_typeof(test_results) = 'array' and jsonb_typeof(error_messages) = 'object'",
        "test_results = case jsonb_typeof(test_results) when 'array' then test_results end,"
        " error_messages = case jsonb_typeof(error_messages) when 'object' then error_messages end",
    ),
    Rule(
        "submission_key", "body_sha", "octet_length(body_sha) = 32", "body_sha = sha256(body_sha)"
    ),
    at_least("user_progress", "counts", xp_earned=0, streak_days=0),
    Rule(
        "problem_progress",
        "counts",
        "failed between 0 and submits and best_points >= 0 and max_points >= 0 and xp >= 0",
        "submits = greatest(submits, 0), failed = least(greatest(failed, 0), greatest(submits, 0)),"
        " best_points = greatest(best_points, 0), max_points = greatest(max_points, 0),"
        " xp = greatest(xp, 0)",
    ),
    at_least(
        "user_stats",
        "counts",
        solved=0,
        first_time=0,
        unaided=0,
        xp=0,
        streak_days=0,
        longest_streak=0,
        active_days=0,
    ),
    Rule(
        "user_stats",
        "passed",
        "passed between 0 and attempts",
        "attempts = greatest(attempts, 0),"
        " passed = least(greatest(passed, 0), greatest(attempts, 0))",
    ),
    at_least(
        "problem_stats",
        "counts",
        learners=0,
        attempts=0,
        passed=0,
        solved=0,
        first_time=0,
        unaided=0,
    ),
    at_least("learning_analytics", "counts", session_duration=0, errors_made=0, help_requests=0),
    at_least("adaptive_difficulty", "counts", ability_variance=0, responses=0),
    at_least("rate_limit", "counts", burst=1, used=0, refused=0),
    at_least("section", "counts", order_index=0, estimated_hours=0),
    Rule("problem", "title", "title <> ''", "title = slug"),
    Rule("hint", "hint_text", "hint_text <> ''", "hint_text = '…'"),
    Rule("achievement", "achievement_type", "achievement_type <> ''", "achievement_type = '?'"),
    # A forged event is not ours to mend: `pythonmastery audit verify` tells of it.
    Rule("audit_event", "seq", "seq > 0", ""),
)
VALID = sa.text("""
    select count(*) from pg_constraint
    where conrelid = to_regclass(:table) and conname = :name and convalidated
""")
BROKEN = "select exists (select from {table} where ({check}) is false)"
MEND = """
    update {table} set {mend} where ({check}) is false
    and ctid = any(array(select ctid from {table} where ({check}) is false limit 1000))
"""


def upgrade() -> None:
    """While rows go on being written; may be run again after it was stopped in the middle."""
    with op.get_context().autocommit_block():
        for rule in RULES:
            name = {"table": rule.table, "name": _name(rule)}
            if not op.get_bind().scalar(VALID, name):
                add(rule)


def add(rule: Rule) -> None:
    """New rows are held to it first, so that none comes between mending and validating."""
    table, name, run = rule.table, _name(rule), op.get_bind()
    op.execute(f"alter table {table} drop constraint if exists {name}")
    op.execute(f"alter table {table} add constraint {name} check ({rule.check}) not valid")
    if rule.mend:
        while run.execute(sa.text(MEND.format_map(rule._asdict()))).rowcount:
            pass
    elif run.scalar(sa.text(BROKEN.format_map(rule._asdict()))):
        return
    op.execute(f"alter table {table} validate constraint {name}")


def downgrade() -> None:
    for rule in RULES:
        op.drop_constraint(_name(rule), rule.table)


def _name(rule: Rule) -> str:
    return op.f(f"ck_{rule.table}_{rule.name}")
