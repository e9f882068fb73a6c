"""A PostgreSQL server that somebody else runs, named by PYTHONMASTERY_DATABASE_URL."""

import socket
from contextlib import suppress
from typing import NoReturn

import psycopg
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from pythonmastery_ext.db.engine import psycopg_dsn, sqlalchemy_url
from pythonmastery_ext.db.problems import (
    DatabaseUnknown,
    OptionWrong,
    ServerTooOld,
    ServerUnreachable,
    SignInRefused,
    UrlWrong,
)

OLDEST = 15
CONNECT_SECONDS = 5
#: Databases that every server has, for asking what else it has.
MAINTENANCE = ("postgres", "template1")
#: What a URL can say after the question mark that is no option of the connection.
PLACE = ("host", "port", "user", "password", "dbname")


def check_server(url: str) -> str:
    """The URL in the form that Database takes; a ServerError says what is wrong with it."""
    try:
        parsed = make_url(sqlalchemy_url(url))
    except (ArgumentError, ValueError) as exc:
        raise UrlWrong from exc
    if not parsed.database or not url.startswith("postgres"):
        raise UrlWrong
    try:
        with _connect(parsed) as connection:
            version = connection.info.server_version // 10_000
    except (psycopg.OperationalError, psycopg.ProgrammingError) as exc:
        _explain(parsed, exc)
    if version < OLDEST:
        raise ServerTooOld(where=_where(parsed), found=version, needed=OLDEST)
    return sqlalchemy_url(url)


def _explain(url: URL, failure: psycopg.Error) -> NoReturn:
    """libpq gives no SQLSTATE when a connection fails, so what is still possible is tried."""
    if not _answers(url):
        raise ServerUnreachable(where=_where(url)) from failure
    if options := [name for name in url.query if name not in PLACE]:
        with suppress(psycopg.OperationalError), _connect(url.difference_update_query(options)):
            raise OptionWrong(where=_where(url), options=", ".join(options)) from failure
    for database in MAINTENANCE:
        with suppress(psycopg.OperationalError), _connect(url.set(database=database)) as other:
            known = other.execute("select from pg_database where datname = %s", [url.database])
            if known.rowcount == 0:
                raise DatabaseUnknown(where=_where(url), database=url.database) from failure
    asked = failure.pgconn is not None and (
        failure.pgconn.used_password or failure.pgconn.needs_password
    )
    raise (SignInRefused if asked else ServerUnreachable)(where=_where(url)) from failure


def _connect(url: URL) -> psycopg.Connection[tuple[object, ...]]:
    dsn = psycopg_dsn(url.render_as_string(hide_password=False))
    return psycopg.connect(dsn, autocommit=True, connect_timeout=CONNECT_SECONDS)


def _answers(url: URL) -> bool:
    host = url.host or str(url.query.get("host", ""))
    if not host or host.startswith("/"):
        # A socket in the file system: libpq has tried it already.
        return True
    with suppress(OSError), socket.create_connection((host, url.port or 5432), CONNECT_SECONDS):
        return True
    return False


def _where(url: URL) -> str:
    return f"{url.host or url.query.get('host') or 'the local socket'}:{url.port or 5432}"
