"""Which revision a database is at: what each start asks, so Alembic is loaded only to change it."""

import logging
from dataclasses import dataclass
from pathlib import Path

import psycopg

from pythonmastery_ext.db import failures
from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.db.problems import SchemaAhead, SchemaBehind

log = logging.getLogger(__name__)

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

    @property
    def too_new(self) -> bool:
        """Whether a later version of this program has changed the schema."""
        return self.current is not None and self.current > self.newest

    @property
    def words(self) -> str:
        """What an operator is told where the two differ."""
        if self.too_new:
            return (
                f"The schema of the database is {self.current}, and this program, which is older, "
                f"knows {self.newest}. A schema serves the version before it too, so it goes on; "
                "bring this program up to date."
            )
        return (
            f"The schema of the database is {self.current or 'not there yet'}, and this program "
            f"needs {self.newest}: run `pythonmastery db upgrade` with this version."
        )


def status(url: str) -> MigrationStatus:
    """DatabaseAway if the server cannot be reached."""
    return MigrationStatus(current=_current(url), newest=newest())


def newest() -> str:
    return max(_all())


def known(revision: str) -> bool:
    """Whether this program has a migration of that name."""
    return revision in _all()


def must_be_known(url: str) -> MigrationStatus:
    """SchemaAhead."""
    found = status(url)
    if found.too_new:
        raise SchemaAhead(found=found.current, newest=found.newest)
    return found


def must_be_newest(url: str) -> None:
    """SchemaBehind, SchemaAhead."""
    if not must_be_known(url).up_to_date:
        raise SchemaBehind


def ensure(url: str) -> None:
    """Upgrades what is older than the newest revision; DatabaseAway."""
    found = status(url)
    if found.too_new:
        log.warning(found.words)
    elif not found.up_to_date:
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
