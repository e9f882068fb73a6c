"""What goes to the grader and what comes back. Plain JSON on the wire, checked on both ends."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

MIME = "application/vnd.pythonmastery.verdict+json"
KERNEL_NAME = "pythonmastery-grader"
#: A verdict never takes more room than this, whatever the student's code does.
MAX_VERDICT_BYTES = 64 * 1024
MAX_CODE_BYTES = 64 * 1024

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

LEVELS: tuple[Level, ...] = ("own", "degraded", "full")

_T = TypeVar("_T")


class ProtocolError(ValueError):
    """The request or verdict does not have the agreed form."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    cpu_seconds: float = 2.0
    #: For the whole submission, all tests together.
    wall_seconds: float = 10.0
    memory_mb: int = 256
    output_kb: int = 64
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
    #: The next three are told for sample tests only.
    call: str | None = None
    expected: str | None = None
    actual: str | None = None
    #: Line of the student's code at which it failed; sample tests only.
    line: int | None = None
    stdout: str = ""
    time_ms: float = 0.0


@dataclass(frozen=True, kw_only=True)
class ErrorDetail:
    type: str
    message: str
    line: int | None = None
    text: str | None = None
    traceback: str = ""


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
    # ASCII on purpose: lone surrogates in a student's text survive every transport.
    return json.dumps(dataclasses.asdict(value), separators=(",", ":"))


def request_from_json(text: str | bytes) -> GradeRequest:
    request = _read(GradeRequest, text)
    if len(request.code.encode("utf-8", "surrogatepass")) > MAX_CODE_BYTES:
        raise ProtocolError("The code is larger than 64 KB.")
    if not request.module.isidentifier():
        raise ProtocolError(f"{request.module!r} is not a module name.")
    keys = [test.key for test in request.tests]
    if not keys or len(set(keys)) != len(keys):
        raise ProtocolError("A request needs at least one test, and each key once.")
    return request


def verdict_from_json(text: str | bytes) -> Verdict:
    return _read(Verdict, text)


def _read(kind: type[_T], text: str | bytes) -> _T:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ProtocolError(f"This is not JSON: {error}") from None
    return typing.cast("_T", _convert(kind, value, kind.__name__))


def _convert(kind: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _convert_dataclass(kind, value, where)
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        if value not in args:
            raise ProtocolError(f"{where} must be one of {', '.join(map(str, args))}.")
        return value
    if origin in (types.UnionType, typing.Union):
        if value is None and type(None) in args:
            return None
        return _convert(next(a for a in args if a is not type(None)), value, where)
    if origin is tuple:
        _expect(value, list, where)
        return tuple(_convert(args[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if origin is dict:
        _expect(value, dict, where)
        return {key: _convert(args[1], item, f"{where}[{key}]") for key, item in value.items()}
    return _convert_scalar(kind, value, where)


def _convert_scalar(kind: Any, value: Any, where: str) -> Any:
    if kind is float and type(value) is int:
        return float(value)
    _expect(value, kind, where)
    return value


def _expect(value: Any, kind: type, where: str) -> None:
    if type(value) is not kind:
        raise ProtocolError(f"{where} must be {kind.__name__}, not {type(value).__name__}.")


def _convert_dataclass(kind: Any, value: Any, where: str) -> Any:
    _expect(value, dict, where)
    hints = _hints(kind)
    unknown = set(value) - set(hints)
    if unknown:
        raise ProtocolError(f"{where} has no field {sorted(unknown)[0]!r}.")
    fields = {name: _convert(hints[name], item, f"{where}.{name}") for name, item in value.items()}
    try:
        return kind(**fields)
    except TypeError as error:
        raise ProtocolError(f"{where}: {error}") from None


_HINTS: dict[Any, dict[str, Any]] = {}


def _hints(kind: Any) -> dict[str, Any]:
    if kind not in _HINTS:
        hints = typing.get_type_hints(kind)
        _HINTS[kind] = {f.name: hints[f.name] for f in dataclasses.fields(kind)}
    return _HINTS[kind]
