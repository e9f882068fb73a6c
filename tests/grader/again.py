"""The same submissions graded by runners that stay, and by runners of one use."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from grader.protocol import GradeRequest, Limits, Verdict, Visible, to_json
from grader.protocol import Test as GraderTest
from grader.walls import sandbox
from grader.workers import Workers

_NUMBERS = itertools.count(1)
_LIMITS = Limits(cpu_seconds=4, wall_seconds=10)


def suite(*sources: str, visible: Visible = "sample", limits: Limits = _LIMITS) -> GradeRequest:
    """One test for each source; the code is still to come."""
    tests = (
        GraderTest(key=f"t{n}", name=f"Test {n}", source=source, visible=visible)
        for n, source in enumerate(sources)
    )
    return GradeRequest(id="-", code="", tests=tuple(tests), limits=limits)


@dataclass
class Ground:
    """Two graders below the kernel."""

    again: Workers
    once: Workers
    #: How many runners each submission took: 0 where one that had waited served it.
    taken: list[int] = field(default_factory=list)

    async def grade(self, request: GradeRequest, code: str, seed: int = 0) -> Verdict:
        before = self._forked()
        verdict = await self.again.grade(_submission(request, code, seed))
        self.taken.append(self._forked() - before)
        return verdict

    async def alone(self, request: GradeRequest, code: str, seed: int = 0) -> Verdict:
        return await self.once.grade(_submission(request, code, seed))

    def _forked(self) -> int:
        nursery = self.again._nurseries.get("plain")
        return nursery._number if nursery is not None else 0

    def waits(self) -> bool:
        """Whether the runner that served the last submission waits for another one."""
        return bool(self.again._nurseries["plain"]._kept._runners)


@asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    walls = sandbox.probe("full", "full")
    both = Ground(Workers(walls), Workers(walls, again=False))
    try:
        yield both
    finally:
        await both.again.close()
        await both.once.close()


def _submission(request: GradeRequest, code: str, seed: int) -> GradeRequest:
    return dataclasses.replace(request, id=f"r{next(_NUMBERS)}", code=code, seed=seed)


def without_measures(verdict: Verdict) -> str:
    """All of a verdict but its name, and what differs from run to run by itself."""
    nothing = {"time_ms": 0.0, "memory_bytes": 0}
    tests = tuple(dataclasses.replace(test, **nothing) for test in verdict.tests)
    bare = dataclasses.replace(
        verdict, request_id="", tests=tests, execution_time_ms=0.0, memory_bytes=0
    )
    return to_json(bare)
