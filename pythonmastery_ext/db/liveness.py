"""Whether a pooled connection still leads to a server, asked without a round trip.

SQLAlchemy's own `pool_pre_ping` sends a statement before each transaction, which a submission pays
three times. A server that ended a session has written so, or closed the socket: then there is
something to read from a connection that expects nothing. Only such a one, and one that nobody has
used for a while, is asked by a statement.
"""

import select
from time import monotonic
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

#: Seconds. A path that is cut in silence, by a firewall for instance, takes longer to be.
RESTED = 30.0
#: When a connection came back to its pool; in the pool's notes of it.
RETURNED = "pythonmastery returned"


def watch(engine: Engine) -> None:
    """From now on no transaction of this engine begins on a connection that is known to be dead."""

    def check(connection: Any, entry: ConnectionPoolEntry, _proxy: Any) -> None:
        returned = entry.info.get(RETURNED)
        if returned is None:
            return
        driver = connection.driver_connection
        suspect = driver.closed or monotonic() - returned > RESTED or has_news(driver.fileno())
        if suspect and not _answers(engine, connection):
            # All others of the pool that are as old will be made anew too.
            raise InvalidatePoolError

    def note(_connection: Any, entry: ConnectionPoolEntry) -> None:
        entry.info[RETURNED] = monotonic()

    event.listen(engine, "checkout", check)
    event.listen(engine, "checkin", note)


def has_news(socket: int) -> bool:
    """Whether there is something to read, or the other side has hung up."""
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))


def _answers(engine: Engine, connection: Any) -> bool:
    try:
        return engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error:
        return False
