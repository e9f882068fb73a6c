"""The database, a worker or the grader breaks: nothing is lost and nothing counted twice."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import make_url, select, update

from pythonmastery_ext.accounts.service import learner_for
from pythonmastery_ext.attempts import history, service
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.attempts.schema import AttemptIn, AttemptOut
from pythonmastery_ext.audit.models import AuditEvent
from pythonmastery_ext.config import Settings
from pythonmastery_ext.curriculum.course import read_course
from pythonmastery_ext.curriculum.loader import load_course
from pythonmastery_ext.db.engine import Database, psycopg_dsn
from pythonmastery_ext.grading.client import GraderAway, GradingClient
from pythonmastery_ext.identity import Person
from pythonmastery_ext.progress.models import ProblemProgress
from pythonmastery_ext.worker import MOST_TRIES, Worker
from tests.api import servers
from tests.api.client import Api, take, until
from tests.api.course import RIGHT, SLOW
from tests.conftest import fresh_database
from tests.counterparts.wire import Wire, wire_to


class Classroom:
    """A database with the course and one learner, and no server."""

    def __init__(self, db: Database, learner: int) -> None:
        self.db = db
        self.learner = learner

    async def submit(self, code: str) -> UUID:
        draft = AttemptIn(key=uuid4(), kind="submit", code=code)
        made = await self.db.retry(
            lambda db: service.submit(db, self.learner, "double", draft, 100)
        )
        return made[0].id

    async def read(self, attempt: UUID) -> AttemptOut:
        async with self.db.transaction() as db:
            return await history.one(db, self.learner, attempt)

    async def tries(self, attempt: UUID) -> int:
        async with self.db.transaction() as db:
            found = await db.scalar(
                select(ProblemAttempt.tries).where(ProblemAttempt.id == attempt)
            )
        assert found is not None
        return found

    async def until_tried(self, attempt: UUID, tries: int) -> None:
        async def look() -> bool:
            return await self.tries(attempt) >= tries

        await until(look)

    async def graded(self, attempt: UUID) -> AttemptOut:
        async def look() -> AttemptOut | None:
            found = await self.read(attempt)
            return found if found.status != "waiting" else None

        found = await until(look)
        assert found is not None
        return found

    async def verdicts(self) -> int:
        async with self.db.transaction() as db:
            kinds = await db.scalars(select(AuditEvent.kind))
            return list(kinds).count("attempt.graded")


@pytest.fixture
async def room(db: Database, course_dir: Path) -> Classroom:
    async with db.transaction() as session:
        await load_course(session, read_course(course_dir))
        learner = await learner_for(session, Person("ada"))
    return Classroom(db, learner.id)


def worker_process(db: Database, course_dir: Path, log: Path):
    words = [sys.executable, "-m", "pythonmastery_ext.cli", "worker"]
    environment = {
        "PYTHONMASTERY_DATABASE_URL": db.url,
        "PYTHONMASTERY_COURSE_DIR": str(course_dir),
    }
    return servers.process(words, log, environment)


async def test_each_attempt_has_one_verdict_though_a_worker_is_killed_and_two_work_at_a_time(
    room: Classroom, course_dir: Path, tmp_path: Path
):
    """One test, because each start of a worker takes seconds."""
    slow = await room.submit(SLOW)
    with worker_process(room.db, course_dir, tmp_path / "first.log") as first:
        await room.until_tried(slow, 1)
        os.kill(first.pid, signal.SIGKILL)
    assert (await room.read(slow)).status == "waiting"
    with worker_process(room.db, course_dir, tmp_path / "second.log"):
        found = await room.graded(slow)
        assert found.status == "passed", found
        assert await room.tries(slow) == 2
        assert await room.verdicts() == 1

        with worker_process(room.db, course_dir, tmp_path / "third.log") as third:
            await until(lambda: waits_for_attempts(tmp_path / "third.log"))
            attempts = [await room.submit(RIGHT + f"# {n}\n") for n in range(12)]
            for attempt in attempts:
                assert (await room.graded(attempt)).status == "passed"
            assert third.poll() is None
    assert await room.verdicts() == 1 + len(attempts)
    async with room.db.transaction() as db:
        progress = (await db.scalars(select(ProblemProgress))).one()
    assert (progress.submits, progress.xp) == (13, 18)


async def waits_for_attempts(log: Path) -> bool:
    return "waiting for attempts" in await asyncio.to_thread(log.read_text)


async def test_the_same_job_at_the_same_time_counts_once(room: Classroom, grading: GradingClient):
    attempt = await room.submit(RIGHT)
    workers = [Worker(room.db, grading) for _ in range(3)]
    await asyncio.gather(*(worker.grade(str(attempt)) for worker in workers))
    assert (await room.read(attempt)).xp_gained == 18
    assert await room.verdicts() == 1


async def test_an_attempt_that_no_worker_survives_becomes_our_fault_and_counts_for_nothing(
    room: Classroom,
):
    attempt = await room.submit(RIGHT)
    async with room.db.transaction() as db:
        await db.execute(update(ProblemAttempt).values(tries=MOST_TRIES))
    await Worker(room.db, GradingClient(Settings())).grade(str(attempt))
    found = await room.read(attempt)
    assert (found.status, found.reason, found.xp_gained) == ("error", "internal", 0)
    assert found.message is not None
    assert "does not count against you" in found.message
    async with room.db.transaction() as db:
        progress = (await db.scalars(select(ProblemProgress))).one()
    assert (progress.submits, progress.failed) == (0, 0)


async def test_without_a_grader_attempts_wait_and_keep_their_tries(room: Classroom):
    attempt = await room.submit(RIGHT)
    with pytest.raises(GraderAway):
        await Worker(room.db, GradingClient(Settings())).grade(str(attempt))
    assert (await room.read(attempt)).status == "waiting"
    assert await room.tries(attempt) == 0


async def test_an_attempt_whose_job_was_lost_gets_a_new_one(
    room: Classroom, grading: GradingClient, monkeypatch: pytest.MonkeyPatch
):
    attempt = await room.submit(RIGHT)
    with psycopg.connect(psycopg_dsn(room.db.url), autocommit=True) as connection:
        connection.execute("delete from procrastinate_jobs")
    monkeypatch.setattr("pythonmastery_ext.worker.ORPHANED", timedelta())
    worker = Worker(room.db, grading)
    worker.start()
    try:
        assert (await room.graded(attempt)).status == "passed"
    finally:
        await worker.stop()


async def test_jobs_are_looked_over_again_after_something_unexpected(
    room: Classroom,
    grading: GradingClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    """A table that is away for a moment stands for what nobody thought of."""
    monkeypatch.setattr("pythonmastery_ext.worker.ORPHANED", timedelta())
    worker = Worker(room.db, grading)
    with psycopg.connect(psycopg_dsn(room.db.url), autocommit=True) as connection:
        connection.execute("alter table problem_attempt rename to hidden")
        worker.start()
        try:

            async def failed() -> bool:
                return "will look again" in caplog.text

            await until(failed)
            # In a thread: the worker, in this loop, may hold a lock that is waited for.
            await asyncio.to_thread(
                connection.execute, "alter table hidden rename to problem_attempt"
            )
            attempt = await room.submit(RIGHT)
            await asyncio.to_thread(connection.execute, "delete from procrastinate_jobs")
            assert (await room.graded(attempt)).status == "passed"
        finally:
            await worker.stop()


@pytest.fixture
def wire(postgres_url: str) -> Iterator[Wire]:
    port = make_url(postgres_url).port
    assert port is not None
    with wire_to(port) as made:
        yield made


async def test_a_database_that_goes_away_is_told_and_everything_recovers_by_itself(
    wire: Wire, postgres_url: str, template: str, course_dir: Path, tmp_path: Path
):
    with fresh_database(postgres_url, template) as url:
        through = make_url(url).set(port=wire.port).render_as_string(hide_password=False)
        environment = {
            "PYTHONMASTERY_DATABASE_URL": through,
            "PYTHONMASTERY_COURSE_DIR": str(course_dir),
        }
        with servers.jupyter(tmp_path / "log", environment) as root:
            await asyncio.to_thread(servers.wait_ready, root, servers.TOKEN, tmp_path / "log")
            api = Api(root, servers.TOKEN, "local")
            await cut_and_mend(api, wire)
            await api.close()


async def ready(api: Api) -> bool:
    return bool((await api("GET", "status"))[1]["ready"])


async def cut_and_mend(api: Api, wire: Wire) -> None:
    assert (await api.submit("double", RIGHT, kind="check"))["status"] == "passed"
    async with api.events() as events:
        await take(events, "hello")
        wire.cut()
        for method, path, body in (
            ("GET", "problems", None),
            ("GET", "progress", None),
            ("POST", "problems/double/attempts", {"key": str(uuid4()), "code": RIGHT}),
            ("POST", "problems/double/hints/1", {}),
        ):
            answer = await api.http.request(method, path, json=body)
            assert answer.status_code == 503, answer.text
            assert answer.headers["Retry-After"]
            assert answer.json()["error"]["code"] == "database_away"
        status, told = await api("GET", "status")
        assert (status, told["ready"]) == (200, False)
        assert told["detail"]
        wire.mend()
        await until(lambda: ready(api))
        _, attempt = await api.send("double", RIGHT)
        assert (await api.graded(attempt["id"]))["status"] == "passed"
        graded = await take(events, "attempt.graded")
    assert graded.data["id"] == attempt["id"]
