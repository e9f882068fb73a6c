"""What the role of the web handlers can reach, whatever a query asks for."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors, sql

from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.db.opening import WEB
from tests.fences import walls

ME, OTHER = 101, 102
FORBIDDEN = (
    "update problem_attempt set status = 'passed'",
    "insert into problem_attempt select (jsonb_populate_record(a, more)).* from problem_attempt a,"
    " (values (jsonb_build_object('id', gen_random_uuid(), 'xp_gained', 9))) as v (more)",
    "insert into problem_progress (user_id, problem_id, xp) values (101, 9, 9)",
    "insert into user_stats (user_id, xp) values (101, 1000000)",
    "update user_stats set xp = 1000000",
    "update app_user set role = 'admin'",
    "select * from rate_limit",
    "select data from audit_event",
    "select args from procrastinate_jobs",
    "select * from regrade_item",
)


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(psycopg_dsn(database_url), autocommit=True) as opened:
        yield opened


@pytest.fixture
def fenced(connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """As a web handler of ME is, with rows of both in every table of people."""
    walls.fill(connection, (ME, OTHER))
    become(connection, ME)
    return connection


def become(connection: psycopg.Connection[Any], person: int) -> None:
    connection.execute("select set_config('role', %s, false)", [WEB])
    connection.execute("select set_config('pm.uid', %s, false)", [str(person)])


def test_every_table_of_people_is_fenced(connection):
    assert walls.unfenced(connection) == []


def test_a_new_table_without_a_policy_is_found(connection):
    (month,) = connection.execute(
        "select max(inhrelid)::regclass::text from pg_inherits"
        " where inhparent = 'problem_attempt'::regclass"
    ).fetchone()
    connection.execute("create table diary (user_id bigint, words text)")
    connection.execute(f"grant select on {month}, user_performance_summary to {WEB}")
    assert walls.unfenced(connection) == [
        "diary has rows of people and no policy",
        f"{WEB} reaches the partition {month} past its table",
        f"{WEB} reads user_performance_summary, which no policy can guard",
    ]


def test_a_query_without_a_condition_gives_own_rows_only(fenced):
    read = 0
    for table, columns in walls.tables(fenced).items():
        owner = walls.owner_of(table, columns)
        if owner is None or not can(fenced, table, "select"):
            continue
        names = {"owner": sql.Identifier(owner), "table": sql.Identifier(table)}
        rows = fenced.execute(sql.SQL("select {owner} from {table}").format(**names))
        assert rows.fetchall() == [(ME,)], table
        read += 1
    assert read > 10


def test_rows_of_others_cannot_be_changed_or_taken(fenced):
    for table, columns in walls.tables(fenced).items():
        owner = walls.owner_of(table, columns)
        if owner is None or not can(fenced, table, "update"):
            continue
        names = {"owner": sql.Identifier(owner), "table": sql.Identifier(table)}
        change = sql.SQL("update {table} set {owner} = {{}}").format(**names).as_string()
        changed = fenced.execute(sql.SQL(change).format(names["owner"]))
        assert changed.rowcount == 1, table
        with pytest.raises(errors.InsufficientPrivilege):
            fenced.execute(sql.SQL(change).format(OTHER))


def test_rows_for_others_cannot_be_put_in(fenced):
    for table, columns in walls.tables(fenced).items():
        owner = walls.owner_of(table, columns)
        if owner is None:
            continue
        row = walls.row_of(columns, owner, 103)
        with pytest.raises(errors.InsufficientPrivilege):
            walls.put(fenced, table, row)


def test_nothing_can_be_deleted_emptied_or_made(fenced):
    for table, columns in walls.tables(fenced).items():
        if walls.owner_of(table, columns):
            for verb in ("delete from", "truncate"):
                with pytest.raises(errors.InsufficientPrivilege):
                    fenced.execute(f"{verb} {table}")
    with pytest.raises(errors.InsufficientPrivilege):
        fenced.execute("create table mine (x int)")


def test_a_handler_cannot_write_a_verdict_or_what_follows_from_it(fenced):
    for statement in FORBIDDEN:
        with pytest.raises(errors.InsufficientPrivilege):
            fenced.execute(statement)


def test_without_a_name_nothing_is_seen(fenced):
    for name in ("", "0"):
        fenced.execute("select set_config('pm.uid', %s, false)", [name])
        assert fenced.execute("select count(*) from problem_attempt").fetchone() == (0,)


def test_the_only_number_of_others_is_how_many_wait(fenced):
    assert fenced.execute("select count(*) from problem_attempt").fetchone() == (1,)
    assert fenced.execute("select attempts_ahead('infinity')").fetchone() == (2,)


def can(connection: psycopg.Connection[Any], table: str, privilege: str) -> bool:
    row = connection.execute("select has_table_privilege(%s, %s)", [table, privilege]).fetchone()
    return bool(row and row[0])
