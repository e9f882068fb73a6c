"""What the page says of the grader itself: submissions, work, memory and limits."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field

from benchmarks import limits, usage
from benchmarks.figures import Figure
from benchmarks.submissions import (
    PAUSE,
    WARM_UP,
    Asked,
    NotPassed,
    Work,
    dense,
    kernel_at,
    requests,
    side_by_side,
    times,
    workers_at,
)
from grader.pool import GraderPool
from grader.protocol import GradeRequest, Level
from grader.walls import sandbox
from grader.walls.sandbox import SandboxUnavailable
from grader.workers import Workers
from pythonmastery_ext.curriculum.format import ProblemContent

WITH_PAUSE = f"{PAUSE:g} s between two"
GOAL = "p50 ≤ 12, p95 ≤ 25"
#: More at a time than that give less: what is made ready ahead is made in quiet moments.
ON_EACH = "one on each core"
NO_TABLES = "numpy and pandas are not installed"
KINDS = {
    "plain": "ten tests",
    "tables": "ten tests, numpy and pandas",
    "class": "ten tests of classes, with a profile",
}
NOTES = {
    "tables": "from the zygote that has them loaded",
    "class": "each test once more for each control of its profile",
}


@dataclass
class Measured:
    figures: list[Figure] = field(default_factory=list)
    #: By what was run.
    work: dict[str, Work] = field(default_factory=dict)
    memory: dict[str, usage.Memory | None] = field(default_factory=dict)
    limits: list[limits.Honoured] = field(default_factory=list)
    #: Why a level could not be measured.
    missing: dict[str, str] = field(default_factory=dict)


def measure(content: ProblemContent, quick: bool) -> Measured:
    return asyncio.run(_measure(content, quick))


async def _measure(content: ProblemContent, quick: bool) -> Measured:
    found = Measured()
    n = 20 if quick else 200
    levels: tuple[Level, ...] = ("full", "degraded")
    for level in levels:
        try:
            sandbox.probe(level, level)
        except SandboxUnavailable as error:
            found.missing[level] = str(error)
            continue
        known = await _through_the_kernel(found, level, content, n)
        await _below_the_kernel(found, level, known, n)
        found.limits += await limits.honoured(level, 3 if quick else 5)
    return found


async def _through_the_kernel(
    found: Measured, level: Level, content: ProblemContent, n: int
) -> dict[str, GradeRequest]:
    async with kernel_at(level) as (pool, kernel):
        known = await requests(pool, content)
        zygotes = 1
        for kind, words in KINDS.items():
            zygotes += kind == "tables"
            what = f"Through the kernel, {level}: {words}"
            if kind not in known:
                found.figures.append(Figure(what, [], missing=NO_TABLES))
                continue
            goal = GOAL if kind == "plain" and level == "full" else ""
            asked = Asked(pool.grade, known[kind], kernel)
            await _add(found, what, asked, n, zygotes, NOTES.get(kind, ""), goal)
    return known


async def _below_the_kernel(
    found: Measured, level: Level, known: dict[str, GradeRequest], n: int
) -> None:
    async with workers_at(level) as workers:
        zygotes = 1
        for kind in ("plain", "tables"):
            if kind in known:
                zygotes += kind == "tables"
                what = f"Below the kernel, {level}: {KINDS[kind]}"
                await _add(found, what, Asked(workers.grade, known[kind], os.getpid()), n, zygotes)
        if level == "full":
            family = await asyncio.to_thread(usage.waiting, os.getpid(), zygotes)
            found.memory = _memory(family)
    await _all_at_once(found, level, known["plain"], n)


async def _all_at_once(found: Measured, level: Level, request: GradeRequest, n: int) -> None:
    walls, cores = sandbox.probe(level, level), len(os.sched_getaffinity(0))
    workers = [Workers(walls) for _ in range(cores)]
    try:
        what = f"Below the kernel, {level}: {ON_EACH}"
        found.work[what] = await side_by_side([one.grade for one in workers], request, n)
    finally:
        for worker in workers:
            await worker.close()
    pool = GraderPool(kernels=cores, minimum_level=level, level=level)
    await pool.start()
    try:
        what = f"Through the kernel, {level}: {ON_EACH}"
        found.work[what] = await side_by_side([pool.grade] * cores, request, n)
    finally:
        await pool.close()


async def _add(
    found: Measured,
    what: str,
    asked: Asked,
    n: int,
    zygotes: int,
    note: str = "",
    goal: str = "",
) -> None:
    try:
        await times(asked, WARM_UP, 0)
        alone, tests = await times(asked, n, PAUSE)
        tight, found.work[what] = await dense(asked, 2 * n, zygotes)
    except NotPassed as error:
        found.figures.append(Figure(what, [], missing=f"the right solution is {error}"))
        return
    found.figures += [
        Figure(what, alone, WITH_PAUSE + (f"; {note}" if note else ""), goal=goal),
        Figure("— of which its tests", tests, "`execution_time_ms` of the same"),
        Figure("— without a pause", tight, "the next follows at once"),
    ]


def _memory(family: usage.Family) -> dict[str, usage.Memory | None]:
    kinds = ("plain", "numpy and pandas")
    found = {"the nursery": usage.memory(family.nurseries[0])}
    found |= {"a waiting runner": usage.memory(family.runners[0])}
    for zygote, kind in zip(family.zygotes, kinds, strict=False):
        found[f"the zygote, {kind}"] = usage.memory(zygote)
        sandbox = next(p for p in family.sandboxes if p.ppid() == zygote.pid)
        found[f"a waiting sandbox, {kind}"] = usage.memory(sandbox)
    return found
