"""`pythonmastery db`: the address of the database, and its schema.

Other commands need a part of this, so Alembic is loaded only by what changes or compares a schema.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError

from pythonmastery_ext.config import ConfigError, Settings
from pythonmastery_ext.db import failures
from pythonmastery_ext.db import revision as revisions
from pythonmastery_ext.db.embedded import EmbeddedPostgres
from pythonmastery_ext.db.problems import DatabaseProblem, NotPermitted
from pythonmastery_ext.db.server import check_server
from pythonmastery_ext.errors import DatabaseAway

Action = Callable[[str, argparse.Namespace], int]


def add_parser(subparsers: Any) -> Any:
    """The parsers of the actions, for those that need more than this package knows."""
    parser = subparsers.add_parser("db", help="the database: address, schema, archive and backup")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    url = actions.add_parser("url", help="print the address, for example for psql")
    url.add_argument(
        "--start", action="store_true", help="start the embedded server first and let it run"
    )
    url.set_defaults(run=show_url)
    actions.add_parser("upgrade", help="bring the schema up to date").set_defaults(
        run=on_database(upgrade)
    )
    down = actions.add_parser(
        "downgrade", help="take the schema back to a revision; deletes what only newer tables hold"
    )
    down.add_argument("revision", metavar="REV", help="a revision, 'base' for no tables, or -1")
    down.set_defaults(run=on_database(downgrade))
    new = actions.add_parser("revision", help="write a migration after the models have changed")
    new.add_argument("why", metavar="WHY", help="in a few words; becomes part of the file name")
    new.add_argument("--folder", type=Path, help="write it here instead of beside the others")
    new.set_defaults(run=on_database(revision))
    actions.add_parser("status", help="is the schema up to date? 0 yes, 1 no").set_defaults(
        run=on_database(status)
    )
    actions.add_parser("check", help="do models and schema agree? 0 yes, 1 no").set_defaults(
        run=on_database(check)
    )
    return actions


def show_url(args: argparse.Namespace) -> int:
    try:
        settings = Settings()
        url = check_server(settings.database_url) if settings.database_url else None
        if url is None:
            server = EmbeddedPostgres(Path(settings.data_dir))
            # Not stopped: whoever uses it last, a JupyterLab for example, stops it.
            url = server.start() if args.start else server.running_url()
    except (ConfigError, DatabaseProblem) as problem:
        return _fail(problem)
    if url is None:
        return _fail("The embedded database does not run; add --start to start it.")
    print(url.replace("postgresql+psycopg://", "postgresql://", 1))
    return 0


def upgrade(url: str, args: argparse.Namespace) -> int:
    found = revisions.status(url)
    if found.too_new:
        # Whoever goes back to the version before starts it with this command.
        print(found.words)
        return 0
    from pythonmastery_ext.db import migrate

    migrate.upgrade(url)
    return status(url, args)


def downgrade(url: str, args: argparse.Namespace) -> int:
    from pythonmastery_ext.db import migrate

    migrate.downgrade(url, args.revision)
    print(f"The schema is at {revisions.status(url).current or 'no revision'}.")
    return 0


def revision(url: str, args: argparse.Namespace) -> int:
    from pythonmastery_ext.db import migrate

    print(migrate.revision(url, args.why, args.folder))
    return 0


def status(url: str, args: argparse.Namespace) -> int:
    found = revisions.status(url)
    if found.up_to_date:
        print(f"The schema is up to date ({found.current}).")
        return 0
    print(f"The schema is at {found.current or 'no revision'}, the newest is {found.newest}.")
    return 1


def check(url: str, args: argparse.Namespace) -> int:
    from pythonmastery_ext.db import migrate

    differences = migrate.check(url)
    for difference in differences:
        print(difference)
    print("Models and schema differ." if differences else "Models and schema agree.")
    return 1 if differences else 0


def on_database(action: Action) -> Callable[[argparse.Namespace], int]:
    """The action on the configured database; an embedded one runs for as long as it takes."""

    def run(args: argparse.Namespace) -> int:
        try:
            settings = Settings()
            given = settings.database_direct_url or settings.database_url
            if given:
                return _act(action, check_server(given), args)
            server = EmbeddedPostgres(Path(settings.data_dir))
            # One that runs was started for somebody, for example by `db url --start`.
            ran = server.running_url() is not None
            try:
                return _act(action, server.start(), args)
            finally:
                if not ran:
                    server.stop()
        except _problems() as problem:
            return _fail(problem)

    return run


def _problems() -> tuple[type[Exception], ...]:
    """What is told in a sentence."""
    from pythonmastery_ext.db.migrate import MigrationProblem

    return ConfigError, DatabaseProblem, DatabaseAway, MigrationProblem


def _act(action: Action, url: str, args: argparse.Namespace) -> int:
    try:
        return action(url, args)
    except (DBAPIError, psycopg.Error) as exc:
        if reason := failures.forbidden(exc):
            raise NotPermitted(reason=reason) from exc
        if failures.lacks_schema(exc):
            revisions.must_be_newest(url)
        raise


def _fail(problem: object) -> int:
    print(problem, file=sys.stderr)
    return 2
