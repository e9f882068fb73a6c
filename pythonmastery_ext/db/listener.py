"""Hears the payloads of one channel, and knows whether it would hear them."""

import asyncio
import logging
import random
from collections.abc import Callable
from time import monotonic
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from pythonmastery_ext.db.engine import Database, psycopg_dsn
from pythonmastery_ext.db.options import KEEPALIVE

log = logging.getLogger(__name__)

#: Seconds between proofs that notifications arrive, and for how long one proof is good.
BEAT = 2.0
SURE = 5.0
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0


class Listener:
    """Listens over a connection of its own, made again when it breaks.

    `heard` gets each payload; `lost` is called when some may have been missed.
    """

    def __init__(
        self, channel: str, heard: Callable[[str], None], lost: Callable[[], None]
    ) -> None:
        self._channel = channel
        self._heard = heard
        self._lost = lost
        self._task: asyncio.Task[None] | None = None
        self._sure_until = 0.0

    @property
    def sure(self) -> bool:
        """Whether all that was committed more than SURE seconds ago has been heard."""
        return monotonic() < self._sure_until

    def follow(self, db: Database) -> None:
        """From now on, until `stop`; in place of the database that was followed before."""
        if self._task is not None:
            self._task.cancel()
        self._doubt()
        self._task = asyncio.create_task(self._follow(db), name=f"{self._channel} listener")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._doubt()

    def _doubt(self) -> None:
        self._sure_until = 0.0
        self._lost()

    async def _follow(self, db: Database) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                async with await self._connect(db) as connection:
                    await self._listen(connection)
            except (psycopg.Error, TimeoutError) as error:
                pause = FIRST_PAUSE if self._sure_until else min(LONGEST_PAUSE, pause * 2)
                log.warning("not listening to %s, will connect again: %s", self._channel, error)
            self._doubt()
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load

    async def _connect(self, db: Database) -> psycopg.AsyncConnection[Any]:
        name = f"{self._channel} listener"
        return await psycopg.AsyncConnection.connect(
            psycopg_dsn(db.direct_url), autocommit=True, application_name=name, **KEEPALIVE
        )

    async def _listen(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Notifications arrive in the order of commits: after an echo all before it have come.

        No echo comes back through a pooler that lends the connection to others in between, so
        there nothing is ever sure.
        """
        echo = f"{self._channel}_{uuid4().hex}"
        for channel in (self._channel, echo):
            await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
        self._lost()
        while True:
            asked = monotonic()
            async with asyncio.timeout(SURE):
                await connection.execute("select pg_notify(%s, '')", (echo,))
            async for notice in connection.notifies(timeout=BEAT):
                if notice.channel == echo:
                    self._sure_until = asked + SURE
                else:
                    self._heard(notice.payload)
