"""How many threads one submission may have is not a matter of how many others have."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import sys
from collections.abc import AsyncIterator

import pytest

from grader.protocol import GradeRequest, Level, Limits, Verdict
from grader.walls import sandbox
from grader.walls.sandbox import SandboxUnavailable, Walls
from grader.workers import Workers
from tests.grader.conftest import as_tests, failures

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls of Linux")

_PROCESSES = 8
_CODE = """
import resource, threading, time
def limit(): return resource.getrlimit(resource.RLIMIT_NPROC)[0]
threading.stack_size(1 << 18)
def count(wanted, seconds):
    found = 0
    try:
        for found in range(wanted):
            threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
    except RuntimeError: pass
    time.sleep(seconds)
    return found
"""


def _walls(level: Level) -> Walls:
    """As an ordinary user has them: with one user id for all submissions."""
    walls = Walls(level=level, drop=False)
    failure = sandbox._failure(walls)
    if failure is not None:
        raise SandboxUnavailable(failure)
    return walls


async def _grade(workers: Workers, test: str) -> Verdict:
    limits = Limits(cpu_seconds=4, wall_seconds=9, processes=_PROCESSES)
    request = GradeRequest(id="r", code=_CODE, tests=as_tests(test), limits=limits)
    return await workers.grade(request)


@contextlib.asynccontextmanager
async def _both(level: Level) -> AsyncIterator[tuple[Workers, Workers]]:
    try:
        walls = await asyncio.to_thread(_walls, level)
    except SandboxUnavailable as error:
        pytest.skip(f"this machine does not give {level}: {error}")
    one, other = Workers(walls), Workers(walls)
    try:
        await asyncio.gather(one.prepare(), other.prepare())
        yield one, other
    finally:
        await asyncio.gather(one.close(), other.close())


@pytest.mark.parametrize("level", ["full", "degraded"])
async def test_who_starts_all_the_threads_there_are_leaves_a_neighbour_theirs(level: Level) -> None:
    async with _both(level) as (one, other):
        greedy = asyncio.create_task(_grade(one, "assert count(400, 1) > 4"))
        neighbours = [await _grade(other, "assert count(8, 0) == 7")]
        while not greedy.done():
            neighbours.append(await _grade(other, "assert count(8, 0) == 7"))
        after = await _grade(one, "assert count(8, 0) == 7")

        assert failures(await greedy) == failures(after) == []
        assert [failures(verdict) for verdict in neighbours if failures(verdict)] == []
        assert len(neighbours) > 1


async def test_without_namespaces_the_grader_keeps_half_of_what_its_user_may_run() -> None:
    own = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    if own == resource.RLIM_INFINITY:
        pytest.skip("this user may run as much as there is")
    async with _both("degraded") as (one, _):
        assert failures(await _grade(one, f"assert limit() == {own // 2}")) == []
