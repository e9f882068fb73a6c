"""Shapes that belong to no noun: status and errors."""

from typing import Literal, get_args

from pythonmastery_ext.wire import WireOut

#: How far a person may go, the least first.
Role = Literal["student", "instructor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)


class GraderStatus(WireOut):
    state: Literal["starting", "ready", "broken"]
    #: Isolation in force: full, degraded or own.
    level: Literal["full", "degraded", "own"] | None
    why: str | None


class TutorStatus(WireOut):
    available: bool
    model: str | None
    #: Why it is not available, in a sentence.
    why: str | None
    remaining_today: int | None


class LearnerOut(WireOut):
    username: str
    display_name: str | None
    role: Role


class StatusOut(WireOut):
    role: Literal["local", "relay", "authority"]
    version: str
    ready: bool
    #: What is being started, or why it cannot, in a sentence; null when ready.
    detail: str | None
    grader: GraderStatus
    tutor: TutorStatus
    learner: LearnerOut
    #: Address of the pages for those who teach or administer; null for everybody else.
    pages: str | None = None


class FieldError(WireOut):
    field: str
    message: str


class ErrorBody(WireOut):
    code: str
    message: str
    fields: list[FieldError] | None = None
    retry_after: int | None = None
    request_id: str


class ErrorOut(WireOut):
    error: ErrorBody
