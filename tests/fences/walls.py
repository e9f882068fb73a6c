"""The schema as the fences see it, and rows in every table of people."""

from typing import Any

import psycopg
from psycopg import sql

from pythonmastery_ext.db.opening import INSTRUCTOR, WEB

#: Columns that say whose a row is.
OWNERS = ("user_id", "learner_id", "actor_id")
COLUMNS = """
    select c.relname, a.attname, format_type(a.atttypid, null), a.attnotnull
        and not a.atthasdef and a.attidentity = '' as needed, a.attidentity <> '' as made
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition and a.attnum > 0 and not a.attisdropped
      and c.relname not like 'procrastinate%' and c.relname <> 'alembic_version'
    order by c.relname, a.attnum
"""
RELATIONS = """
    select c.relname, c.relkind::text, c.relispartition, c.relrowsecurity,
        exists (select from pg_policy where polrelid = c.oid) as policy,
        exists (select from pg_attribute a where a.attrelid = c.oid
                and (a.attname = any(%s) or c.relname = 'app_user')) as of_people,
        has_any_column_privilege(%s, c.oid, 'select, insert, update')
            or has_table_privilege(%s, c.oid, 'delete, truncate') as open
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
"""
#: A value that fits where one must be given; different for each person, as some are unique.
VALUES = {
    "bigint": "{0}",
    "integer": "{0}",
    "smallint": "{0}",
    "double precision": "0.5",
    "numeric": "0.5",
    "boolean": "false",
    "uuid": "01890000-0000-7000-8000-{0:012}",
    "jsonb": "{{}}",
    "date": "2026-01-01",
    "timestamp with time zone": "now",
}


def tables(connection: psycopg.Connection[Any]) -> dict[str, dict[str, tuple[str, bool, bool]]]:
    """Table → column → (type, must be given, made by the server)."""
    found: dict[str, dict[str, tuple[str, bool, bool]]] = {}
    for table, column, kind, needed, made in connection.execute(COLUMNS):
        found.setdefault(table, {})[column] = (kind, needed, made)
    return found


def owner_of(table: str, columns: dict[str, Any]) -> str | None:
    if table == "app_user":
        return "id"
    return next((name for name in OWNERS if name in columns), None)


def unfenced(connection: psycopg.Connection[Any]) -> list[str]:
    """What a role of the web handlers could read of other people, one line each."""
    found = []
    for role in (WEB, INSTRUCTOR):
        for row in connection.execute(RELATIONS, [list(OWNERS), role, role]):
            name, kind, partition, secured, policy, of_people, reachable = row
            if partition and reachable:
                found.append(f"{role} reaches the partition {name} past its table")
            elif of_people and kind in "vm" and reachable:
                found.append(f"{role} reads {name}, which no policy can guard")
            elif of_people and kind in "rp" and not partition and not (secured and policy):
                found.append(f"{name} has rows of people and no policy")
    return sorted(set(found))


def fill(connection: psycopg.Connection[Any], people: tuple[int, int]) -> list[str]:
    """A row for each of both in every table of people; returns the tables.

    Keys between the tables and checks of values are no matter here, so they are put aside.
    """
    connection.execute("set session_replication_role = replica")
    checks = connection.execute(
        "select conrelid::regclass::text, conname from pg_constraint"
        " where contype = 'c' and connamespace = 'public'::regnamespace and conparentid = 0"
        " and conislocal"
    ).fetchall()
    for table, name in checks:
        connection.execute(f'alter table {table} drop constraint "{name}"')
    filled = []
    for table, columns in tables(connection).items():
        owner = owner_of(table, columns)
        if owner is None:
            continue
        for person in people:
            put(connection, table, row_of(columns, owner, person))
        filled.append(table)
    connection.execute("set session_replication_role = origin")
    return filled


def row_of(columns: dict[str, tuple[str, bool, bool]], owner: str, person: int) -> dict[str, str]:
    needed = {
        name: "{}" if kind.endswith("[]") else VALUES.get(kind, "x{0}").format(person)
        for name, (kind, needed, _) in columns.items()
        if needed
    }
    return needed | {owner: str(person)}


def put(connection: psycopg.Connection[Any], table: str, row: dict[str, str]) -> None:
    connection.execute(
        sql.SQL("insert into {} ({}) overriding system value values ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        ),
        list(row.values()),
    )
