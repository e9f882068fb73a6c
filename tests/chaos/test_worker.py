"""What becomes of a job when its worker dies, cannot write its end, or has a wrong clock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from pythonmastery_ext.accounts.service import learner_for
from pythonmastery_ext.chores import prune_keys
from pythonmastery_ext.config import Settings
from pythonmastery_ext.curriculum.course import read_course
from pythonmastery_ext.curriculum.loader import load_course
from pythonmastery_ext.db.engine import Database, psycopg_dsn
from pythonmastery_ext.errors import DatabaseAway
from pythonmastery_ext.grading.client import GradingClient
from pythonmastery_ext.identity import Person
from pythonmastery_ext.worker import MOST_TRIES, Worker
from tests.api.client import until
from tests.api.course import RIGHT, SLOW, make_course
from tests.api.test_faults import Classroom, worker_process

#: The end of a job cannot be written, as on a disk that is full.
NO_DELETE = """
    create function refuse() returns trigger language plpgsql as
    $$ begin raise exception 'no space' using errcode = '53100'; end $$;
    create trigger refuse before delete on procrastinate_jobs
        for each row execute function refuse()
"""


#: As is a verdict, while the beginning of a try still finds room.
NO_VERDICT = NO_DELETE.replace(
    "before delete on procrastinate_jobs", "before insert on audit_event"
)


@pytest.fixture(scope="module")
def course_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture
async def room(db: Database, course_dir: Path) -> Classroom:
    async with db.transaction() as session:
        await load_course(session, read_course(course_dir))
        learner = await learner_for(session, Person("ada"))
    return Classroom(db, learner.id)


@asynccontextmanager
async def working(room: Classroom) -> AsyncIterator[None]:
    grading = GradingClient(Settings())
    await grading.start()
    worker = Worker(room.db, grading)
    worker.start()
    try:
        yield
    finally:
        await worker.stop()
        await grading.close()


def do(room: Classroom, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(psycopg_dsn(room.db.url), autocommit=True) as connection:
        done = connection.execute(statement)
        return done.fetchall() if done.description else []


async def until_no_job(room: Classroom) -> None:
    async def look() -> bool:
        return not do(room, "select 1 from procrastinate_jobs where task_name = 'grade'")

    await until(look)


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pythonmastery_ext.worker.REAP_EVERY", 0.2)


@pytest.mark.usefixtures("brief")
async def test_a_job_whose_end_could_not_be_written_is_not_left_for_ever(room: Classroom):
    attempt = await room.submit(RIGHT)
    do(room, NO_DELETE)
    async with working(room):
        assert (await room.graded(attempt)).status == "passed"
        do(room, "drop trigger refuse on procrastinate_jobs")
        await until_no_job(room)
    assert await room.verdicts() == 1


@pytest.mark.usefixtures("brief")
async def test_a_try_that_a_wrong_clock_put_far_ahead_is_made_now(room: Classroom):
    attempt = await room.submit(RIGHT)
    do(room, "update procrastinate_jobs set scheduled_at = now() + interval '1 hour'")
    async with working(room):
        assert (await room.graded(attempt)).status == "passed"
        await until_no_job(room)


class HardOfHearing(Worker):
    """As when a connection is being made at the moment of the first word."""

    async def _session(self) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()


async def test_a_worker_that_did_not_hear_that_it_is_to_end_is_told_again(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("pythonmastery_ext.worker.UNHEARD", 0.1)
    worker = HardOfHearing(room.db, GradingClient(Settings()))
    worker.start()
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await worker.stop()


async def test_a_database_that_cannot_take_the_verdict_costs_no_try(room: Classroom):
    attempt = await room.submit(RIGHT)
    do(room, NO_VERDICT)
    grading = GradingClient(Settings())
    await grading.start()
    worker = Worker(room.db, grading)
    try:
        for _ in range(MOST_TRIES + 1):
            with pytest.raises(DatabaseAway):
                await worker.grade(str(attempt))
        assert await room.tries(attempt) == 0
        do(room, "drop trigger refuse on audit_event")
        await worker.grade(str(attempt))
    finally:
        await grading.close()
    assert (await room.read(attempt)).status == "passed"
    assert await room.verdicts() == 1


async def test_keys_are_kept_for_a_month_by_the_clock_of_the_database(room: Classroom):
    await room.submit(RIGHT)
    await prune_keys(room.db)
    assert len(do(room, "select 1 from submission_key")) == 1
    do(room, "update submission_key set submitted_at = now() - interval '31 days'")
    await prune_keys(room.db)
    assert do(room, "select 1 from submission_key") == []


async def test_an_attempt_that_three_workers_died_of_gets_a_verdict_that_blames_nobody(
    room: Classroom, course_dir: Path, tmp_path: Path
):
    attempt = await room.submit(SLOW)
    for tries in range(1, MOST_TRIES + 1):
        await die_of(room, attempt, tries, course_dir, tmp_path)
    with worker_process(room.db, course_dir, tmp_path / "last.log"):
        found = await room.graded(attempt)
        await until_no_job(room)
    assert (found.status, found.reason, found.xp_gained) == ("error", "internal", 0)
    assert await room.verdicts() == 1


async def die_of(
    room: Classroom, attempt: UUID, tries: int, course_dir: Path, tmp_path: Path
) -> None:
    with worker_process(room.db, course_dir, tmp_path / f"{tries}.log") as worker:
        await room.until_tried(attempt, tries)
        worker.kill()
    # Its lease is over: nobody needs to wait for that here.
    do(room, "update procrastinate_workers set last_heartbeat = now() - interval '1 hour'")
