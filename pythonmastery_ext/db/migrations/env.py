"""Run by Alembic; the connection comes from migrate.py in `config.attributes`."""

from collections.abc import Mapping
from typing import Any

from alembic import context
from sqlalchemy import Connection, text

from pythonmastery_ext.db import tables
from pythonmastery_ext.db.partitions import PARENTS

#: Milliseconds. A migration that waits for a lock makes everybody behind it wait too, so it waits
#: less than they do (3 s), and migrate.py tries again.
LOCK_TIMEOUT = 2_000
STATEMENT_TIMEOUT = 600_000

NOT_OURS = text(r"""
    select relname from pg_class
    where relnamespace = to_regnamespace(current_schema())
      and (relispartition or relname like 'procrastinate\_%' or relname ~ :months)
""")
MONTHS = rf"^({'|'.join(PARENTS)})_\d{{4}}_\d{{2}}$"


def not_ours(connection: Connection) -> frozenset[str]:
    """Procrastinate looks after its own tables, and partitions.py after the months.

    Also after those that are detached: nothing that is written anew may drop them.
    """
    return frozenset(connection.scalars(NOT_OURS, {"months": MONTHS}))


def run(connection: Connection) -> None:
    hidden = not_ours(connection)

    def include_name(name: str | None, kind: str, parents: Mapping[Any, Any]) -> bool:
        return kind != "table" or name not in hidden

    connection.execute(text(f"set lock_timeout = {LOCK_TIMEOUT}"))
    connection.execute(text(f"set statement_timeout = {STATEMENT_TIMEOUT}"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=tables.metadata(),
        include_name=include_name,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
