"""`pythonmastery worker`: grades attempts, beside other workers on this or other machines."""

import argparse
import asyncio
import logging
import signal
from typing import Any

from pythonmastery_ext.config import ConfigError, Settings

log = logging.getLogger(__name__)


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "worker", help="grade attempts from the queue", description=__doc__
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = Settings(role="authority")
        if not settings.database_url:
            raise ConfigError(
                "database_url (PYTHONMASTERY_DATABASE_URL) must name the database with the queue."
            )
    except ConfigError as error:
        log.critical("%s", error)
        return 1
    asyncio.run(work(settings))
    return 0


async def work(settings: Settings) -> None:
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
    grading = GradingClient(settings)
    await grading.start()
    worker = Worker(db, grading, concurrency=settings.grader_kernels + 1)
    worker.start()
    log.info("The worker is waiting for attempts.")
    await stop.wait()
    await worker.stop()
    await grading.close()
    await CACHES.stop()
    await db.close()
