"""`pythonmastery worker`: grades attempts, beside other workers on this or other machines."""

import argparse
import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from pythonmastery_ext import health
from pythonmastery_ext.config import ConfigError, Settings

log = logging.getLogger(__name__)

LARGEST_PORT = 65535
SHARED = (
    "Graders run in the account of this worker, which knows the database; for a class set "
    "PYTHONMASTERY_GRADER_SOCKET (docs/operators.md, The grader's account)."
)
#: Between looks at a schema that is too old.
SCHEMA_SECONDS = 2.0


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "worker", help="grade attempts from the queue", description=__doc__
    )
    parser.add_argument(
        "--probe-port", type=int, metavar="PORT", help="answer /healthz/live and /healthz/ready"
    )
    parser.add_argument("--probe-host", default="127.0.0.1", help="address for the probes")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = Settings(role="authority")
        if not settings.database_url:
            raise ConfigError(
                "database_url (PYTHONMASTERY_DATABASE_URL) must name the database with the queue."
            )
        probes = Probes(args.probe_host, args.probe_port)
    except ConfigError as error:
        log.critical("%s", error)
        return 1
    asyncio.run(work(settings, probes))
    return 0


class Probes:
    """Tells a supervisor whether this worker has a grader; nothing where no port is named."""

    def __init__(self, host: str, port: int | None) -> None:
        self._server: HTTPServer | None = None
        if port is not None and not 0 < port <= LARGEST_PORT:
            # The system would take the number without its upper bits.
            raise ConfigError(f"there is no port {port}; choose --probe-port from 1 to 65535.")
        try:
            self._sockets = [] if port is None else bind_sockets(port, host)
        except OSError as error:
            raise ConfigError(
                f"cannot listen on {host}, port {port} ({error}); "
                "choose others with --probe-host and --probe-port."
            ) from error

    def answer(self, ready: Callable[[], bool]) -> None:
        self._server = HTTPServer(Application(health.handlers("/", ready)))
        self._server.add_sockets(self._sockets)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            await self._server.close_all_connections()


async def work(settings: Settings, probes: Probes) -> None:
    """Until SIGINT or SIGTERM."""
    from pythonmastery_ext.db.cache import CACHES
    from pythonmastery_ext.db.engine import Database
    from pythonmastery_ext.grading.client import GradingClient
    from pythonmastery_ext.worker import Worker

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    db = Database(
        settings.database_url,
        application_name="pythonmastery worker",
        direct_url=settings.database_direct_url,
    )
    CACHES.follow(db)
    if not settings.grader_is_apart:
        log.warning("%s", SHARED)
    grading = GradingClient(settings)
    fit = asyncio.Event()
    probes.answer(lambda: fit.is_set() and grading.status().state == "ready")
    worker = Worker(db, grading, concurrency=settings.grader_kernels + 1)
    await grading.start()
    await schema_fits(settings.database_direct_url or settings.database_url, fit, stop)
    if fit.is_set():
        worker.start()
        log.info("The worker is waiting for attempts.")
    await stop.wait()
    await worker.stop()
    await grading.close()
    await probes.stop()
    await CACHES.stop()
    await db.close()


async def schema_fits(url: str, fit: asyncio.Event, stop: asyncio.Event) -> None:
    """Waits until the schema is at least as new as this program; a worker does not change it."""
    from pythonmastery_ext.db import revision
    from pythonmastery_ext.errors import DatabaseAway

    told = ""
    while not (fit.is_set() or stop.is_set()):
        try:
            found = await asyncio.to_thread(revision.status, url)
        except DatabaseAway as problem:
            words = str(problem)
        else:
            words = "" if found.up_to_date else found.words
            if found.up_to_date or found.too_new:
                fit.set()
        if words and words != told:
            log.warning("%s", words)
        told = words
        if not fit.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), SCHEMA_SECONDS)
