"""Attempts and verdicts on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pythonmastery_ext.curriculum.schema import Visibility
from pythonmastery_ext.wire import WireIn, WireOut

Kind = Literal["check", "submit"]
Status = Literal["waiting", "passed", "partial", "failed", "timeout", "error"]
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


class AttemptIn(WireIn):
    #: Made by the client, once for each press of the button.
    key: UUID
    kind: Kind = "submit"
    code: str


class DifferencePart(WireOut):
    """One place at which what came out is not what was wanted."""

    kind: Literal[
        "value",
        "type",
        "number",
        "text",
        "line",
        "key",
        "missing",
        "extra",
        "order",
        "shape",
        "more",
    ]
    #: As Python would reach it, from the result: `['ana'][2]`; empty for all of it.
    path: str = ""
    #: Null where that side has nothing here, or the note says it all.
    expected: str | None = None
    actual: str | None = None
    #: How the two differ, in words.
    note: str = ""


class LocalValue(WireOut):
    """A variable of the failing function, as it was when it failed."""

    name: str
    value: str


class TestResultOut(WireOut):
    key: str
    name: str
    visible: Visibility
    status: Literal["passed", "failed", "error", "timeout", "not_run"]
    points: int
    max_points: int
    message: str | None = None
    #: Sample tests only.
    call: str | None = None
    expected: str | None = None
    actual: str | None = None
    difference: tuple[DifferencePart, ...] = ()
    #: Line of the learner's code, from 1.
    line: int | None = None
    stdout: str | None = None
    #: Of hidden tests only roughly, as is the next.
    time_ms: float | None = None
    #: At most during this test.
    memory_bytes: int | None = None


class ErrorDetail(WireOut):
    type: str
    message: str
    #: Line of the learner's code, from 1.
    line: int | None = None
    text: str | None = None
    traceback: str | None = None
    #: The part of `text` that is meant, in characters from 1; the end is one behind the last.
    column: int | None = None
    end_column: int | None = None
    values: tuple[LocalValue, ...] = ()
    #: Key of the test in which it happened; null: while the code was loaded.
    test: str | None = None


class AttemptSummary(WireOut):
    id: UUID
    problem: str
    version: str
    kind: Kind
    status: Status
    reason: Reason | None
    #: One sentence for a person.
    message: str | None
    points: int | None
    max_points: int
    hints_used: int
    submitted_at: datetime
    graded_at: datetime | None


class AttemptOut(AttemptSummary):
    code: str
    tests: list[TestResultOut]
    error: ErrorDetail | None
    stdout: str | None
    execution_time_ms: float | None
    memory_bytes: int | None
    xp_gained: int
    #: Attempts of everybody that will be graded before this one; null when graded.
    queue_position: int | None


class AttemptPage(WireOut):
    attempts: list[AttemptSummary]
    #: Hand it back as `before` for the next page; null on the last one.
    before: str | None
