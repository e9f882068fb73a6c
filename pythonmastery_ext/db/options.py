"""How our connections to PostgreSQL are made."""

from typing import Any

#: Milliseconds. A statement that needs longer belongs into a job, not into a request.
TIMEOUTS = {
    "statement_timeout": 15_000,
    "lock_timeout": 3_000,
    "idle_in_transaction_session_timeout": 30_000,
}
WITH_TIMEOUTS = {"options": " ".join(f"-c {name}={value}" for name, value in TIMEOUTS.items())}
#: A pooler refuses `options`, so its `connect_query` sets the timeouts; and a statement that was
#: prepared on one server is unknown to the next.
BEHIND_POOLER = {"prepare_threshold": None}
#: Notice within half a minute that the machine at the other end has vanished.
KEEPALIVE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
