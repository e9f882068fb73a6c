"""A service as if no learner had done anything yet."""

import json
from contextlib import suppress

import psycopg
from psycopg import sql

from pythonmastery_ext.db.cache import CHANNEL
from pythonmastery_ext.db.engine import psycopg_dsn

TABLES = (
    "problem_attempt, submission_key, problem_progress, user_progress, unlocked_hint, "
    "ai_interaction, audit_event, rate_limit, procrastinate_jobs, procrastinate_events, "
    "user_stats, learner_day, achievement, adaptive_difficulty, adaptive_episode, "
    "learning_analytics, problem_stats"
)
FORGET = sql.SQL(";").join(
    sql.SQL("delete from {}").format(sql.Identifier(name)) for name in TABLES.split(", ")
)


def forget(database_url: str) -> None:
    """While it runs; the people stay."""
    with psycopg.connect(psycopg_dsn(database_url), autocommit=True) as connection:
        # The audit log only grows, but for who may switch its trigger off.
        connection.execute("set session_replication_role = replica")
        while True:
            # The service goes on meanwhile, and takes its locks in an order of its own.
            with suppress(psycopg.errors.DeadlockDetected), connection.transaction():
                connection.execute(f"lock table {TABLES} in exclusive mode")
                # Of so few rows far quicker than `truncate`, which makes new files.
                connection.execute(FORGET)
                break
        for cache in ("progress", "skill state", "leaderboard"):
            connection.execute("select pg_notify(%s, %s)", (CHANNEL, json.dumps([cache, None])))
