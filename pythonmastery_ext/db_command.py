"""`pythonmastery db`: with what needs more than the schema, archives and backups."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pythonmastery_ext.config import Settings
from pythonmastery_ext.db import backup, command, revision
from pythonmastery_ext.db.keyfile import keyring
from pythonmastery_ext.db.partitions import Month

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pythonmastery_ext.db.engine import Database


def add_parser(subparsers: Any) -> None:
    actions = command.add_parser(subparsers)
    for name, change in (("upgrade", command.upgrade), ("downgrade", command.downgrade)):
        actions.choices[name].set_defaults(run=command.on_database(_recorded(change)))
    out = actions.add_parser(
        "archive",
        help="move old months into files",
        description="Moves the months before the named one out of the database, each into a file "
        "of its own, while learners go on working. What is counted (points, XP, statistics) "
        "stays; the single attempts and conversations are in the files. Run it again after a "
        "break.",
    )
    out.add_argument("--before", required=True, type=_month, metavar="YYYY-MM")
    out.add_argument("--to", type=Path, metavar="FOLDER", help="default: archive/ with the data")
    out.add_argument("--dry-run", action="store_true", help="only tell what would be moved")
    out.set_defaults(run=command.on_database(archive))
    back = actions.add_parser("restore-archive", help="bring an archived month back")
    back.add_argument("file", type=Path, metavar="FILE")
    back.set_defaults(run=command.on_database(restore_archive))
    save = actions.add_parser("backup", help="write the whole database into a file")
    save.add_argument("target", type=Path, metavar="FILE|FOLDER")
    save.set_defaults(run=command.on_database(write_backup))
    load = actions.add_parser(
        "restore",
        help="read a backup into an empty database",
        description="Reads a backup into an empty database, brings its schema up to date and "
        "erases again whoever was erased since. Stop the service first.",
    )
    load.add_argument("file", type=Path, metavar="FILE")
    load.add_argument(
        "--force", action="store_true", help="delete everything that is in the database first"
    )
    load.set_defaults(run=command.on_database(read_backup))


def _recorded(change: command.Action) -> command.Action:
    """A change of the schema, noted down by what comes after it, unless nothing is left."""

    def act(url: str, args: argparse.Namespace) -> int:
        before = revision.status(url).current
        code = change(url, args)
        after = revision.status(url).current
        if after and after != before:
            asyncio.run(_with_database(url, lambda db: _schema_changed(db, before, after)))
        return code

    return act


async def _schema_changed(db: Database, before: str | None, after: str) -> int:
    from pythonmastery_ext import upkeep

    await upkeep.schema_changed(db, before, after)
    return 0


def _month(text: str) -> Month:
    try:
        return Month.of(datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC))
    except ValueError as exc:
        raise argparse.ArgumentTypeError(f"{text!r} is not a month such as 2025-01") from exc


async def _with_database(url: str, work: Callable[[Database], Awaitable[int]]) -> int:
    from pythonmastery_ext.db.engine import Database

    db = Database(url, application_name="pythonmastery db")
    try:
        return await work(db)
    finally:
        await db.close()


def archive(url: str, args: argparse.Namespace) -> int:
    revision.must_be_newest(url)
    folder = args.to or Path(Settings().data_dir) / "archive"
    return asyncio.run(_with_database(url, lambda db: _archive(db, args, folder)))


async def _archive(db: Database, args: argparse.Namespace, folder: Path) -> int:
    from pythonmastery_ext import upkeep

    async for line in upkeep.archive(db, args.before, None if args.dry_run else folder):
        sys.stdout.write(f"{line}\n")
    return 0


def restore_archive(url: str, args: argparse.Namespace) -> int:
    revision.must_be_newest(url)
    return asyncio.run(_with_database(url, lambda db: _restore_archive(db, args.file)))


async def _restore_archive(db: Database, file: Path) -> int:
    from pythonmastery_ext import upkeep

    sys.stdout.write(f"{await upkeep.attach(db, file)}\n")
    return 0


def write_backup(url: str, args: argparse.Namespace) -> int:
    file = backup.backup(url, args.target)
    if revision.status(url).up_to_date:
        asyncio.run(_with_database(url, lambda db: _keep_erasures(db, file)))
    sys.stdout.write(f"{file} ({file.stat().st_size / 1e6:.1f} MB)\n")
    return 0


def read_backup(url: str, args: argparse.Namespace) -> int:
    from pythonmastery_ext.db import migrate

    settings = Settings()
    # Told before anything is deleted: without the keys nobody who was erased is found again.
    keyring(settings)
    asyncio.run(_with_database(url, lambda db: _gather_erasures(db, settings, args.file)))
    backup.restore(url, args.file, force=args.force)
    migrate.upgrade(url)
    return asyncio.run(_with_database(url, lambda db: _settle(db, settings)))


async def _keep_erasures(db: Database, file: Path) -> int:
    from pythonmastery_ext import upkeep

    await upkeep.keep_erasures(db, Settings(), file)
    await upkeep.backed_up(db, file)
    return 0


async def _gather_erasures(db: Database, settings: Settings, file: Path) -> int:
    from pythonmastery_ext import upkeep

    await upkeep.gather_erasures(db, settings, file)
    return 0


async def _settle(db: Database, settings: Settings) -> int:
    from pythonmastery_ext import upkeep

    sys.stdout.write(f"{await upkeep.settle(db, settings)}\n")
    return 0
