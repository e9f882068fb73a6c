"""What goes to the grader and what comes back. Plain JSON on the wire, checked on both ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from grader.converting import ProtocolError as ProtocolError
from grader.converting import read, write

MIME = "application/vnd.pythonmastery.verdict+json"
KERNEL_NAME = "pythonmastery-grader"
#: A verdict never takes more room than this, whatever the student's code does.
MAX_VERDICT_BYTES = 64 * 1024
#: Each attempt is kept for years; a file that is graded from somebody's own folder is not.
MAX_CODE_BYTES, MAX_OPEN_CODE_BYTES = 64 * 1024, 512 * 1024
_MAX_ID = 200
_MAX_LIMIT = 1_000_000
#: Further processes in which a submission is run where its tests have controls.
CONTROLS = 4
#: Time for finding controls when a profile is recorded.
RECORDING_SECONDS = 60.0

Level = Literal["full", "degraded", "own"]
Visible = Literal["sample", "hidden"]
TestStatus = Literal["passed", "failed", "error", "timeout", "not_run"]
VerdictStatus = Literal["passed", "partial", "failed", "timeout", "error"]
Reason = Literal[
    "syntax_error",
    "exception",
    "crash",
    "memory",
    "timeout",
    "refused_import",
    "output",
    "internal",
    "bad_tests",
]

DifferenceKind = Literal[
    "value", "type", "number", "text", "line", "key", "missing", "extra", "order", "shape", "more"
]

LEVELS: tuple[Level, ...] = ("own", "degraded", "full")


@dataclass(frozen=True, kw_only=True)
class Limits:
    cpu_seconds: float = 2.0
    #: For the whole submission, all tests together.
    wall_seconds: float = 10.0
    memory_mb: int = 256
    output_kb: int = 64
    #: Of one value that the student's code hands back, as it travels.
    result_kb: int = 1024
    processes: int = 16


@dataclass(frozen=True, kw_only=True)
class Test:
    """One weighted test: a cell of asserts, or (`suite`) a file whose tests are told apart."""

    __test__ = False  # not a test class of pytest

    key: str
    name: str
    source: str
    visible: Visible = "hidden"
    weight: int = 1
    on_fail: str | None = None
    #: Largest difference at which two numbers still count as equal.
    tolerance: float | None = None
    #: False: lists are equal whatever their order.
    ordered: bool = True
    suite: bool = False
    #: Shown in messages about a test file that cannot be used.
    filename: str = "tests.py"


@dataclass(frozen=True, kw_only=True)
class GradeRequest:
    id: str
    code: str
    tests: tuple[Test, ...]
    #: Runs before the student's code, in the same module.
    given: str = ""
    module: str = "answer"
    limits: Limits = field(default_factory=Limits)
    #: None: the whole standard library.
    allow_imports: tuple[str, ...] | None = None
    seed: int = 0
    shuffle: bool = True
    #: Modules that only the tests can import: name to source.
    test_modules: dict[str, str] = field(default_factory=dict)
    #: Files laid beside the student's code: name to text.
    files: dict[str, str] = field(default_factory=dict)
    #: The problem is about classes: objects of the student's own classes take part in the tests.
    objects: bool = False
    #: The tests are no secret: student's code may see names and public attributes of test objects.
    open_tests: bool = False
    #: What the reference of a class problem needed (`Verdict.profile`); enforced.
    profile: dict[str, Any] | None = None
    #: `code` is the reference: the verdict brings its profile. With one here, that one is refined.
    record: bool = False

    @property
    def longest_seconds(self) -> float:
        """Of grading in all: tests with controls run once more for each of those."""
        if self.record:
            return RECORDING_SECONDS + self.limits.wall_seconds
        return self.runs * self.limits.wall_seconds

    @property
    def runs(self) -> int:
        """Processes in which the student's code runs, one after the other."""
        return 1 + (CONTROLS if self.profile and self.profile.get("controls") else 0)


@dataclass(frozen=True, kw_only=True)
class DifferencePart:
    """One place at which what came out is not what was wanted."""

    kind: DifferenceKind
    #: As Python would reach it: `["ana"][2]`; empty for the whole value.
    path: str = ""
    #: None: it is not there, or the note says it all.
    expected: str | None = None
    actual: str | None = None
    #: How they differ, in words.
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class LocalValue:
    """A variable of the student's function at the moment of the failure."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class TestResult:
    __test__ = False

    key: str
    name: str
    visible: Visible
    status: TestStatus
    points: float
    max_points: float
    message: str = ""
    #: The next four are told for sample tests only.
    call: str | None = None
    expected: str | None = None
    actual: str | None = None
    difference: tuple[DifferencePart, ...] = ()
    #: Line of the student's code at which it failed; sample tests only.
    line: int | None = None
    stdout: str = ""
    #: Coarse for a hidden test, as is the next: what it was given could be told by them.
    time_ms: float = 0.0
    #: Of the student's process, at most during this test; 0: not measured.
    memory_bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class ErrorDetail:
    type: str
    message: str
    line: int | None = None
    text: str | None = None
    traceback: str = ""
    #: Which part of `text` is meant, in characters from 1; the end is one behind the last.
    column: int | None = None
    end_column: int | None = None
    #: What the names of the failing function stood for.
    values: tuple[LocalValue, ...] = ()
    #: Key of the test in which it happened; None: while the code was loaded.
    test: str | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    request_id: str
    #: `error` is our fault and is not counted against the student.
    status: VerdictStatus
    reason: Reason | None = None
    message: str = ""
    points: float = 0.0
    max_points: float = 0.0
    tests: tuple[TestResult, ...] = ()
    error: ErrorDetail | None = None
    stdout: str = ""
    execution_time_ms: float = 0.0
    memory_bytes: int = 0
    level: Level = "own"
    grader_ms: float = 0.0
    #: Of a recording only, as JSON.
    profile: dict[str, Any] | None = None


def not_run(tests: tuple[Test, ...]) -> tuple[TestResult, ...]:
    """Results of tests that nothing was run of."""
    return tuple(
        TestResult(
            key=test.key,
            name=test.name,
            visible=test.visible,
            status="not_run",
            points=0.0,
            max_points=float(test.weight),
        )
        for test in tests
    )


def to_json(value: GradeRequest | Verdict) -> str:
    return write(value)


def request_from_json(text: str | bytes) -> GradeRequest:
    return checked(read(GradeRequest, text))


def with_own(request: GradeRequest) -> GradeRequest:
    most = MAX_OPEN_CODE_BYTES if request.open_tests else MAX_CODE_BYTES
    if len(request.code.encode("utf-8", "surrogatepass")) > most:
        raise ProtocolError(f"The code is larger than {most >> 10} KB.")
    if len(request.id) > _MAX_ID or not request.id.isprintable():
        raise ProtocolError("The id of a request is a printable text of at most 200 characters.")
    return request


def checked(request: GradeRequest) -> GradeRequest:
    with_own(request)
    if not all(0 < number <= _MAX_LIMIT for number in vars(request.limits).values()):
        raise ProtocolError("A limit is more than 0, and at most a million.")
    if any(test.weight < 0 for test in request.tests):
        raise ProtocolError("A test's weight is not negative.")
    if not all(part.isidentifier() for part in request.module.split(".")):
        raise ProtocolError(f"{request.module!r} is not a module name.")
    keys = [test.key for test in request.tests]
    if not keys or len(set(keys)) != len(keys):
        raise ProtocolError("A request needs at least one test, and each key once.")
    return request


def verdict_from_json(text: str | bytes) -> Verdict:
    return read(Verdict, text)
