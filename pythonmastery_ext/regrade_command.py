"""`pythonmastery regrade`: grades finished attempts again, for example after tests were mended."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pythonmastery_ext.config import Settings
from pythonmastery_ext.db import revision
from pythonmastery_ext.db.command import on_database
from pythonmastery_ext.grading.bar import Bar
from pythonmastery_ext.grading.batch import cores

if TYPE_CHECKING:
    from pythonmastery_ext.db.engine import Database
    from pythonmastery_ext.grading.client import GradingClient
    from pythonmastery_ext.regrading.models import Regrade
    from pythonmastery_ext.regrading.ordering import Selection

OK, SOME_FAILED, STOPPED = 0, 1, 2
INTERRUPTED = 130
_MOST_KERNELS = 64
#: Seconds between looks at how far it is.
_LOOK = 0.2


class Stop(Exception):
    """Why there is nothing to do, or no more, in a sentence."""


def add_parser(subparsers: Any) -> None:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "regrade",
        help="grade finished attempts again",
        description="Grades finished attempts again, beside the workers that run. A changed "
        "verdict replaces the old one, which is kept; learners are told of changes only. "
        "Run the same command again to go on after a break. "
        "Exit status: 0 done, 1 some could not be graded, 2 nothing was done.",
    )
    parser.add_argument("--problem", metavar="SLUG", help="all attempts at this problem")
    parser.add_argument("--graded-by", metavar="X.Y.Z", help="only those graded by this version")
    parser.add_argument("--attempt", metavar="ID", action="append", default=[], help="one attempt")
    parser.add_argument(
        "--against", metavar="X.Y.Z", help="the version whose tests are used (default: the newest)"
    )
    parser.add_argument("--dry-run", action="store_true", help="only tell what would change")
    parser.add_argument(
        "--jobs",
        type=int,
        default=cores(),
        metavar="N",
        help="kernels (default: one for each core)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    return on_database(_run)(args)


def _run(url: str, args: argparse.Namespace) -> int:
    try:
        selection = selected(args)
        revision.must_be_newest(url)
        return asyncio.run(_regrade(url, args, selection))
    except Stop as stop:
        sys.stderr.write(f"{stop}\n")
        return STOPPED
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.stderr.write(
            "Ended before it was done; what is graded is kept. "
            "Workers that run go on with it, and so does the same command.\n"
        )
        return INTERRUPTED


def selected(args: argparse.Namespace) -> Selection:
    """Raises Stop."""
    from pythonmastery_ext.regrading.ordering import Selection

    if bool(args.problem) == bool(args.attempt) or (args.graded_by and not args.problem):
        raise Stop("Name --problem (and perhaps its --graded-by), or attempts by --attempt.")
    try:
        attempts = tuple(str(UUID(text)) for text in args.attempt)
    except ValueError:
        raise Stop("--attempt takes the id of an attempt, as the history shows it.") from None
    if not 1 <= args.jobs <= _MOST_KERNELS:
        raise Stop(f"--jobs is a number from 1 to {_MOST_KERNELS}.")
    return Selection(
        problem=args.problem, version=args.graded_by, attempts=attempts, against=args.against
    )


async def _regrade(url: str, args: argparse.Namespace, selection: Selection) -> int:
    from pythonmastery_ext.db.engine import Database
    from pythonmastery_ext.grading.client import GradingClient

    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    db = Database(url, application_name="pythonmastery regrade")
    grading = GradingClient(Settings(grader_kernels=args.jobs))
    try:
        return await regrade(db, grading, args, selection)
    finally:
        await grading.close()
        await db.close()


async def regrade(
    db: Database, grading: GradingClient, args: argparse.Namespace, selection: Selection
) -> int:
    """Exit status; raises Stop. Starts the grader unless it runs."""
    from pythonmastery_ext.db import tables
    from pythonmastery_ext.regrading import ordering
    from pythonmastery_ext.worker import Worker

    tables.metadata()
    worker = Worker(db, grading, concurrency=args.jobs + 1)
    try:
        try:
            made = await db.retry(lambda tx: ordering.order(tx, selection, dry=args.dry_run))
        except ordering.NothingToRegrade as nothing:
            raise Stop(str(nothing)) from None
        await grading.start()
        if grading.status().state != "ready":
            raise Stop(f"The grader does not start, and the attempts wait: {grading.status().why}")
        worker.start()
        await _follow(db, made, quiet=args.json)
        return await _report(db, made, as_json=args.json)
    finally:
        await worker.stop()


async def _follow(db: Database, regrade: Regrade, *, quiet: bool) -> None:
    from pythonmastery_ext.regrading import service

    what = "tried" if regrade.dry else "graded again"
    with Bar(regrade.total, what, quiet=quiet) as bar:
        left = regrade.total
        while left:
            async with db.transaction() as tx:
                left = await service.left(tx, regrade.id)
            bar.reach(regrade.total - left)
            if left:
                await asyncio.sleep(_LOOK)
    await db.retry(lambda tx: service.conclude(tx, regrade.id))


async def _report(db: Database, regrade: Regrade, *, as_json: bool) -> int:
    from pythonmastery_ext.regrading import service

    async with db.transaction() as tx:
        counts, rows = await service.outcome(tx, regrade.id)
    if as_json:
        told = {"regrade": regrade.id, "dry": regrade.dry, "total": regrade.total, **counts}
        sys.stdout.write(json.dumps({**told, "attempts": rows}) + "\n")
    else:
        for row in rows:
            sys.stdout.write(f"{row['attempt']}  {_line(row)}\n")
        verb = "would change" if regrade.dry else "changed"
        sys.stdout.write(
            f"{regrade.total} attempts: {counts['changed']} {verb}, {counts['same']} the same, "
            f"{counts['failed']} could not be graded\n"
        )
    return SOME_FAILED if counts["failed"] else OK


def _line(row: dict[str, Any]) -> str:
    if row["reason"]:
        return str(row["reason"])
    before, after = row["before"], row["after"]
    return f"{before['status']} {before['points']} → {after['status']} {after['points']}"
