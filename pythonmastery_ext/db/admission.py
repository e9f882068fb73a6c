"""How many short transactions of one process run at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from sqlalchemy.exc import TimeoutError as PoolTimeout

#: A class that submits at once is served sooner in a line than all at the same time: more sessions
#: than this take the server's processor from each other, and each has to learn its plans first.
AT_ONCE = 4
#: Seconds to wait in line, as long as for a connection.
PATIENCE = 5.0


class Admission:
    def __init__(self, most: int = AT_ONCE) -> None:
        self._free = asyncio.Semaphore(most)
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def place(self, turn: int | None) -> AsyncIterator[None]:
        """A place among the few. Of one learner only one waits for the learner's lock in it."""
        mine = asyncio.Lock() if turn is None else self._turns.setdefault(turn, asyncio.Lock())
        try:
            async with asyncio.timeout(PATIENCE) as patience, mine, self._free:
                patience.reschedule(None)
                yield
        except TimeoutError as error:
            if not patience.expired():
                raise
            raise PoolTimeout("no place among the short transactions") from error
