"""What people wait for when they look: through our code, and the same statements without it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.db.load import followed
from benchmarks.db.replay import explained, recorded, replayed
from benchmarks.figures import quantile
from pythonmastery_ext.analytics import matrix
from pythonmastery_ext.attempts import history
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.config import PythonMastery
from pythonmastery_ext.curriculum import search as tests
from pythonmastery_ext.curriculum import service as curriculum
from pythonmastery_ext.db import measures
from pythonmastery_ext.db.cache import CACHES
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.engine import Database, psycopg_dsn
from pythonmastery_ext.db.keyfile import keyring
from pythonmastery_ext.db.paging import Ask
from pythonmastery_ext.progress import board, standing
from pythonmastery_ext.tutor import search as conversations

#: The first of each are not counted: plans are made and caches filled by them.
WARM_UP = 20
SAMPLES = """
    select user_id, section.slug, problem.slug, attempt.id
    from problem_attempt attempt tablesample system (5)
    join problem on problem.id = problem_id
    join section on section.id = problem.section_id
    order by random() limit 500
"""


@dataclass(frozen=True)
class Sample:
    user: int
    section: str
    slug: str
    attempt: Any
    keyring: Keyring


@dataclass(frozen=True)
class Read:
    what: str
    work: Callable[[AsyncSession, Sample], Awaitable[object]]
    #: p95 in milliseconds.
    goal: float | None = None
    #: Seen by the learner only, so it runs behind the fence.
    own: bool = True
    note: str = ""
    #: Drops what the caches would answer with.
    forget: Callable[[Sample], object] = lambda _: None


@dataclass
class Timed:
    what: str
    goal: float | None
    note: str
    #: Milliseconds through our code, and of the same statements.
    ours: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    statements: float = 0
    #: Of the slowest statement, where the goal is missed.
    plan: str = ""

    @property
    def missed(self) -> bool:
        return self.goal is not None and quantile(self.ours, 0.95) > self.goal


async def recent(db: AsyncSession, sample: Sample) -> object:
    newest = select(ProblemAttempt.id, ProblemAttempt.status, ProblemAttempt.points)
    query = newest.where(ProblemAttempt.user_id == sample.user)
    return (await db.execute(query.order_by(ProblemAttempt.submitted_at.desc()).limit(20))).all()


READS = (
    Read(
        "history of a learner at a problem",
        lambda db, s: history.page(db, s.user, s.slug, None, 20),
        goal=10,
        note="a page of 20",
    ),
    Read("one attempt with its verdict", lambda db, s: history.one(db, s.user, s.attempt)),
    Read("a learner's newest attempts", recent, note="20 of all problems"),
    Read(
        "dashboard",
        lambda db, s: standing.progress(db, s.user),
        goal=5,
        note="the learner's part from the database, the course from the cache",
        forget=lambda s: standing.STANDING.drop(s.user),
    ),
    Read(
        "leaderboard",
        lambda db, s: board.leaderboard(db, s.keyring, s.user),
        goal=2,
        own=False,
        note="the best from the cache, the neighbours from the database",
    ),
    Read(
        "leaderboard, nothing cached",
        lambda db, s: board.leaderboard(db, s.keyring, s.user),
        own=False,
        forget=lambda s: board.BOARD.drop(),
    ),
    Read(
        "popular problems",
        lambda db, s: standing.popular(db),
        note="nothing cached",
        forget=lambda s: standing.POPULAR.drop(),
    ),
    Read(
        "class matrix",
        lambda db, s: matrix.matrix(db, s.section, Ask(sort="name")),
        goal=25,
        own=False,
        note="as the panel shows it: 200 learners at 20 problems",
    ),
    Read("the course as a learner sees it", lambda db, s: curriculum.course(db, s.user)),
    Read(
        "events that a browser missed",
        lambda db, s: audit.after(db, s.user, 0, 100),
        own=False,
        note="100 of them",
    ),
    Read(
        "search: tests with an empty list",
        lambda db, s: tests.tests(db, tests.Wanted(kinds=("empty_list",))),
        own=False,
    ),
    Read(
        "search: conversations about KeyError",
        lambda db, s: conversations.conversations(
            db, conversations.Wanted(error="KeyError"), datetime.now(UTC)
        ),
        own=False,
        note="of 30 days",
    ),
    Read("attempts that wait, for metrics", lambda db, s: measures.read(db), own=False),
)


async def measured(url: str, folder: Path, n: int) -> list[Timed]:
    secrets = keyring(PythonMastery(role="local", data_dir=str(folder)))
    db = Database(url, pool_size=2, max_overflow=5)
    await followed(db)
    with psycopg.connect(psycopg_dsn(url)) as plain:
        samples = [Sample(*row, secrets) for row in plain.execute(SAMPLES)]
        plain.commit()
        found = [await _timed(db, plain, read, samples, n) for read in READS]
    await CACHES.stop()
    await db.close()
    return found


async def _timed(
    db: Database, plain: psycopg.Connection[Any], read: Read, samples: list[Sample], n: int
) -> Timed:
    timed = Timed(read.what, read.goal, read.note)
    for turn in range(n + WARM_UP):
        sample = samples[turn % len(samples)]
        read.forget(sample)
        with recorded() as statements:
            began = time.perf_counter()
            async with db.transaction(as_learner=sample.user if read.own else None) as session:
                await read.work(session, sample)
            ours = (time.perf_counter() - began) * 1000
        alone = replayed(plain, statements)
        if turn >= WARM_UP:
            timed.ours.append(ours)
            timed.plain.append(alone)
            timed.statements += len(statements) / n
    if timed.missed:
        timed.plan = explained(plain, statements)
    return timed
