"""One client process under load: `python -m benchmarks.db.load` is told what to do by JSON.

For each line it connects, warms up and says `ready`; at the next line it works, and prints what
that took.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.db import course, plain
from pythonmastery_ext import worker
from pythonmastery_ext.attempts import service
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.attempts.schema import AttemptIn
from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.db import tables
from pythonmastery_ext.db.cache import CACHES
from pythonmastery_ext.db.engine import Database, driver_connection
from pythonmastery_ext.db.ids import time_of
from pythonmastery_ext.identity import Learner
from pythonmastery_ext.limits.buckets import Limiter

#: Does one piece of work; False when there is no more.
One = Callable[[], Awaitable[bool]]
NO_LIMIT = 1_000_000
#: By then the driver has prepared its statements, and the server has settled on their plans.
WARM_UP = 12


@dataclass(frozen=True, kw_only=True)
class Spec:
    url: str
    phase: str
    connections: int
    seconds: float
    #: File with the graded answers, and what each connection works on: [learner, slug or attempt].
    graded: str
    work: list[list[list[Any]]]


@dataclass(frozen=True, kw_only=True)
class Done:
    milliseconds: list[float]
    seconds: float
    client_seconds: float


class Client:
    def __init__(self, spec: Spec) -> None:
        tables.metadata()
        self._spec = spec
        self._answers = course.answers(Path(spec.graded))
        self._db = Database(spec.url, pool_size=spec.connections, max_overflow=0)

    async def run(self) -> Done:
        spec = self._spec
        makers = {
            "bucket": self._buckets,
            "submit": self._submits,
            "begin": self._begins,
            "verdict": self._verdicts,
            "record": self._records,
        }
        make = makers.get(spec.phase, self._plain)
        await followed(self._db)
        await self._read_course()
        lanes = [make(work) for work in spec.work if work]
        ones = [await anext(lane) for lane in lanes]
        await asyncio.gather(*(_warmed(one) for one in ones))
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        spent, began = time.process_time(), time.perf_counter()
        taken = await asyncio.gather(*(_until(one, began + spec.seconds) for one in ones))
        seconds, client = time.perf_counter() - began, time.process_time() - spent
        for lane in lanes:
            await lane.aclose()
        await CACHES.stop()
        await self._db.close()
        return Done(
            milliseconds=[each for lane in taken for each in lane],
            seconds=seconds,
            client_seconds=client,
        )

    async def _read_course(self) -> None:
        """A service that has run for some minutes has met every problem."""
        if self._spec.phase in ("submit", "begin", "verdict", "record"):
            async with self._db.transaction() as db:
                for problems in (await catalog.tree(db)).problems.values():
                    for problem, version in problems:
                        await catalog.published(db, problem.slug)
                        await catalog.graded(db, version.id)

    def _answer(self, slug: str) -> course.Graded:
        """The next one to a problem, which is a copy of one of the real course."""
        return next(self._answers[slug.rpartition("-")[0]])

    async def _buckets(self, work: list[list[Any]]) -> AsyncIterator[One]:
        turns = cycle(work)
        limiter = Limiter(self._db, dict.fromkeys(("write", "submit"), (1e9, 10**9)))

        async def one() -> bool:
            number, _ = next(turns)
            learner = Learner(id=number, username="", role="student", display_name=None)
            await limiter.take(learner, ["submit", "write"], uuid4())
            return True

        await self._db.ping()
        yield one

    async def _submits(self, work: list[list[Any]]) -> AsyncIterator[One]:
        turns = cycle(work)

        async def one() -> bool:
            learner, slug = next(turns)
            draft = AttemptIn(key=uuid4(), code=f"{self._answer(slug).code}\n# {uuid4()}")

            async def submit(db: AsyncSession) -> None:
                await service.submit(db, learner, slug, draft, NO_LIMIT)

            await self._db.retry(submit, as_learner=learner, turn=learner, brief=True)
            return True

        await self._db.ping()
        yield one

    async def _records(self, work: list[list[Any]]) -> AsyncIterator[One]:
        """All three transactions of a submission, one after the other, but for the grading."""
        turns = cycle(work)

        async def one() -> bool:
            learner, slug = next(turns)
            graded = self._answer(slug)
            draft = AttemptIn(key=uuid4(), code=f"{graded.code}\n# {uuid4()}")
            sent, _ = await self._db.retry(
                lambda db: service.submit(db, learner, slug, draft, NO_LIMIT),
                as_learner=learner,
                turn=learner,
                brief=True,
            )
            begun = await self._db.retry(lambda db: worker._begin(db, sent.id), brief=True)
            assert begun is not None
            await self._db.retry(
                lambda db: worker._finish(db, begun[0], graded.outcome), turn=learner, brief=True
            )
            return True

        await self._db.ping()
        yield one

    async def _begins(self, work: list[list[Any]]) -> AsyncIterator[One]:
        left = iter(work)

        async def one() -> bool:
            _, found = next(left, (0, None))
            if found is None:
                return False
            await self._db.retry(lambda db: worker._begin(db, UUID(found[0])), brief=True)
            return True

        await self._db.ping()
        yield one

    async def _verdicts(self, work: list[list[Any]]) -> AsyncIterator[One]:
        slugs = {UUID(attempt): slug for _, (attempt, slug) in work}
        left = iter(await self._attempts(list(slugs)))

        async def one() -> bool:
            attempt = next(left, None)
            if attempt is None:
                return False
            outcome = self._answer(slugs[attempt.id]).outcome
            await self._db.retry(
                lambda db: worker._finish(db, attempt, outcome), turn=attempt.user_id, brief=True
            )
            return True

        yield one

    async def _attempts(self, ids: list[UUID]) -> list[ProblemAttempt]:
        async with self._db.transaction() as db:
            times = [time_of(each) for each in ids]
            query = select(ProblemAttempt).where(
                ProblemAttempt.id.in_(ids), ProblemAttempt.submitted_at.in_(times)
            )
            return list(await db.scalars(query))

    async def _plain(self, work: list[list[Any]]) -> AsyncIterator[One]:
        turns = cycle(work)
        async with self._db.transaction() as session:
            # The same kind of connection, without SQLAlchemy in between.
            connection = await driver_connection(session)
            dsn = connection.info.dsn + f" password={connection.info.password}"
        async with await plain.connected(dsn) as db:
            statement = plain.PHASES[self._spec.phase]

            async def one() -> bool:
                learner, slug = next(turns)
                await statement(db, learner, slug)
                return True

            yield one


async def followed(db: Database) -> None:
    """The caches are on, as in the service: they keep nothing until they hear of changes."""
    CACHES.follow(db)
    for _ in range(1000):
        if CACHES.sure:
            return
        await asyncio.sleep(0.01)
    raise TimeoutError("the caches do not hear of changes")


async def _warmed(one: One) -> None:
    for _ in range(WARM_UP):
        await one()


async def _until(one: One, end: float) -> list[float]:
    taken = []
    while True:
        began = time.perf_counter()
        if began > end or not await one():
            return taken
        taken.append((time.perf_counter() - began) * 1000)


def main() -> None:
    while line := sys.stdin.readline():
        done = asyncio.run(Client(Spec(**json.loads(line))).run())
        print(json.dumps(asdict(done)), flush=True)


if __name__ == "__main__":
    main()
