"""`pythonmastery token`: sessions of clients outside the browser.

Whoever may read the database's address may make a token for anybody; the audit keeps it.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any, get_args

from pythonmastery_ext import body
from pythonmastery_ext.accounts.schema import Scope, SessionIn, SessionKind
from pythonmastery_ext.accounts.user_command import say, tell, with_database
from pythonmastery_ext.identity import LOCAL_USERNAME

if TYPE_CHECKING:
    from pythonmastery_ext.accounts.schema import SessionOut
    from pythonmastery_ext.db.engine import Database


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "token", help="tokens of kernels, scripts and command lines", description=__doc__
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    create = actions.add_parser("create", help="make one and print it, once")
    create.add_argument("--label", default="command line", help="what it is for")
    create.add_argument("--kind", choices=get_args(SessionKind), default="cli")
    create.add_argument(
        "--scope",
        choices=get_args(Scope),
        action="append",
        help="what it may do, may be given again (default: submit)",
    )
    create.add_argument("--hours", type=int, metavar="N", help="for how long")
    create.set_defaults(run=with_database(make))
    listing = actions.add_parser("list", help="those there are, without their tokens")
    listing.add_argument("--json", action="store_true", help="one JSON object for each line")
    listing.set_defaults(run=with_database(show))
    revoke = actions.add_parser("revoke", help="end one, or all, at once")
    which = revoke.add_mutually_exclusive_group(required=True)
    which.add_argument("id", nargs="?", help="the number that `token list` shows")
    which.add_argument("--all", action="store_true", help="every active one of this person")
    revoke.set_defaults(run=with_database(end))
    for action in (create, listing, revoke):
        action.add_argument(
            "--user", default=LOCAL_USERNAME, metavar="NAME", help="whose (default: %(default)s)"
        )


async def make(db: Database, args: argparse.Namespace) -> None:
    from pythonmastery_ext.accounts import people, sessions

    asked = {"label": args.label, "kind": args.kind, "hours": args.hours}
    asked["scopes"] = args.scope or ["submit"]
    draft = body.parse(json.dumps(asked).encode(), SessionIn)
    async with db.transaction() as session:
        user = await people.named(session, args.user)
        made, token = await sessions.create(session, user.id, draft, user.role, actor=None)
    tell(
        f"Session {made.id} of {args.user} may {', '.join(made.scopes)} "
        f"until {made.expires_at:%Y-%m-%d %H:%M} UTC. This is its token, shown only now:"
    )
    say(token)


async def show(db: Database, args: argparse.Namespace) -> None:
    from pythonmastery_ext.accounts import people, sessions

    async with db.transaction() as session:
        user = await people.named(session, args.user)
        found = await sessions.listing(session, user.id)
    for one in found:
        say(one.model_dump_json() if args.json else _line(one))
    if not found and not args.json:
        tell(f"{args.user} has no sessions.")


async def end(db: Database, args: argparse.Namespace) -> None:
    from pythonmastery_ext.accounts import people, sessions

    async with db.transaction() as session:
        user = await people.named(session, args.user)
        if args.all:
            count = await sessions.revoke_all(session, user.id, actor=None)
        else:
            await sessions.revoke(session, user.id, sessions.number(args.id), actor=None)
    say(f"{count} sessions of {args.user} ended." if args.all else f"Session {args.id} has ended.")


def _line(one: SessionOut) -> str:
    used = f"used {one.last_used_at:%Y-%m-%d %H:%M}" if one.last_used_at else "never used"
    until = f"{one.expires_at:%Y-%m-%d %H:%M}"
    scopes = ",".join(one.scopes)
    return (
        f"{one.id:>8} {one.state:<8} {one.kind:<7} {scopes:<20} until {until}, {used}: {one.label}"
    )
