"""Which revision a database is at: what each start asks, so Alembic is loaded only to change it."""

from dataclasses import dataclass
from pathlib import Path

import psycopg

from pythonmastery_ext.db import failures
from pythonmastery_ext.db.engine import psycopg_dsn

SCRIPTS = Path(__file__).parent / "migrations"
CURRENT = "select version_num from alembic_version"


@dataclass(frozen=True, kw_only=True)
class MigrationStatus:
    #: None in a database without our tables.
    current: str | None
    newest: str

    @property
    def up_to_date(self) -> bool:
        return self.current == self.newest


def status(url: str) -> MigrationStatus:
    """DatabaseAway if the server cannot be reached."""
    return MigrationStatus(current=_current(url), newest=newest())


def newest() -> str:
    return max(_all())


def known(revision: str) -> bool:
    """Whether this program has a migration of that name."""
    return revision in _all()


def ensure(url: str) -> None:
    """Upgrades what is not at the newest revision; DatabaseAway."""
    if not status(url).up_to_date:
        # A quarter of a second, which most starts can do without.
        from pythonmastery_ext.db import migrate

        migrate.upgrade(url)


def _all() -> set[str]:
    """The files are named by revision, in order."""
    found = {file.name.partition("_")[0] for file in (SCRIPTS / "versions").glob("[0-9]*.py")}
    if not found:
        raise FileNotFoundError(f"no migrations in {SCRIPTS}")
    return found


def _current(url: str) -> str | None:
    try:
        with psycopg.connect(
            psycopg_dsn(url), connect_timeout=10, application_name="pythonmastery migrations"
        ) as connection:
            row = connection.execute(CURRENT).fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    except psycopg.Error as exc:
        if refusal := failures.away(exc):
            raise refusal from exc
        raise
    return str(row[0]) if row else None
