"""`pythonmastery privacy`: a person's data, given out and erased by whoever runs the service."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from pythonmastery_ext.accounts.people import named
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.config import Settings
from pythonmastery_ext.db.command import on_database
from pythonmastery_ext.db.encryption import EncryptionProblem
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.keyfile import keyring
from pythonmastery_ext.errors import Refusal
from pythonmastery_ext.privacy import archives, service
from pythonmastery_ext.privacy.erasing import Eraser, StillThere
from pythonmastery_ext.privacy.exporting import export
from pythonmastery_ext.privacy.models import OPEN, DataRequest

Work = Callable[[Database, Settings, argparse.Namespace], Awaitable[int]]


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("privacy", help="a person's data: export, erasure")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    out = actions.add_parser("export", help="write a zip of everything about a person")
    out.add_argument("user", metavar="USER", help="user name")
    out.add_argument("file", metavar="FILE", type=Path)
    out.set_defaults(run=_command(export_person))
    erase = actions.add_parser("erase", help="erase a person")
    erase.add_argument("user", metavar="USER", help="user name")
    erase.add_argument(
        "--now", action="store_true", help="without the days for changing one's mind"
    )
    erase.set_defaults(run=_command(erase_person))
    actions.add_parser("list", help="requests that are open").set_defaults(
        run=_command(list_requests)
    )
    actions.add_parser(
        "replay", help="erase again whoever came back with a restored copy"
    ).set_defaults(run=_command(replay))
    files = actions.add_parser(
        "archives",
        help="which archived months hold people who were erased since?",
        description="Reads the files of `pythonmastery db archive`. Exit status: 0 nobody who was "
        "erased is in them, 1 somebody is.",
    )
    files.add_argument("--in", dest="folder", type=Path, metavar="FOLDER", help="of the files")
    files.add_argument(
        "--remove", action="store_true", help="write the files anew without these people"
    )
    files.set_defaults(run=_command(show_archives))


async def export_person(db: Database, settings: Settings, args: argparse.Namespace) -> int:
    async with db.transaction() as session:
        user = (await named(session, args.user)).id
        await audit.record(
            session,
            "privacy.exported",
            actor=None,
            learner=user,
            target=None,
            data={},
            streamed=False,
        )
    await export(db, keyring(settings), user, args.file)
    print(f"{args.file} holds everything about {args.user}; hand it to nobody else.")
    return 0


async def erase_person(db: Database, settings: Settings, args: argparse.Namespace) -> int:
    if not args.now:
        async with db.transaction() as session:
            request = await service.erase_later(session, args.user, settings.erasure_days)
        print(f"{args.user} will be erased on {request.due_at:%Y-%m-%d}, while the service runs.")
        return 0
    async with db.transaction() as session:
        request = await service.erase_now(session, args.user)
    await Eraser(db, keyring(settings), Path(settings.privacy_dir)).carry_out(request.id)
    print(
        f"{args.user} is erased; backups of before know them until they go, and archived months"
        " until `pythonmastery privacy archives --remove`."
    )
    return 0


async def list_requests(db: Database, _settings: Settings, _args: argparse.Namespace) -> int:
    async with db.transaction() as session:
        query = select(DataRequest).where(DataRequest.state.in_(OPEN)).order_by(DataRequest.due_at)
        found = list(await session.scalars(query))
    for request in found:
        failed = f"  failed {request.tries} times: {request.problem}" if request.tries else ""
        print(
            f"{request.kind:<6}  user {request.user_id:<8} {request.state:<8}"
            f" due {request.due_at:%Y-%m-%d %H:%M}{failed}"
        )
    print(f"{len(found)} open.")
    return 0


async def replay(db: Database, settings: Settings, _args: argparse.Namespace) -> int:
    print(f"{await service.replay(db, settings)} erased again.")
    return 0


async def show_archives(db: Database, settings: Settings, args: argparse.Namespace) -> int:
    async with db.transaction() as session:
        gone = await archives.erased(session)
    found = list(archives.held(args.folder or Path(settings.data_dir) / "archive", gone))
    for each in found:
        rows, people = each.people.total(), len(each.people)
        print(f"{each.file}: {rows} rows of {people} erased people")
        if args.remove:
            await archives.remove(db, each)
    print(f"{len(found)} files {'held' if args.remove else 'hold'} people who were erased.")
    return 1 if found and not args.remove else 0


def _command(work: Work) -> Callable[[argparse.Namespace], int]:
    def action(url: str, args: argparse.Namespace) -> int:
        try:
            return asyncio.run(_on(url, work, args))
        except (EncryptionProblem, Refusal, StillThere, OSError) as problem:
            print(problem, file=sys.stderr)
            return 1

    return on_database(action)


async def _on(url: str, work: Work, args: argparse.Namespace) -> int:
    db = Database(url, application_name="pythonmastery privacy", pool_size=2, max_overflow=5)
    try:
        return await work(db, Settings(), args)
    finally:
        await db.close()
