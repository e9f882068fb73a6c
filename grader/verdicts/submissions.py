"""What is said about a submission as a whole that did not go well."""

from __future__ import annotations

from grader.protocol import ErrorDetail, GradeRequest, Reason, TestResult
from grader.remote import StudentGone, StudentTimeout, WireError
from grader.verdicts.outcome import OutOfMemory
from grader.verdicts.showing import named
from grader.verdicts.words import GONE, MANY_CALLS, TOO_LONG, TOO_MUCH, flood, show_error, why_lost


def reason_of(errors: list[BaseException], flooded: bool) -> Reason | None:
    """The worst of what happened."""
    if any(isinstance(error, StudentTimeout) for error in errors):
        return "output" if flooded else "timeout"
    if any(isinstance(error, OutOfMemory) for error in errors):
        return "memory"
    if any(isinstance(error, StudentGone | WireError) for error in errors):
        return "crash"
    return "memory" if any(isinstance(error, MemoryError) for error in errors) else None


def refused(error: BaseException) -> bool:
    """The list of allowed imports stopped it, while the code ran."""
    return isinstance(error, ImportError) and vars(error).get("refused") is True


def lost_words(
    reason: Reason | None, tests: list[TestResult], request: GradeRequest, busy: bool = False
) -> str:
    """Of a submission in which a test ended the student's process.

    busy: with calls, more than with what the student's code did in them.
    """
    sentence = {
        "timeout": MANY_CALLS if busy else TOO_LONG,
        "output": flood(request),
        "memory": TOO_MUCH,
        "crash": GONE,
        "refused_import": "Your code imports what this problem does not allow",
    }.get(reason or "")
    if sentence is None:
        return ""
    kind = "timeout" if reason in ("timeout", "output") else "error"
    hit = [test for test in tests if test.status == kind]
    if len(tests) > 1 and len(hit) == 1:
        sentence += f" in the test “{hit[0].name}”"
    left = sum(test.status == "not_run" and test.max_points > 0 for test in tests)
    if left:
        sentence += f"; {left} of {len(tests)} tests were not run"
    return f"{sentence}."


def loading_words(
    error: BaseException, told: ErrorDetail | None, reason: Reason, request: GradeRequest
) -> str:
    """Of code that did not get as far as its tests."""
    if reason == "output":
        most = f"{request.limits.output_kb} KB"
        return f"Your code printed more than {most} while it was loaded, and did not end."
    lost = why_lost(error)
    if lost is not None:
        return f"{lost} while it was loaded."
    if isinstance(error, SystemExit):
        return "Your code ends the program while it is being loaded."
    if told is None:
        return show_error(error)
    if reason == "refused_import":
        return told.message
    return named(told.type, told.message)
