"""What is said about a test or a submission that did not go well."""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader import static
from grader.protocol import (
    DifferencePart,
    ErrorDetail,
    GradeRequest,
    LocalValue,
    Reason,
    TestResult,
)
from grader.remote import StudentGone, StudentTimeout, WireError
from grader.testing.asserting import Comparison
from grader.testing.faults import BadTests
from grader.testing.namespace import MissingName
from grader.verdicts import reported
from grader.verdicts.advice import beside_tests, not_comparable
from grader.verdicts.hints import attributes, called, in_code, in_test
from grader.verdicts.outcome import OutOfMemory, trace_of
from grader.verdicts.sentences import sentence
from grader.verdicts.showing import clean, named, text_of

if TYPE_CHECKING:
    from grader.student import Student

TOO_LONG = "Your code took longer than the time limit"
TEST_TOO_LONG = "The time ran out in the test itself, with what your code had given it"
TOO_MUCH = "Your code needs more memory than the limit"
_GONE = "Your code ended the whole Python process"
_CRASHED = "Your code crashed Python itself"
_CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL)

#: Exceptions of a student's code whose own text does not help a beginner.
_IN_WORDS = {
    "RecursionError": "your code calls itself again and again; it needs a case that ends it.",
    "SystemExit": "your code ends the whole program; use return to give back a value.",
    "MemoryError": "your code needs more memory than the limit of {memory} MB.",
    "EOFError": (
        "nobody is there to type while the tests run, so input() stops your code. "
        "The tests hand values in through the names in the brackets."
    ),
}


@dataclass(frozen=True)
class Saying:
    """What else is known of a test that did not pass."""

    found: ErrorDetail | None = None
    #: What its author says of it.
    words: str = ""
    difference: tuple[DifferencePart, ...] = ()
    printed: str = ""
    #: In which another exception came up.
    call: str | None = None


def explain(
    error: BaseException,
    comparison: Comparison | None,
    student: Student,
    saying: Saying | None = None,
) -> str:
    """Why a test did not pass."""
    saying = saying or Saying()
    lost, found = _lost(error), saying.found
    if lost is not None and isinstance(error, StudentTimeout):
        return f"{_late(student)}."
    if lost is not None:
        return f"{lost}."
    if found is not None:
        # Of a missing name it is our own sentence, no exception of the student.
        mine = isinstance(error, MissingName)
        if not mine and comparison is not None and comparison.sign == "raises":
            return sentence(comparison)
        said = found.message if mine else named(found.type, found.message)
        return said + beside_tests(error, student.request)
    if saying.words:
        return saying.words.strip()
    return _checked(error, comparison, saying)


def _checked(error: BaseException, comparison: Comparison | None, saying: Saying) -> str:
    if comparison is not None and comparison.sign not in ("raises", "warns"):
        told = sentence(comparison, saying.difference, saying.printed)
        return told + not_comparable(comparison)
    if comparison is not None and (isinstance(error, AssertionError) or comparison.actual is None):
        return sentence(comparison)
    if isinstance(error, AssertionError):
        return str(error) or "The check failed."
    return show_error(error) + in_test(error, saying.call or "")


def _late(student: Student) -> str:
    if student.flooded:
        return _flood(student.request)
    return TOO_LONG if student.lost() is not None else TEST_TOO_LONG


def _flood(request: GradeRequest) -> str:
    return f"Your code printed more than {request.limits.output_kb} KB and went on"


def _lost(error: BaseException) -> str | None:
    if isinstance(error, StudentTimeout):
        return TOO_LONG
    if isinstance(error, OutOfMemory):
        return TOO_MUCH
    if isinstance(error, StudentGone):
        ended_by = error.args[0] if error.args else 0
        if ended_by in _CRASHES:
            return f"{_CRASHED} ({signal.strsignal(ended_by)})"
        return _GONE
    if isinstance(error, WireError):
        return "Your code disturbed its connection to the tests"
    return None


def show_error(error: BaseException) -> str:
    text = text_of(error)
    return text if isinstance(error, MissingName | BadTests) else named(type(error).__name__, text)


def detail(error: BaseException, student: Student, test: str | None) -> ErrorDetail | None:
    """Of an exception that the student's code raised, or of a name that it lacks."""
    if isinstance(error, MissingName):
        return _missing(error, student, test)
    trace = trace_of(error)
    if trace is None:
        return None
    told = student.failure(error)
    values = reported.values(told.get("values"))
    columns = reported.columns(told.get("columns"))
    kind = type(error).__name__
    text = _IN_WORDS.get(kind, "").format(memory=student.request.limits.memory_mb)
    line = trace.line or called(error, student.request.code)
    return ErrorDetail(
        type=kind,
        message=clean(text or _with_hint(error, told.get("name"), values, student)),
        line=line,
        text=clean(trace.text, 300) if trace.text else None,
        traceback=trace.traceback,
        column=columns[0],
        end_column=columns[1],
        values=values,
        test=test,
    )


#: Modules that tests use so often that one is more likely forgotten than asked of the student.
_USUAL = frozenset({"pytest", "numpy", "np", "pandas", "pd"})


def _missing(error: MissingName, student: Student, test: str | None) -> ErrorDetail:
    code = student.request.code
    near = static.similar(str(error.name), static.defined(code))
    message = str(error)
    if error.name in sys.stdlib_module_names or error.name in _USUAL:
        message = f"{message[:-1]}, and the test does not import it."
    elif near is not None:
        message = f"{message[:-1]}; did you mean {near!r}?"
    return ErrorDetail(
        type="NameError",
        message=message,
        line=static.line_of(code, near) if near is not None else None,
        test=test,
    )


def _with_hint(
    error: BaseException, name: Any, values: tuple[LocalValue, ...], student: Student
) -> str:
    code = student.request.code
    if isinstance(error, AttributeError):
        others = attributes(code) - {error.name}
        meant = static.similar(str(error.name), others) if error.name else None
    elif isinstance(error, NameError) and type(name) is str:
        known = static.defined(code) | {value.name for value in values}
        meant = static.similar(name, known | static.BUILTINS)
    else:
        meant = None
    hint = f"; did you mean {meant!r}?" if meant is not None else in_code(error)
    return text_of(error) + hint


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


def lost_words(reason: Reason | None, tests: list[TestResult], request: GradeRequest) -> str:
    """Of a submission in which a test ended the student's process."""
    sentence = {
        "timeout": TOO_LONG,
        "output": _flood(request),
        "memory": TOO_MUCH,
        "crash": _GONE,
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
    lost = _lost(error)
    if lost is not None:
        return f"{lost} while it was loaded."
    if isinstance(error, SystemExit):
        return "Your code ends the program while it is being loaded."
    if told is None:
        return show_error(error)
    if reason == "refused_import":
        return told.message
    return named(told.type, told.message)
