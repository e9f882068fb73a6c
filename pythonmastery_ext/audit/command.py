"""`pythonmastery audit`: has anybody changed what the audit log says?"""

import argparse
import asyncio
from typing import Any

from pythonmastery_ext.audit import chain
from pythonmastery_ext.audit.form import Head
from pythonmastery_ext.audit.verify import verify
from pythonmastery_ext.db.command import on_database
from pythonmastery_ext.db.engine import Database


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("audit", help="the audit log: is it whole?")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser(
        "verify",
        help="go along the chain and tell where it breaks",
        description="Exit status: 0 the log is whole, 1 it is not.",
    )
    check.add_argument(
        "--from",
        dest="first",
        type=_place,
        default=1,
        metavar="N",
        help="begin with the seal over this place; what stands before is believed",
    )
    check.add_argument(
        "--head", type=_head, help="what `audit head` printed once: is all of it still there?"
    )
    check.set_defaults(run=on_database(_verify))
    actions.add_parser(
        "head", help="seal what is new and print the end, to be kept on another machine"
    ).set_defaults(run=on_database(_print_head))


def _place(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _head(text: str) -> Head:
    return Head.parse(text)


def _verify(url: str, args: argparse.Namespace) -> int:
    report = verify(url, args.first, args.head)
    for place in report.breaks:
        print(place)
    if report.waiting:
        print(f"{report.waiting} events are not sealed yet; a worker does it in seconds.")
    if report.deleted:
        print(f"Deleted, as PostgreSQL counts for itself: {report.deleted} events.")
    if report.breaks:
        print("The chain is broken.")
        return 1
    if report.deleted and args.first == 1:
        print("The chain holds, but events are missing that were never part of it, or its end.")
        return 1
    print(f"The chain holds: {report.checked} events, head {report.head}")
    return 0


def _print_head(url: str, args: argparse.Namespace) -> int:
    print(asyncio.run(_grown(url)))
    return 0


async def _grown(url: str) -> Head:
    db = Database(url)
    try:
        while await chain.grow(db):
            pass
        return await chain.head(db)
    finally:
        await db.close()
