"""From every earlier schema to today's and back, with rows in every table."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from pythonmastery_ext.db import migrate
from pythonmastery_ext.db.engine import psycopg_dsn
from tests.conftest import admin, fresh_database, with_database
from tests.db.contents import contents
from tests.db.safety import dangers

#: What was written at each revision, in the SQL of that time; none where no table is new.
RELEASED = Path(__file__).parent / "released"
REVISIONS = sorted(s.revision for s in ScriptDirectory(str(migrate.SCRIPTS)).walk_revisions())
#: Filled by Procrastinate as it works; its schema is its own.
FOREIGN = "procrastinate_"


@dataclass(frozen=True)
class Step:
    #: Name of a database with the schema of the revision, and rows of it and all before it.
    database: str
    #: What its migration did, and the tables that were there before.
    statements: list[str]
    existing: set[str]


@contextmanager
def recorded():
    """Statements of all connections that SQLAlchemy makes."""
    statements = []

    def note(_c, _cursor, statement, *_):
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture(scope="module")
def steps(postgres_url):
    """Revision → Step."""
    made = {}
    before, existing = "template0", set()
    for revision in REVISIONS:
        name = f"released_{revision}"
        with admin(postgres_url) as connection:
            connection.execute(
                sql.SQL("create database {} template {} strategy file_copy").format(
                    sql.Identifier(name), sql.Identifier(before)
                )
            )
        url = with_database(postgres_url, name)
        with recorded() as statements:
            migrate.upgrade(url, revision)
        file = RELEASED / f"{revision}.sql"
        if file.exists():
            with psycopg.connect(psycopg_dsn(url)) as connection:
                connection.execute(file.read_bytes())
        made[revision] = Step(name, statements, existing)
        before, existing = name, set(contents(url))
    yield made
    with admin(postgres_url) as connection:
        for step in made.values():
            connection.execute(
                sql.SQL("drop database {} with (force)").format(sql.Identifier(step.database))
            )


#: Each database was upgraded step by step with all its rows, so one more step shows as much as all.
WAYS = [*pairwise(REVISIONS), (REVISIONS[0], REVISIONS[-1]), (REVISIONS[-1], REVISIONS[-1])]


@pytest.mark.parametrize(("revision", "newer"), WAYS)
def test_an_upgrade_keeps_every_row_and_a_downgrade_too(postgres_url, steps, revision, newer):
    with fresh_database(postgres_url, steps[revision].database) as url:
        before = contents(url, views=False)
        empty = [name for name, rows in before.items() if not rows and FOREIGN not in name]
        assert empty == [], f"tests/db/released/{revision}.sql has no rows for these tables"
        migrate.upgrade(url, newer)
        after = contents(url, views=False)
        assert {name: kept(rows, after[name]) for name, rows in before.items()} == before
        migrate.downgrade(url, revision)
        assert contents(url, views=False) == before


def kept(rows, now):
    """Today's rows with the columns that they had."""
    columns = set(rows[0]) if rows else set()
    return [{name: value for name, value in row.items() if name in columns} for row in now]


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_upgrade_holds_up_nobody_and_breaks_nothing_that_runs(steps, revision):
    step = steps[revision]
    assert list(dangers(step.statements, step.existing)) == []


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("drop table hint", "is dropped"),
        ("ALTER TABLE app_user DROP COLUMN email", "loses a column"),
        ("alter table app_user rename column email to mail", "another name"),
        ("alter table app_user add column age integer not null", "does not fill"),
        ("alter table app_user alter column role set not null", "may no longer be null"),
        ("alter table audit_event add column x uuid default gen_random_uuid()", "written anew"),
        ("alter table audit_event add constraint c check (id > 0)", "not valid"),
        ("CREATE INDEX i ON problem_attempt (status)", "concurrently, by month"),
        ("update problem_progress set xp = 0", "in batches"),
    ],
)
def test_what_would_is_found(statement, told):
    existing = {"hint", "app_user", "audit_event", "problem_attempt", "problem_progress"}
    limits = ["set lock_timeout = 1", "set statement_timeout = 1"]
    (found,) = dangers([*limits, statement], existing)
    assert told in found
    assert list(dangers([*limits, statement], set())) == []
    assert "no limit" in next(dangers([statement], set()))


