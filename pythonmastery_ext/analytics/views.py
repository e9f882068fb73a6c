"""The materialised views as tables to read from; migrations do not look at them here."""

from sqlalchemy import BigInteger, Column, Integer, MetaData, Numeric, SmallInteger, Table

_views = MetaData()

USER_PERFORMANCE_SUMMARY = Table(
    "user_performance_summary",
    _views,
    Column("user_id", BigInteger, primary_key=True),
    Column("total_attempts", BigInteger),
    Column("success_rate", Numeric(asdecimal=False)),
    Column("avg_execution_time", Numeric(asdecimal=False)),
    Column("max_streak", Integer),
    Column("total_xp", BigInteger),
)

PROBLEM_DIFFICULTY_STATS = Table(
    "problem_difficulty_stats",
    _views,
    Column("problem_id", BigInteger, primary_key=True),
    Column("difficulty_score", SmallInteger),
    Column("attempt_count", BigInteger),
    Column("pass_rate", Numeric(asdecimal=False)),
    Column("avg_execution_time", Numeric(asdecimal=False)),
    Column("avg_hints_used", Numeric(asdecimal=False)),
)
