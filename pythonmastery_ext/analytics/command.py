"""`pythonmastery stats`: counters and views made anew."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from pythonmastery_ext.accounts.user_command import say, with_database

if TYPE_CHECKING:
    from pythonmastery_ext.db.engine import Database


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("stats", help="make statistics anew")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    mend = actions.add_parser(
        "recompute",
        help="all counters from the attempts",
        description="Makes counters, skills, achievements and views anew from the attempts, for "
        "instance after a restore or an upgrade from 0.1. The service may go on meanwhile; "
        "verdicts wait while the counters are made.",
    )
    mend.set_defaults(run=with_database(recompute))
    fresh = actions.add_parser("refresh", help="make the materialised views anew now")
    fresh.set_defaults(run=with_database(refresh))


async def recompute(db: Database, _args: argparse.Namespace) -> None:
    from pythonmastery_ext.analytics import keeping
    from pythonmastery_ext.db import tables

    tables.metadata()
    say(f"The counters of {await keeping.recompute(db)} learners are made anew.")


async def refresh(db: Database, _args: argparse.Namespace) -> None:
    from pythonmastery_ext.analytics import keeping

    for view, milliseconds in (await keeping.refresh(db)).items():
        say(f"{view}: {milliseconds} ms")
