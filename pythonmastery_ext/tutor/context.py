"""All that the tutor may know of a learner's situation: what the learner has seen already."""

from dataclasses import dataclass
from typing import Literal

from pythonmastery_ext.attempts.schema import ErrorDetail, TestResultOut
from pythonmastery_ext.tutor.schema import MessageType

#: How far the tutor may go on this problem; "off" never gets as far as a context.
Policy = Literal["hints", "full"]

#: What of a test's result is the learner's to see when the test is hidden.
TOLD = {"key", "name", "visible", "status", "points", "max_points", "message"}


def as_seen(test: TestResultOut) -> TestResultOut:
    """A hidden test keeps its name, its status and the message that the author wrote for it."""
    if test.visible == "sample":
        return test
    return TestResultOut.model_validate(test.model_dump(include=TOLD))


@dataclass(frozen=True, kw_only=True)
class SeenVerdict:
    """The last verdict on this problem, as the learner saw it."""

    #: As in AttemptSummary: check or submit, the status, the reason.
    kind: str
    status: str
    reason: str | None
    message: str | None
    #: Through `as_seen`.
    tests: tuple[TestResultOut, ...]
    error: ErrorDetail | None
    stdout: str | None
    #: The code that was run; the answer cell may hold other code by now.
    code: str

    @property
    def failing(self) -> tuple[TestResultOut, ...]:
        return tuple(test for test in self.tests if test.status not in ("passed", "not_run"))


@dataclass(frozen=True, kw_only=True)
class HintsSeen:
    """`next_open`: order of a hint that could be opened now; `total`: 0 where there are none."""

    texts: tuple[str, ...] = ()
    next_open: int | None = None
    #: What opens the next one, where none can be opened now.
    next_unlock: str | None = None
    total: int = 0


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """An earlier question of the same conversation and its answer as it was shown."""

    message: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class TutorContext:
    message_type: MessageType
    message: str
    #: Null in the general conversation, as are `statement` and `verdict`.
    title: str | None = None
    statement: str | None = None
    code: str | None = None
    verdict: SeenVerdict | None = None
    hints: HintsSeen = HintsSeen()
    failed_attempts: int = 0
    solved: bool = False
    policy: Policy = "full"
    #: Oldest first.
    history: tuple[Exchange, ...] = ()
