"""The client of the grader kernels: makes requests of attempts, and rows of verdicts."""

import asyncio
import logging
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, cast

from pythonmastery_ext.config import Settings
from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.schema import GraderStatus

if TYPE_CHECKING:
    from grader.pool import GraderPool
    from grader.protocol import GradeRequest, Level, TestResult, Verdict

log = logging.getLogger(__name__)

OUR_FAULT = (
    "We could not grade this attempt, and it does not count against you. "
    "Send it again; if it happens again, tell whoever runs this course."
)


#: Seconds between tries to start a grader that could not be started.
TRY_AGAIN = 30.0


class GraderAway(Exception):
    """No grader can be used right now; the attempt stays waiting."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A verdict in the form in which an attempt keeps it."""

    status: str
    points: int
    tests: list[dict[str, Any]] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    execution_time_ms: float | None = None
    memory_bytes: int | None = None

    @property
    def internal(self) -> bool:
        """The grader itself failed, which another try may mend."""
        return self.details.get("reason") == "internal"


class GradingClient:
    """Keeps a pool of grader kernels."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: GraderPool | None = None
        self._starting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when the pool is ready, or cannot be started for now: `status` tells which."""
        if not await self._try():
            self._starting = asyncio.create_task(self._keep_trying(), name="grader start")

    async def _try(self) -> bool:
        from grader.pool import GraderPool, GraderUnavailable

        level = cast("Level", self._settings.minimum_level)
        pool = GraderPool(kernels=self._settings.grader_kernels, minimum_level=level)
        self._pool = pool
        try:
            await pool.start()
        except GraderUnavailable as error:
            log.error("The grader cannot start: %s", error)
            await pool.close()
            return False
        return True

    async def _keep_trying(self) -> None:
        while True:
            await asyncio.sleep(TRY_AGAIN)
            if await self._try():
                return

    async def close(self) -> None:
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        if self._pool is not None:
            await self._pool.close()

    def status(self) -> GraderStatus:
        if self._pool is None:
            return GraderStatus(state="starting", level=None, why=None)
        return GraderStatus(
            state=self._pool.state, level=self._pool.level, why=self._pool.why or None
        )

    async def grade(self, id: str, kind: str, code: str, content: ProblemContent) -> Outcome:  # noqa: A002
        """GraderAway if there is no grader to ask."""
        if self._pool is None or self._pool.state != "ready":
            raise GraderAway(self.status().why or "the grader is still starting")
        verdict = await self._pool.grade(request_for(id, kind, code, content))
        return outcome_of(verdict)


def request_for(id: str, kind: str, code: str, content: ProblemContent) -> "GradeRequest":  # noqa: A002
    from grader.protocol import GradeRequest, Limits, Test
    from grader.static import makes_classes

    chosen = content.samples if kind == "check" else content.tests
    limits = content.limits
    return GradeRequest(
        id=id,
        code=code,
        given=content.given,
        tests=tuple(
            Test(
                key=test.key,
                name=test.name,
                source=test.source,
                visible=test.visible,
                weight=test.weight,
                on_fail=test.on_fail,
                tolerance=test.tolerance,
                ordered=test.ordered,
            )
            for test in chosen
        ),
        limits=Limits(
            cpu_seconds=limits.cpu_seconds,
            wall_seconds=max(10.0, 3 * limits.cpu_seconds),
            memory_mb=limits.memory_mb,
            output_kb=limits.output_kb,
        ),
        allow_imports=tuple(content.allow_imports),
        objects=makes_classes(content.given, content.solution.source),
        # A different order for each attempt, the same one if this attempt is graded twice.
        seed=int(id.replace("-", "")[-8:], 16),
    )


def outcome_of(verdict: "Verdict") -> Outcome:
    details = {
        "reason": verdict.reason,
        "message": verdict.message or None,
        "error": asdict(verdict.error) if verdict.error else None,
        "stdout": verdict.stdout or None,
        "level": verdict.level,
        "grader_ms": round(verdict.grader_ms, 3),
    }
    return Outcome(
        status=verdict.status,
        points=round(verdict.points),
        tests=[storable(_result(test)) for test in verdict.tests],
        details=storable(details),
        execution_time_ms=verdict.execution_time_ms,
        memory_bytes=verdict.memory_bytes,
    )


def _result(test: "TestResult") -> dict[str, Any]:
    row = asdict(test)
    row |= {"points": round(test.points), "max_points": round(test.max_points)}
    return {name: value for name, value in row.items() if value not in (None, "")}


def our_fault(detail: str) -> Outcome:
    """The verdict of an attempt that no worker survived."""
    return Outcome(
        status="error",
        points=0,
        details={"reason": "internal", "message": OUR_FAULT, "cause": storable(detail)},
    )


def storable(value: Any) -> Any:
    """Text from a student's program may hold what PostgreSQL cannot keep: NUL, half surrogates."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, dict):
        return {key: storable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [storable(item) for item in value]
    return value
