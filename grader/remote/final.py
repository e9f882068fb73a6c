"""What ends the conversation with a student's process, and where its exceptions come from."""

from __future__ import annotations

from dataclasses import dataclass


class StudentGone(BaseException):
    """The student's process ended in the middle of a call."""


class StudentTimeout(BaseException):
    """The time limit was reached while the student's code was running."""


class WireError(BaseException):
    """The student's process sent something that is no answer."""


#: In the place of a student's StopIteration, which must not end a loop of the test.
STOPPED = "the code raised StopIteration"
#: After one of these the student's process is gone.
FINAL = (StudentGone, StudentTimeout, WireError)


@dataclass(frozen=True)
class Trace:
    """Where in the student's code an exception came from."""

    line: int | None
    text: str | None
    traceback: str
