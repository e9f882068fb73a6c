"""Single submissions, through the Jupyter kernel and below it: how long, and how much work."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from benchmarks import usage
from benchmarks.figures import python_starts, quantile
from benchmarks.problem import class_request, plain_request, tables_request
from grader.pool import GraderPool
from grader.protocol import GradeRequest, Level, Verdict
from grader.walls import sandbox, zygotes
from grader.workers import Workers
from pythonmastery_ext.curriculum.format import ProblemContent

WARM_UP = 12
#: Between two submissions: long enough for all that is made ready ahead of them.
PAUSE = 0.25
#: So many without a pause; before and after each turn the floor is measured so often.
_TURN = 100
_FLOORS = 5

Grade = Callable[[GradeRequest], Awaitable[Verdict]]


@dataclass(frozen=True)
class Asked:
    """A kind of submission, and how to have it graded."""

    grade: Grade
    request: GradeRequest
    #: The process whose child the nursery is.
    kernel: int


@dataclass(frozen=True)
class Work:
    """Of a run of submissions without a pause."""

    submissions: int
    seconds: float
    #: Processor seconds by kind of process; see `usage.PARTS`.
    spent: dict[str, float]
    #: Milliseconds of `python -I -c pass` in the same seconds: the speed of machines wanders.
    floor_ms: float = 0.0
    #: That had all they could do; 0 where submissions came one after the other.
    cores: int = 0

    @property
    def rate(self) -> float:
        return self.submissions / self.seconds

    @property
    def rate_of_a_core(self) -> float:
        """Grades a second: by the clock where all cores were busy, else by the work of each."""
        return self.rate / self.cores if self.cores else 1000 / self.cpu_ms

    @property
    def cpu_ms(self) -> float:
        return sum(self.spent.values()) / self.submissions * 1000

    def part_ms(self, part: str) -> float:
        return self.spent[part] / self.submissions * 1000


class NotPassed(RuntimeError):
    """A right solution did not pass, so its figures would mean nothing."""


async def once(asked: Asked) -> Verdict:
    number = uuid4()
    request = dataclasses.replace(asked.request, id=str(number), seed=number.int & 0xFFFFFFFF)
    verdict = await asked.grade(request)
    if verdict.status != "passed":
        wrong = [f"{t.key}: {t.message}" for t in verdict.tests if t.status != "passed"]
        raise NotPassed(f"{verdict.status}: {verdict.message} {wrong}")
    return verdict


async def times(asked: Asked, n: int, pause: float) -> tuple[list[float], list[float]]:
    """Milliseconds of each submission, and of its tests alone."""
    whole, tests = [], []
    for _ in range(n):
        began = time.perf_counter()
        verdict = await once(asked)
        whole.append((time.perf_counter() - began) * 1000)
        tests.append(verdict.execution_time_ms)
        await asyncio.sleep(pause)
    return whole, tests


async def dense(asked: Asked, n: int, zygotes: int) -> tuple[list[float], Work]:
    """Without a pause; the work of all processes is counted from rest to rest."""
    whole: list[float] = []
    seconds, spent = 0.0, dict.fromkeys(usage.PARTS, 0.0)
    samples: list[float] = []
    for begun in range(0, n, _TURN):
        samples += await asyncio.to_thread(python_starts, _FLOORS)
        times_of_turn, turn = await _turn(asked, min(_TURN, n - begun), zygotes)
        whole += times_of_turn
        seconds += turn.seconds
        spent = {part: spent[part] + turn.spent[part] for part in spent}
    samples += await asyncio.to_thread(python_starts, _FLOORS)
    return whole, Work(n, seconds, spent, quantile(samples, 0.5))


async def _turn(asked: Asked, n: int, zygotes: int) -> tuple[list[float], Work]:
    await asyncio.to_thread(usage.waiting, asked.kernel, zygotes)
    before = _spent(asked.kernel)
    began = time.perf_counter()
    whole, _ = await times(asked, n, 0)
    seconds = time.perf_counter() - began
    asking = usage.kernel_spent(asked.kernel) - before["kernel"]
    await asyncio.to_thread(usage.waiting, asked.kernel, zygotes)
    after = _spent(asked.kernel)
    spent = {part: after[part] - before[part] for part in before}
    # Looking whether all is at rest again is no part of it.
    return whole, Work(n, seconds, {**spent, "kernel": asking})


def _spent(kernel: int) -> dict[str, float]:
    below = usage.below(kernel).spent()
    # Last: to look for the others is work of this process, which may be the one that asks.
    return {**below, "kernel": usage.kernel_spent(kernel)}


async def side_by_side(grades: Sequence[Grade], request: GradeRequest, n: int) -> Work:
    """All of these at once, each one submission after the other: what a machine gives that does
    nothing else."""

    async def one(grade: Grade, count: int) -> None:
        await times(Asked(grade, request, os.getpid()), count, 0)

    await asyncio.gather(*(one(grade, WARM_UP) for grade in grades))
    samples = await asyncio.to_thread(python_starts, _FLOORS)
    began = time.perf_counter()
    await asyncio.gather(*(one(grade, n) for grade in grades))
    seconds = time.perf_counter() - began
    samples += await asyncio.to_thread(python_starts, _FLOORS)
    spent = dict.fromkeys(usage.PARTS, 0.0)
    floor = quantile(samples, 0.5)
    return Work(n * len(grades), seconds, spent, floor, len(os.sched_getaffinity(0)))


async def requests(pool: GraderPool, content: ProblemContent) -> dict[str, GradeRequest]:
    """Without the one with tables where numpy and pandas are not installed."""
    found = {"plain": plain_request(content)}
    recorded = await pool.grade(dataclasses.replace(class_request(), record=True))
    if not recorded.profile:
        raise NotPassed(f"the class problem gave no profile: {recorded.message}")
    found["class"] = dataclasses.replace(class_request(), profile=recorded.profile)
    if zygotes.has_tables():
        found["tables"] = tables_request()
    return found


@asynccontextmanager
async def kernel_at(level: Level) -> AsyncIterator[tuple[GraderPool, int]]:
    """A pool of one kernel, and the kernel's number."""
    pool = GraderPool(kernels=1, minimum_level=level, level=level)
    await pool.start()
    try:
        (kernel,) = pool._all  # the pool tells nobody, and nobody else needs it
        yield pool, int(kernel.manager.provisioner.pid)  # type: ignore[union-attr]
    finally:
        await pool.close()


@asynccontextmanager
async def workers_at(level: Level) -> AsyncIterator[Workers]:
    workers = Workers(sandbox.probe(level, level))
    await workers.prepare()
    try:
        yield workers
    finally:
        await workers.close()
