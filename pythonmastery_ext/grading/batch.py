"""Grades many exercises with all kernels of a pool; the reports come in the order of the exercises.

A report is what `pythonmastery grade --json` prints. Each exercise is graded as it would be alone:
in a sandbox of its own, with the same seed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from grader.pool import GraderPool
from grader.protocol import (
    MAX_OPEN_CODE_BYTES,
    GradeRequest,
    Level,
    Limits,
    TestResult,
    Verdict,
)
from grader.protocol import Test as GraderTest
from grader.smells import smells
from pythonmastery_ext.grading.bar import Bar
from pythonmastery_ext.grading.exercise import CannotGrade, Exercise, NotPython
from pythonmastery_ext.grading.journal import Journal, key_of

#: Of the standard library: loaded before any file of that name could be.
_NEEDED = frozenset({"collections", "types", "typing"})
Item = Exercise | CannotGrade
Report = dict[str, Any]


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(kw_only=True)
class Batch:
    items: Sequence[Item]
    limits: Limits
    minimum: Level
    jobs: int
    bar: Bar
    journal: Journal | None = None
    #: How many are done; also after a break.
    done: int = 0

    async def run(self) -> list[Report]:
        """GraderUnavailable; CancelledError on SIGTERM and SIGINT, with nothing left behind."""
        kernels = max(1, min(self.jobs, sum(isinstance(item, Exercise) for item in self.items)))
        pool = GraderPool(kernels=kernels, minimum_level=self.minimum)
        task = asyncio.current_task()
        if task is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        reports: dict[int, Report] = {}
        waiting = iter(enumerate(self.items))
        try:
            await pool.start()
            async with asyncio.TaskGroup() as group:
                for _ in range(kernels):
                    group.create_task(self._work(pool, waiting, reports))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        finally:
            await pool.close()
        return [reports[number] for number in range(len(self.items))]

    async def _work(
        self, pool: GraderPool, waiting: Iterator[tuple[int, Item]], reports: dict[int, Report]
    ) -> None:
        for number, item in waiting:
            reports[number] = await self._report(pool, item)
            self.done += 1
            self.bar.step()

    async def _report(self, pool: GraderPool, item: Item) -> Report:
        if isinstance(item, CannotGrade):
            return {"name": item.name, "status": "error", "error": str(item), "tests": []}
        try:
            request = _request(item, self.limits)
        except NotPython as error:
            row = {"name": item.tests.name, "status": "error", "message": str(error)}
            told = {"points": 0.0, "max_points": 1.0, "level": pool.level, "message": str(error)}
            return {"name": item.name, "status": "failed", **told, "tests": [row]}
        except CannotGrade as error:
            return {"name": item.name, "status": "error", "error": str(error), "tests": []}
        key = key_of(request, pool.level)
        known = self.journal.find(key) if self.journal is not None else None
        if known is not None:
            return {"name": item.name, **known, **_warnings(request)}
        report = _report(await pool.grade(request), item)
        # What could not be graded is tried again by the next run.
        if self.journal is not None and "error" not in report:
            self.journal.keep(key, report)
        return {"name": item.name, **report, **_warnings(request)}


def _request(item: Exercise, limits: Limits) -> GradeRequest:
    test = GraderTest(
        key="tests",
        name=item.tests.name,
        source=item.read(item.tests),
        visible="sample",
        suite=True,
        filename=str(item.tests.resolve()),
    )
    if item.module in _NEEDED:
        told = f"{item.solution}: Python itself needs its own module {item.module!r}"
        raise CannotGrade(f"{told}: give the file another name.", item.name)
    code = item.read(item.solution)
    if len(code.encode()) > MAX_OPEN_CODE_BYTES:
        most = MAX_OPEN_CODE_BYTES >> 10
        raise NotPython(f"{item.solution}: the code is larger than {most} KB.", item.name)
    return GradeRequest(
        id=str(uuid.uuid4()),
        code=code,
        tests=(test,),
        module=item.module,
        limits=limits,
        test_modules=item.test_modules(),
        files=item.student_files(),
        shuffle=False,
        open_tests=True,
    )


def _report(verdict: Verdict, item: Exercise) -> Report:
    report: Report = {
        "status": verdict.status,
        "points": verdict.points,
        "max_points": verdict.max_points,
        "level": verdict.level,
        "tests": [_row(test) for test in verdict.tests],
    }
    started = any(test.status != "not_run" for test in verdict.tests)
    if verdict.status == "error":
        return {**report, "error": verdict.message, "tests": report["tests"] if started else []}
    if verdict.reason is not None and not started:
        status = "timeout" if verdict.status == "timeout" else "error"
        row = {"name": item.tests.name, "status": status, "message": verdict.message}
        report["tests"] = [row]
    if verdict.message:
        report["message"] = verdict.message
    return report


def _warnings(request: GradeRequest) -> Report:
    """What the tests seem to check and do not; for their author."""
    found = [str(smell) for test in request.tests for smell in smells(test.source)]
    return {"warnings": found} if found else {}


def _row(test: TestResult) -> Report:
    skipped = test.status == "not_run" and test.max_points == 0
    return {
        "name": test.name,
        "status": "skipped" if skipped else test.status,
        "message": test.message,
    }
