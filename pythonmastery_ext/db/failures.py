"""What a failed statement means: the server is away, transactions collided, a month is missing.

Decided by SQLSTATE (five characters, PostgreSQL's appendix A), never by the text of a message,
which is translated.
"""

from collections.abc import Iterator

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pythonmastery_ext.errors import DatabaseAway

#: Class 08: connection trouble. 53300: too many connections. 57P01 to 57P03: shutting down,
#: crashed, starting up; 57P05: cut for idling. 25006: a standby that is not yet the primary.
AWAY = ("08", "57P01", "57P02", "57P03", "57P05", "53300", "25006")
#: A statement or a lock took longer than we wait, or memory is short: the same may work later.
BUSY = ("55P03", "57014", "53200")
DISK_FULL = "53100"
#: Serialization failure and deadlock: the same work succeeds when it is done again.
COLLISIONS = ("40001", "40P01")
#: A table, column, function or type that is not there.
UNDEFINED = ("42P01", "42703", "42883", "42704")
NOT_PERMITTED = "42501"
CHECK_VIOLATION = "23514"
LOCK_NOT_AVAILABLE = "55P03"


def away(exc: BaseException) -> DatabaseAway | None:
    """The refusal that stands for this failure, if the database cannot be reached or used."""
    for cause in _causes(exc):
        if isinstance(cause, DatabaseAway):
            return cause
        if isinstance(cause, PoolTimeout):
            return _busy()
        if isinstance(cause, DBAPIError) and cause.connection_invalidated:
            return DatabaseAway(retry_after=2)
        if isinstance(cause, psycopg.Error):
            return _away_by_state(cause)
    return None


def collided(exc: BaseException) -> bool:
    return _state(exc) in COLLISIONS


def lock_was_held(exc: BaseException) -> bool:
    return _state(exc) == LOCK_NOT_AVAILABLE


def lacks_schema(exc: BaseException) -> bool:
    """The program asked for what an older schema, or none, does not have."""
    return _state(exc) in UNDEFINED


def forbidden(exc: BaseException) -> str | None:
    """What the login may not do, in the server's words."""
    for cause in _causes(exc):
        if isinstance(cause, psycopg.Error) and cause.sqlstate == NOT_PERMITTED:
            return cause.diag.message_primary
    return None


def lacks_partition(exc: BaseException) -> bool:
    """A row found no partition: a check violation that names no constraint."""
    return any(
        isinstance(cause, psycopg.Error)
        and cause.sqlstate == CHECK_VIOLATION
        and cause.diag.constraint_name is None
        for cause in _causes(exc)
    )


def _away_by_state(error: psycopg.Error) -> DatabaseAway | None:
    state = error.sqlstate
    if state == DISK_FULL:
        return DatabaseAway(
            "The database has no disk space left; nothing was lost, free some space and try again.",
            retry_after=30,
        )
    if state is None:
        # libpq itself gave up: refused, closed by the peer, timed out.
        lost = isinstance(error, psycopg.OperationalError)
        return DatabaseAway(retry_after=2) if lost else None
    if state in BUSY:
        return _busy()
    return DatabaseAway(retry_after=2) if state.startswith(AWAY) else None


def _busy() -> DatabaseAway:
    return DatabaseAway("The database is very busy; try again in a moment.", retry_after=2)


def _state(exc: BaseException) -> str | None:
    return next((c.sqlstate for c in _causes(exc) if isinstance(c, psycopg.Error)), None)


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    """The exception and what it was raised from: libraries wrap the driver's error in their own."""
    while exc is not None:
        yield exc
        exc = exc.orig if isinstance(exc, DBAPIError) and exc.orig else exc.__cause__
