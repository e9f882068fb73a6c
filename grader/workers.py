"""One submission at a time, tried once more where the machinery below has ended."""

from __future__ import annotations

import asyncio
import contextlib
import re

from grader.nurseries import Nursery, NurseryGone, RunnerFailed, start_nursery
from grader.protocol import GradeRequest, Reason, Verdict, VerdictStatus, not_run
from grader.walls import zygotes
from grader.walls.sandbox import Walls
from grader.walls.zygotes import Imports

_TRIES = 2
_INTERRUPTED = "The grading was interrupted."
_TABLES = re.compile(r"\b(numpy|pandas)\b")


class Workers:
    """Grades one request after the other."""

    def __init__(self, walls: Walls, *, again: bool = True) -> None:
        """again: a runner may serve the same suite again, where the suite allows it."""
        self._walls = walls
        self._again = again
        self._nurseries: dict[Imports, Nursery] = {}
        #: Until they can be used.
        self._starts: dict[Imports, asyncio.Task[None]] = {}
        self._busy: Nursery | None = None
        self._interrupted = False
        self._closed = False
        self._lock = asyncio.Lock()

    async def prepare(self, imports: Imports = "plain") -> None:
        """Other submissions can be graded meanwhile."""
        if imports == "tables" and not zygotes.has_tables():
            return
        with contextlib.suppress(NurseryGone, TimeoutError):  # told by the next submission
            await self._ready(imports)

    async def grade(self, request: GradeRequest) -> Verdict:
        async with self._lock:
            self._interrupted = False
            problem, imports = "", _imports(request)
            for _ in range(_TRIES):
                try:
                    nursery = await self._ready(imports)
                    return await self._run(nursery, request)
                except (NurseryGone, TimeoutError) as error:
                    problem = str(error) or "The sandbox did not start in time."
                    self._drop(imports)
                    if self._interrupted or self._closed:
                        problem = _INTERRUPTED
                        break
            return _failure(request, "error", "internal", problem)

    async def _ready(self, imports: Imports) -> Nursery:
        nursery = self._nurseries.get(imports)
        if nursery is None:
            nursery = self._nurseries[imports] = start_nursery(
                self._walls, imports, again=self._again
            )
            self._starts[imports] = asyncio.create_task(nursery.ready(), name=f"start {imports}")
        start = self._starts[imports]
        try:
            await asyncio.shield(start)  # whoever stops waiting does not stop the others
        except asyncio.CancelledError:
            if not start.cancelled():
                raise
            raise NurseryGone(_INTERRUPTED) from None  # it was dropped meanwhile
        return nursery

    async def _run(self, nursery: Nursery, request: GradeRequest) -> Verdict:
        self._busy = nursery
        try:
            return await nursery.grade(request)
        except TimeoutError:
            return _failure(request, "timeout", "timeout", "Your code took longer than allowed.")
        except (RunnerFailed, ValueError) as error:
            text = _INTERRUPTED if self._interrupted else str(error)
            return _failure(request, "error", "internal", text)
        finally:
            self._busy = None

    def interrupt(self) -> None:
        if self._busy is not None:
            self._interrupted = True
            with contextlib.suppress(NurseryGone):
                self._busy.interrupt()

    async def close(self) -> None:
        self._closed = True
        for imports in list(self._nurseries):
            self._drop(imports)

    def _drop(self, imports: Imports) -> None:
        nursery = self._nurseries.pop(imports, None)
        if nursery is not None:
            self._starts.pop(imports).cancel()
            nursery.close()


def _imports(request: GradeRequest) -> Imports:
    sources = (request.code, request.given, *(test.source for test in request.tests))
    # Looking for the two as they stand takes a tenth of the time that the expression takes.
    named = (text for text in sources if "numpy" in text or "pandas" in text)
    wanted = any(map(_TABLES.search, named)) and zygotes.has_tables()
    return "tables" if wanted else "plain"


def _failure(request: GradeRequest, status: VerdictStatus, reason: Reason, message: str) -> Verdict:
    return Verdict(
        request_id=request.id,
        status=status,
        reason=reason,
        message=message,
        max_points=float(sum(test.weight for test in request.tests)),
        tests=not_run(request.tests),
    )
