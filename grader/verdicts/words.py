"""What is said about a test or a submission that did not go well."""

from __future__ import annotations

import re
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
)
from grader.remote import StudentGone, StudentTimeout, WireError
from grader.testing.asserting import Comparison
from grader.testing.faults import BadTests
from grader.testing.namespace import MissingName
from grader.verdicts import names, only_called, reported
from grader.verdicts.advice import beside_tests, not_comparable
from grader.verdicts.hints import called, gives_none, in_code, in_test
from grader.verdicts.outcome import OutOfMemory, trace_of
from grader.verdicts.sentences import sentence
from grader.verdicts.showing import clean, named, text_of

if TYPE_CHECKING:
    from grader.student import Student

TOO_LONG = "Your code took longer than the time limit"
TEST_TOO_LONG = "The time ran out in the test itself, with what your code had given it"
MANY_CALLS = "The time ran out after many calls of your code"
_BUSY = (
    "The time ran out after this test had called your code about {} times: so many calls take "
    "time by themselves. Does one of them take long, or does what comes back never let the test "
    "end?"
)
_MANY = 500
_WAITED = (
    "Your code waited until the time was over, and hardly worked: does it sleep, or wait for "
    "a lock, a queue or a thread that never comes?"
)
_LOCKED = " Two threads that each wait for a lock that the other one holds never go on."
#: So much of the time the processor works for code that does more than wait.
_WORKING = 0.1
_SHORT_SECONDS = 0.5
TOO_MUCH = "Your code needs more memory than the limit"
GONE = "Your code ended the whole Python process"
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
    #: How often the test had the student's code run.
    calls: int = 0
    #: How long the test took.
    seconds: float = 0.0


def explain(
    error: BaseException,
    comparison: Comparison | None,
    student: Student,
    saying: Saying | None = None,
) -> str:
    """Why a test did not pass."""
    saying = saying or Saying()
    lost, found = why_lost(error), saying.found
    if lost is not None and isinstance(error, StudentTimeout):
        return _late(error, student, saying)
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
    return _checked(error, comparison, saying, student.request.code)


def _checked(error: BaseException, comparison: Comparison | None, saying: Saying, code: str) -> str:
    if comparison is not None and comparison.sign not in ("raises", "warns"):
        none = gives_none(comparison.call or "", code) if comparison.actual is None else ""
        told = sentence(comparison, saying.difference, saying.printed, none)
        return told + not_comparable(comparison, error)
    if comparison is not None and (isinstance(error, AssertionError) or comparison.actual is None):
        return sentence(comparison)
    if isinstance(error, AssertionError):
        return str(error) or "The check failed."
    return show_error(error) + in_test(error, saying.call or "")


def is_busy(error: BaseException | None, calls: int) -> bool:
    """Whether the time may have gone with what lies between the calls."""
    return isinstance(error, StudentTimeout) and calls >= _MANY


def _late(error: BaseException, student: Student, saying: Saying) -> str:
    if student.flooded:
        return f"{flood(student.request)}."
    if is_busy(error, saying.calls):
        return _BUSY.format(round(saying.calls, -2))
    if student.lost() is None:
        return f"{TEST_TOO_LONG}."
    if _has_waited(student, saying.seconds):
        return _WAITED + (_LOCKED if "Lock(" in student.request.code else "")
    return f"{TOO_LONG}."


def _has_waited(student: Student, seconds: float) -> bool:
    """By what the processor has done for it since it began."""
    used = student.session.channel._cpu()
    return seconds > _SHORT_SECONDS and 0 < used < seconds * _WORKING


def flood(request: GradeRequest) -> str:
    return f"Your code printed more than {request.limits.output_kb} KB and went on"


def why_lost(error: BaseException) -> str | None:
    if isinstance(error, StudentTimeout):
        return TOO_LONG
    if isinstance(error, OutOfMemory):
        return TOO_MUCH
    if isinstance(error, StudentGone):
        ended_by = error.args[0] if error.args else 0
        if ended_by in _CRASHES:
            return f"{_CRASHED} ({signal.strsignal(ended_by)})"
        return GONE
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
    inside = names.holder(str(error.name), code)
    line = inside[1] if inside else static.line_of(code, near) if near is not None else None
    message = str(error)
    if error.name in sys.stdlib_module_names or error.name in _USUAL:
        message = f"{message[:-1]}, and the test does not import it."
    elif inside is not None:
        message = f"{message[:-1]} where the tests look: it stands inside {inside[0]!r}."
    elif near is not None:
        message = f"{message[:-1]}; did you mean {near!r}?"
    return ErrorDetail(
        type="NameError",
        message=message,
        line=line,
        test=test,
    )


#: Where a module lies that lacks a name.
_FILE = re.compile(r" \((?:/|unknown location)[^()]*\)$")


def _with_hint(
    error: BaseException, name: Any, values: tuple[LocalValue, ...], student: Student
) -> str:
    request, text = student.request, text_of(error)
    if isinstance(error, NotImplementedError) and not text:
        return "the code for this is still to be written, here or in a class below"
    hint = in_code(error, request.code)
    if not request.open_tests:
        hint = only_called.why(error, student.session.exports) or hint
    if isinstance(error, ImportError):
        text = _FILE.sub("", text)
    elif isinstance(error, AttributeError) and text.isidentifier():
        text = f"there is no `{text}`"  # of an enumeration, Python 3.11 tells no more
    if isinstance(error, AttributeError) and not hint:
        hint = names.attribute(error.name, text, request.code)
    elif isinstance(error, NameError) and type(name) is str:
        known = [value.name for value in values]
        hint = names.unknown(name, request.code, known, request.allow_imports)
    return f"{text}; {hint}" if hint else text
