"""More asks for the database than it or the service's pool can serve."""

import asyncio
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from tests.chaos.faults import Pace
    from tests.chaos.scene import Scene

#: Above the lock_timeout of the service and its wait for a free connection.
LOCKED_SECONDS = 5.5
#: Above the max_connections of the cluster under test.
MOST = 100


async def exhaust_pool(scene: "Scene", _pace: "Pace") -> None:
    """A table is locked away, so that every connection of the service's pool comes to wait."""
    await asyncio.to_thread(_lock_away, scene)


def _lock_away(scene: "Scene") -> None:
    with scene.postgres.connect() as connection, connection.transaction():
        connection.execute("lock table problem_attempt in access exclusive mode")
        connection.execute("select pg_sleep(%s)", [LOCKED_SECONDS])


async def take_all_connections(scene: "Scene", pace: "Pace") -> None:
    """Strangers hold every connection that the server has, and those of the service are ended."""
    with ExitStack() as strangers:
        with scene.postgres.connect() as connection:
            await asyncio.to_thread(_crowd, scene, strangers)
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name like 'pythonmastery%'"
            )
        await asyncio.to_thread(_crowd, scene, strangers)
        await asyncio.sleep(pace.crowded)


def _crowd(scene: "Scene", strangers: ExitStack) -> None:
    """53300 ends it: there is no connection left."""
    with suppress(psycopg.OperationalError):
        for _ in range(MOST):
            strangers.enter_context(scene.postgres.connect())