#: What the release with schema 0003 does in its transactions, as PostgreSQL sees it.
OLD_CODE = (
    """
    with attempt as (
        insert into problem_attempt (id, submitted_at, user_id, problem_id, version_id, kind,
                                     code_submission, hints_used, max_points)
        values (gen_random_uuid(), now(), 1, 1, 1, 'submit', 'print(1)', 0, 10)
        returning id, submitted_at
    ), ledger as (
        insert into submission_key (user_id, key, attempt_id, submitted_at, body_sha)
        select 1, gen_random_uuid(), id, submitted_at, sha256('x') from attempt
        on conflict do nothing
    ), told as (
        insert into audit_event (actor_id, learner_id, kind, target, data, streamed)
        select 1, 1, 'attempt.submitted', id::text, '{}', true from attempt
    )
    insert into procrastinate_jobs (queue_name, task_name, args)
    select 'grading', 'grade', jsonb_build_object('attempt_id', id) from attempt
    """,
    """
    with graded as (
        update problem_attempt
        set status = 'passed', graded_at = clock_timestamp(), points = 10, test_results = '[]',
            xp_gained = 30, tries = tries + 1
        where id = (select id from problem_attempt where status is null and user_id = 1 limit 1)
        returning user_id, problem_id
    )
    insert into problem_progress (user_id, problem_id, submits, max_points, solved_at)
    select user_id, problem_id, 1, 10, now() from graded
    on conflict (user_id, problem_id) do update set submits = problem_progress.submits + 1
    """,
    """
    insert into ai_interaction (id, created_at, user_id, problem_id, message_type, user_message,
                                state, source)
    values (gen_random_uuid(), now(), 1, 1, 'question', 'Why?', 'complete', 'built_in')
    """,
    """
    insert into app_user (username, email, display_name) values (gen_random_uuid()::text, 'a', 'b')
    """,
    "update app_user set display_name = 'Ada L.', updated_at = now() where id = 1",
    "insert into unlocked_hint (user_id, problem_id, hint_order) values (1, 1, 2)"
    " on conflict do nothing",
    "select id, role, email, display_name from app_user where username = 'ada'",
    "update problem set title = 'Sum!' where id = 1",
)
#: Lock not available, deadlock: the old code does the transaction again, four times in all.
AGAIN = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)


class OldCode(threading.Thread):
    """A process of the old release; stops at what it could not have got over."""

    def __init__(self, url):
        super().__init__()
        self.rounds = 0
        self.failure = None
        self.moved = threading.Semaphore(0)
        self.over = threading.Event()
        self._url = url

    def run(self):
        try:
            with psycopg.connect(psycopg_dsn(self._url), autocommit=True) as connection:
                connection.execute("set lock_timeout = 3000")
                connection.execute("set statement_timeout = 15000")
                while not self.over.is_set():
                    for statement in OLD_CODE:
                        self._do(connection, statement)
                    self.rounds += 1
                    self.moved.release()
        except psycopg.Error as exc:
            self.failure = exc
            self.moved.release(100)

    def _do(self, connection, statement, tries=4):
        try:
            connection.execute(statement)
        except AGAIN:
            if tries == 1:
                raise
            self._do(connection, statement, tries - 1)

    def some_more(self):
        while self.moved.acquire(blocking=False):
            pass
        for _ in range(3):
            assert self.moved.acquire(timeout=30)


def test_code_of_the_first_release_goes_on_writing_during_and_after_an_upgrade(postgres_url, steps):
    with fresh_database(postgres_url, steps["0003"].database) as url:
        with psycopg.connect(psycopg_dsn(url)) as connection:
            for table in ("problem_attempt", "ai_interaction"):
                connection.execute(
                    f"create table {table}_now partition of {table}"
                    " for values from ('2026-02-01') to ('2100-01-01')"
                )
        old = [OldCode(url) for _ in range(2)]
        for each in old:
            each.start()
        for each in old:
            each.some_more()
        migrate.upgrade(url)
        for each in old:
            each.some_more()
            each.over.set()
            each.join()
        assert [each.failure for each in old] == [None, None]
        rounds = sum(each.rounds for each in old)
        after = contents(url)
        assert len(after["problem_attempt"]) == 3 + rounds
        assert len(after["ai_interaction"]) == 1 + rounds
        assert len(after["procrastinate_jobs"]) == 1 + rounds
        assert len(after["app_user"]) == 2 + rounds


