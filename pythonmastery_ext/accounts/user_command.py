"""`pythonmastery user`: who has come, and who may do what."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from pythonmastery_ext.db import revision
from pythonmastery_ext.db.command import on_database
from pythonmastery_ext.errors import Refusal
from pythonmastery_ext.schema import ROLES

if TYPE_CHECKING:
    from pythonmastery_ext.db.engine import Database

Work = Callable[["Database", argparse.Namespace], Awaitable[None]]
LARGEST_PAGE = 1000


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("user", help="people and their roles")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="who has come, by name")
    listing.add_argument("--role", choices=ROLES, help="only these")
    listing.add_argument("--after", default="", metavar="NAME", help="those after this name")
    listing.add_argument("--limit", type=page_size, default=50, metavar="N", help="at most so many")
    listing.add_argument("--json", action="store_true", help="one JSON object for each line")
    listing.set_defaults(run=with_database(show))
    role = actions.add_parser(
        "role",
        help="give a person a role",
        description="Gives a person a role, at once and in all processes. The audit keeps it.",
    )
    role.add_argument("name", metavar="NAME")
    role.add_argument("role", choices=ROLES)
    role.add_argument("--force", action="store_true", help="even if no admin is left")
    role.set_defaults(run=with_database(set_role))


async def show(db: Database, args: argparse.Namespace) -> None:
    from pythonmastery_ext.accounts import people

    async with db.transaction() as session:
        found = await people.page(session, role=args.role, after=args.after, limit=args.limit + 1)
    for person in found[: args.limit]:
        came = person.created_at.isoformat(timespec="seconds")
        if args.json:
            told = {"id": person.id, "username": person.username, "role": person.role}
            say(json.dumps({**told, "created_at": came}))
        else:
            say(f"{person.username:<30} {person.role:<10} since {came[:10]}")
    if len(found) > args.limit:
        tell(f"There are more: add --after {found[args.limit - 1].username}")


async def set_role(db: Database, args: argparse.Namespace) -> None:
    from pythonmastery_ext.accounts import people

    async with db.transaction() as session:
        before = await people.set_role(session, args.name, args.role, actor=None, force=args.force)
    say(f"{args.name} was {before} and is {args.role} now.")


def with_database(work: Work) -> Callable[[argparse.Namespace], int]:
    """The action with a database whose schema is up to date; a refusal is told and ends with 2."""

    def action(url: str, args: argparse.Namespace) -> int:
        revision.must_be_newest(url)
        try:
            asyncio.run(_run(url, work, args))
        except Refusal as refusal:
            for field in refusal.fields or ():
                tell(f"--{field['field']}: {field['message']}")
            tell(refusal.message)
            return 2
        return 0

    return on_database(action)


async def _run(url: str, work: Work, args: argparse.Namespace) -> None:
    from pythonmastery_ext.db import tables
    from pythonmastery_ext.db.engine import Database

    tables.metadata()
    db = Database(url, application_name="pythonmastery command", pool_size=1, max_overflow=5)
    try:
        await work(db, args)
    finally:
        await db.close()


def page_size(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST_PAGE:
        raise argparse.ArgumentTypeError(f"is a number from 1 to {LARGEST_PAGE}")
    return int(text)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def tell(text: str) -> None:
    """What is not the answer itself."""
    sys.stderr.write(text + "\n")
