"""What belongs together goes to the server in one message, and counts or not as one transaction."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pythonmastery_ext import worker
from pythonmastery_ext.attempts import service as attempts
from pythonmastery_ext.attempts.schema import AttemptIn
from pythonmastery_ext.db import admission, direct
from pythonmastery_ext.db.admission import Admission
from pythonmastery_ext.db.cache import CACHES
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.statement import Statement
from pythonmastery_ext.errors import DatabaseAway, TooManyWaiting
from pythonmastery_ext.grading.client import Outcome
from tests.caches.conftest import until
from tests.db.work import a_learner

MADE = Statement("insert into tell (word) values (:word) returning word")
ENDS = ("_commit_gen", "_rollback_gen")
WHO = Statement("select current_user::text, cast(:any as text)")


@pytest.fixture
async def learner(db: Database, tmp_path: Path) -> int:
    return await a_learner(db, tmp_path)


@pytest.fixture
async def cached(db: Database) -> AsyncIterator[None]:
    """As in a service that has run for a while."""
    CACHES.follow(db)
    await until(lambda: CACHES.sure)
    yield
    await CACHES.stop()


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The driver's steps that ask the server; a commit is none where nothing is open."""
    said: list[str] = []
    wait = psycopg.AsyncConnection.wait

    async def noted(self, gen, *args, **kwargs):
        idle = self.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE
        if gen.__name__ != "notifies" and not (idle and gen.__name__ in ENDS):
            said.append(gen.__name__)
        return await wait(self, gen, *args, **kwargs)

    monkeypatch.setattr(psycopg.AsyncConnection, "wait", noted)
    return said


async def send(db: Database, learner: int, key=None, most: int = 100):
    draft = AttemptIn(key=key or uuid4(), kind="submit", code="def double(n): ...")
    return await db.retry(
        lambda session: attempts.submit(session, learner, "double", draft, most),
        as_learner=learner,
        turn=learner,
        brief=True,
    )


async def begin(db: Database, attempt):
    return (await db.retry(lambda session: worker._begin(session, attempt), brief=True))[0]


async def finish(db: Database, begun) -> None:
    outcome = Outcome(status="failed", points=0, tests=[])
    await db.retry(
        lambda session: worker._finish(session, begun, outcome), turn=begun.user_id, brief=True
    )


async def words(db: Database) -> list[str]:
    async with db.transaction() as session:
        return list(await session.scalars(text("select word from tell order by word")))


@pytest.fixture
async def table(db: Database) -> None:
    async with db.transaction() as session:
        await session.execute(
            text("create table tell (word text unique deferrable initially deferred)")
        )


@pytest.mark.usefixtures("cached")
async def test_a_submission_is_one_message_and_its_verdict_two(db, learner, messages):
    for _ in range(2):
        # All is read once, and the learner's counters are made.
        sent, _ = await send(db, learner)
        await finish(db, await begin(db, sent.id))
    messages.clear()
    sent, made = await send(db, learner)
    assert (made, messages) == (True, ["_exchange"])
    begun = await begin(db, sent.id)
    assert messages == ["_exchange"] * 2
    await finish(db, begun)
    assert messages == ["_exchange"] * 4
    async with db.transaction() as session:
        kept = text("select status from problem_attempt where id = :id")
        assert await session.scalar(kept, {"id": sent.id}) == "failed"


async def test_a_key_that_is_known_gives_the_same_attempt_and_another_body_is_refused(db, learner):
    key = uuid4()
    first, made = await send(db, learner, key)
    again, anew = await send(db, learner, key)
    assert (first.id, made, anew) == (again.id, True, False)


async def test_too_many_that_wait_are_refused_and_nothing_is_written(db, learner):
    await send(db, learner)
    with pytest.raises(TooManyWaiting):
        await send(db, learner, most=1)
    async with db.transaction() as session:
        counts = text("select (select count(*) from problem_attempt), count(*) from submission_key")
        assert tuple((await session.execute(counts)).one()) == (1, 1)


async def test_what_fails_at_the_commit_is_undone_with_all_before_it(db, table):
    async def twice(session):
        await direct.rows(session, MADE, {"word": "a"})
        return await direct.last(session, MADE, {"word": "a"})

    with pytest.raises(psycopg.errors.UniqueViolation):
        await db.retry(twice, brief=True)
    assert await words(db) == []


async def test_a_transaction_of_one_message_that_fails_at_its_end_is_told(db, table):
    """Nobody says COMMIT there: the server's own commit fails, after the rows were given."""
    both = Statement("insert into tell (word) values (:word), (:word) returning word")
    with pytest.raises(psycopg.errors.UniqueViolation):
        await db.retry(lambda session: direct.last(session, both, {"word": "a"}), brief=True)
    assert await words(db) == []
    # The connection is as good as before.
    await db.retry(lambda session: direct.last(session, MADE, {"word": "b"}), brief=True)
    assert await words(db) == ["b"]


async def test_after_the_last_statement_nothing_is_said_without_the_fence(db, learner):
    async with db.transaction(as_learner=learner, brief=True) as session:
        ((role, _),) = await direct.last(session, WHO, {"any": "x"})
        with pytest.raises(InvalidRequestError):
            await session.execute(text("select 1"))
    assert role == "pythonmastery_web"


async def test_what_was_prepared_is_forgotten_with_a_transaction_that_fails(db, table):
    """The driver drops what it prepared when it rolls back; the next message prepares it anew."""

    async def both(session):
        await direct.rows(session, MADE, {"word": "b"})
        await direct.rows(session, Statement("select 1 / :none"), {"none": 0})

    async with db.transaction() as session:
        await session.execute(text("select 1"))
        await direct.rows(session, MADE, {"word": "a"})
    for _ in range(3):
        with pytest.raises(psycopg.errors.DivisionByZero):
            await db.retry(both)
    async with db.transaction() as session:
        await direct.rows(session, MADE, {"word": "c"})
    assert await words(db) == ["a", "c"]


async def test_a_session_that_the_server_ends_in_the_middle_is_told_as_a_database_away(db):
    async def end(session):
        await direct.last(
            session, Statement("select pg_terminate_backend(pg_backend_pid(), :n)"), {"n": 0}
        )

    with pytest.raises(DatabaseAway):
        await db.retry(end, attempts=1, brief=True)
    async with db.transaction() as session:
        assert await session.scalar(text("select 1")) == 1


async def test_few_are_at_it_at_once_and_one_of_each_learner():
    line, at_it, most = Admission(3), set(), 0

    async def one(learner: int) -> None:
        nonlocal most
        async with line.place(learner):
            assert learner not in at_it
            at_it.add(learner)
            most = max(most, len(at_it))
            await asyncio.sleep(0)
            at_it.discard(learner)

    await asyncio.gather(*(one(n % 5) for n in range(40)))
    assert most == 3


async def test_who_waits_too_long_in_line_is_told_so(monkeypatch):
    monkeypatch.setattr(admission, "PATIENCE", 0.01)
    line = Admission(1)
    async with line.place(1):
        with pytest.raises(PoolTimeout):
            async with line.place(2):
                raise AssertionError
    async with line.place(2):
        pass
