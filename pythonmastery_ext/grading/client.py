"""The client of the grader kernels: makes requests of attempts, and rows of verdicts."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pythonmastery_ext.config import Settings
from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.schema import GraderStatus

if TYPE_CHECKING:
    from grader.launch import Transport
    from grader.pool import GraderPool
    from grader.protocol import GradeRequest, Level, TestResult, Verdict

T = TypeVar("T")
log = logging.getLogger(__name__)

_MIB = 1 << 20
#: The provisioner that asks `grader.starter`, as pyproject.toml names it.
STARTER = "pythonmastery-starter"
OUR_FAULT = (
    "We could not grade this attempt, and it does not count against you. "
    "Send it again; if it happens again, tell whoever runs this course."
)
#: Part of what is kept: why the tests could not be run. No learner sees it.
FOR_AUTHORS = "for_authors"
BAD_TESTS = (
    "The tests of this problem cannot be run, so this attempt is not counted. It is not your "
    "fault; tell whoever runs this course."
)


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


def make_pool(settings: Settings, *, kernels: int) -> "GraderPool":
    from grader.pool import GraderPool

    level = cast("Level", settings.minimum_level)
    if settings.grader_socket:
        return GraderPool(
            kernels=kernels,
            minimum_level=level,
            transport="ipc",
            provisioner=STARTER,
            provisioner_config={"socket": settings.grader_socket},
        )
    return GraderPool(
        kernels=kernels,
        minimum_level=level,
        transport=cast("Transport | None", settings.grader_transport or None),
        provisioner=settings.grader_provisioner,
        provisioner_config=settings.grader_provisioner_config,
    )


class GradingClient:
    """Keeps a pool of grader kernels."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: GraderPool | None = None
        self._starting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when the pool is ready, or cannot be started for now: `status` tells which."""
        if not await self._try():
            self._try_later()

    async def _try(self) -> bool:
        from grader.pool import GraderUnavailable

        if self._pool is None:
            self._pool = make_pool(self._settings, kernels=self._settings.grader_kernels)
        try:
            await self._pool.start()
        except GraderUnavailable as error:
            log.error("The grader cannot start: %s", error)
            return False
        return True

    def _try_later(self) -> None:
        if self._starting is None or self._starting.done():
            self._starting = asyncio.create_task(self._keep_trying(), name="grader start")

    async def _keep_trying(self) -> None:
        while True:
            await asyncio.sleep(self._settings.grader_retry_seconds)
            if await self._try():
                log.info("The grader has started.")
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

    async def expect_tables(self) -> None:
        """Have numpy and pandas loaded before an attempt needs them. Raises GraderAway."""
        await self._with_pool(lambda pool: pool.expect_tables())

    async def profile(self, content: ProblemContent) -> dict[str, Any]:
        """Of a class problem. Raises GraderAway, or NoProfile where a solution does not pass."""
        from pythonmastery_ext.grading import profiles

        return await self._with_pool(lambda pool: profiles.record(pool, content))

    async def grade(self, id: str, kind: str, code: str, content: ProblemContent) -> Outcome:  # noqa: A002
        """GraderAway if there is no grader to ask."""
        request = request_for(id, kind, code, content)
        verdict = await self._with_pool(lambda pool: pool.grade(request))
        if verdict.reason == "bad_tests":
            log.error("The tests of %s %s: %s", content.slug, content.version, verdict.message)
        return outcome_of(verdict)

    async def _with_pool(self, work: Callable[["GraderPool"], Awaitable[T]]) -> T:
        from grader.pool import GraderUnavailable

        if self._pool is None or self._pool.state != "ready":
            raise GraderAway(self.status().why or "the grader is still starting")
        try:
            return await work(self._pool)
        except GraderUnavailable as error:
            # It had started, but no new kernel does: what waits goes on waiting.
            self._try_later()
            raise GraderAway(str(error)) from error


def request_for(id: str, kind: str, code: str, content: ProblemContent) -> "GradeRequest":  # noqa: A002
    from grader.protocol import GradeRequest, Limits, Test
    from grader.static import makes_classes

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
                filename=f"cell '{test.key}'",
            )
            for test in (content.samples if kind == "check" else content.tests)
        ),
        limits=Limits(
            cpu_seconds=limits.cpu_seconds,
            wall_seconds=max(10.0, 3 * limits.cpu_seconds),
            memory_mb=limits.memory_mb,
            output_kb=limits.output_kb,
            result_kb=limits.result_kb,
        ),
        allow_imports=tuple(content.allow_imports),
        objects=makes_classes(content.given, content.solution.source),
        profile=content.profile,
        # A different order for each attempt, the same one if this attempt is graded twice.
        seed=int(id.replace("-", "")[-8:], 16),
    )


def outcome_of(verdict: "Verdict") -> Outcome:
    from grader.rounding import coarse

    hidden = any(test.visible == "hidden" for test in verdict.tests)
    # What a learner may see of the whole must not tell what the single tests hide.
    told = coarse if hidden else float
    details = {
        "reason": verdict.reason,
        "message": verdict.message or None,
        "error": asdict(verdict.error) if verdict.error else None,
        "stdout": verdict.stdout or None,
        "level": verdict.level,
        "grader_ms": round(told(verdict.grader_ms), 3),
    }
    if verdict.reason == "bad_tests":  # the message may tell of hidden tests
        details |= {FOR_AUTHORS: verdict.message, "message": BAD_TESTS}
    return Outcome(
        status=verdict.status,
        points=round(verdict.points),
        tests=[storable(_result(test)) for test in verdict.tests],
        details=storable(details),
        execution_time_ms=told(verdict.execution_time_ms),
        memory_bytes=round(told(verdict.memory_bytes / _MIB) * _MIB),
    )


def _result(test: "TestResult") -> dict[str, Any]:
    row = asdict(test)
    row |= {"points": round(test.points), "max_points": round(test.max_points)}
    row["memory_bytes"] = test.memory_bytes or None  # 0: it could not be measured
    row["difference"] = [_told(part) for part in row["difference"]]
    return {"name": test.name, **_told(row)}


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Without what says nothing: rows are kept for years."""
    empty: tuple[Any, ...] = (None, "", [])
    return {name: value for name, value in row.items() if value not in empty}


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
