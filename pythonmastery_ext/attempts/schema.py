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
    #: Line of the learner's code, from 1.
    line: int | None = None
    stdout: str | None = None
    time_ms: float | None = None


class ErrorDetail(WireOut):
    type: str
    message: str
    #: Line of the learner's code, from 1.
    line: int | None = None
    text: str | None = None
    traceback: str | None = None


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