@pytest.mark.parametrize(
    ("revision", "stopped_before"),
    [
        ("0005", "create table user_stats"),
        ("0006", "alter index ix_ai_interaction_context_data attach"),
        ("0008", "create index concurrently idx_unchained"),
        ("0014", "alter table user_stats validate constraint"),
        ("0016", "alter table audit_event drop constraint"),
        ("0016", "alter index idx_learner_events_new rename"),
    ],
)
def test_an_upgrade_that_was_broken_off_goes_on_when_it_is_begun_again(
    postgres_url, steps, revision, stopped_before
):
    before = REVISIONS[REVISIONS.index(revision) - 1]
    with fresh_database(postgres_url, steps[before].database) as url:
        with stopping(stopped_before), pytest.raises((KeyboardInterrupt, SQLAlchemyError)):
            migrate.upgrade(url, revision)
        assert migrate.status(url).current == before
        migrate.upgrade(url)
        assert migrate.check(url) == []


@contextmanager
def stopping(start):
    """As by Ctrl-C, before the statement that begins so."""

    def stop(_c, _cursor, statement, *_):
        if " ".join(statement.lower().split()).startswith(start):
            raise KeyboardInterrupt

    event.listen(Engine, "before_cursor_execute", stop)
    yield
    event.remove(Engine, "before_cursor_execute", stop)


def test_an_upgrade_waits_for_a_table_in_use_without_holding_up_others(postgres_url, steps):
    with fresh_database(postgres_url, steps["0007"].database) as url:
        holder = psycopg.connect(psycopg_dsn(url))
        holder.execute("select count(*) from audit_event")
        upgrade = threading.Thread(target=migrate.upgrade, args=(url,))
        upgrade.start()
        with psycopg.connect(psycopg_dsn(url), autocommit=True) as other:
            waiting = "select count(*) from pg_locks where not granted"
            while other.execute(waiting).fetchone() == (0,):
                pass
            other.execute("set lock_timeout = 3000")
            other.execute("insert into audit_event (kind) values ('meanwhile')")
        assert migrate.status(url).current == "0007"
        holder.close()
        upgrade.join(60)
        assert migrate.status(url).up_to_date


#: What no release has written, and nobody but an admin with SQL can.
OUT_OF_RANGE = """
    update problem_attempt set hints_used = -1, execution_time = -1, points = max_points + 1,
        test_results = '5' where status is not null;
    update submission_key set body_sha = 'x';
    update problem_progress set failed = submits + 1, xp = -1;
    update user_stats set passed = attempts + 1, xp = -1;
    update learning_analytics set help_requests = -1;
    update rate_limit set burst = 0;
    update section set estimated_hours = -1;
    update problem set title = '';
    update hint set hint_text = '';
    insert into audit_event (kind, seq, hash) values ('role.changed', -7, '\\x00');
"""
IN_RANGE = """
    select bool_and(hints_used = 0 and execution_time = 0 and points = max_points
                    and test_results is null) filter (where status is not null),
        (select bool_and(octet_length(body_sha) = 32) from submission_key),
        (select bool_and(failed = submits and xp = 0) from problem_progress),
        (select bool_and(passed = attempts and xp = 0) from user_stats),
        (select bool_and(help_requests = 0) from learning_analytics),
        (select bool_and(burst = 1) from rate_limit),
        (select bool_and(estimated_hours = 0) from section),
        (select bool_and(title = slug) from problem),
        (select bool_and(hint_text <> '') from hint),
        exists (select from audit_event where seq = -7)
    from problem_attempt
"""
UNSURE = "select conname::text from pg_constraint where not convalidated"


def test_rows_out_of_range_are_mended_and_a_forged_event_stays_to_be_seen(postgres_url, steps):
    with fresh_database(postgres_url, steps["0013"].database) as url:
        with psycopg.connect(psycopg_dsn(url)) as connection:
            connection.execute(OUT_OF_RANGE)
        migrate.upgrade(url)
        with psycopg.connect(psycopg_dsn(url)) as connection:
            found = connection.execute(IN_RANGE).fetchone()
            assert all(found), found
            assert connection.execute(UNSURE).fetchall() == [("ck_audit_event_seq",)]


def test_after_an_ordinary_upgrade_every_constraint_holds_for_every_row(postgres_url, steps):
    with (
        fresh_database(postgres_url, steps[REVISIONS[-1]].database) as url,
        psycopg.connect(psycopg_dsn(url)) as connection,
    ):
        assert connection.execute(UNSURE).fetchall() == []
