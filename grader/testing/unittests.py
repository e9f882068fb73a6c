"""Runs unittest's TestCase classes with unittest's own machinery."""

from __future__ import annotations

import sys
import types
import unittest
from collections.abc import Callable, Iterator
from typing import Any
from unittest.util import safe_repr

from grader.testing.doctests import Examples
from grader.testing.fixtures import Lasting, Scope
from grader.testing.functions import applies, reason
from grader.testing.parameters import marks_of
from grader.testing.pytest_shim import ExpectedFailure, Mark, Skipped
from grader.verdicts.outcome import Listener, Outcome


class _Result(unittest.TestResult):
    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._listener = listener
        # Its tests ask for what has been printed so far.
        self.buffer = "tmc.utils" in sys.modules
        self._error: BaseException | None = None
        self._skipped: str | None = None
        self._started = False

    def startTest(self, test: Any) -> None:  # noqa: N802
        super().startTest(test)
        self._error = self._skipped = None
        self._started = True
        self._listener.begin(name(test))

    def stopTest(self, test: Any) -> None:  # noqa: N802
        super().stopTest(test)
        self._started = False
        outcome = Outcome(name(test), self._error, self._skipped)
        self._listener.end(outcome)
        if outcome.fatal:
            self.stop()

    def _record(self, test: Any, error: Any) -> None:
        if isinstance(error[1], Skipped):
            self._skipped = str(error[1])
        elif isinstance(error[1], ExpectedFailure):
            self._skipped = f"expected to fail: {error[1]}"
        elif isinstance(test, unittest.TestCase):
            self._error = self._error or error[1]
        else:
            # A class or module could not be set up: none of its tests starts.
            self._listener.begin(str(test))
            self._listener.end(Outcome(str(test), error[1]))

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        self._record(test, err)

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._record(test, err)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        if err is not None and self._error is None:
            self._error = err[1]
            self._listener.seen(err[1])  # the test goes on, and its names will stand for others

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802
        if not isinstance(test, unittest.TestCase):
            return
        self._skipped = reason
        if not self._started:  # Python 3.12.1 does not start what is skipped
            self._listener.begin(name(test))
            self._listener.end(Outcome(name(test), skipped=reason))

    def addExpectedFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._skipped = "expected to fail"

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
        self._error = AssertionError("was expected to fail, and passed")


#: Of a test whose class is known by another name than its own: `TestA, TestB = made(1), made(2)`.
_KNOWN_AS = "__pm_known_as__"
#: Of a method: what its author calls it.
SHOWN_AS = "__pm_shown_as__"


def name(test: Any) -> str:
    method = getattr(test, "_testMethodName", None)
    shown = getattr(getattr(type(test), str(method), None), SHOWN_AS, None)
    if type(shown) is str:
        return shown
    kind = vars(test).get(_KNOWN_AS, type(test).__name__)
    known = method != "runTest" or _KNOWN_AS in vars(test)
    return f"{kind}.{method}" if known else test.id()


def own_cases(space: dict[str, Any]) -> dict[type[unittest.TestCase], str]:
    """With the name that the file has for each."""
    found: dict[type[unittest.TestCase], str] = {}
    for bound, value in space.items():
        if _is_own_case(value) and (value not in found or bound == value.__name__):
            found[value] = bound
    return found


def _is_own_case(value: Any) -> bool:
    return (
        isinstance(value, type)
        and issubclass(value, unittest.TestCase)
        and not value.__module__.startswith("unittest")
    )


def find_unittests(cases: dict[type[unittest.TestCase], str], space: dict[str, Any]) -> list[Any]:
    """The tests of these classes, or those that the file's own `load_tests` makes of them."""
    loader = unittest.TestLoader()
    suite = unittest.TestSuite(map(loader.loadTestsFromTestCase, cases))
    if "load_tests" in space:
        suite = space["load_tests"](loader, suite, None)
    tests = list(_flat(suite))
    for test in tests:
        if isinstance(test, Examples):
            test.alone = len(tests) == 1
        known_as = cases.get(type(test))
        if known_as is not None and known_as != type(test).__name__:
            vars(test)[_KNOWN_AS] = known_as
    return tests


def _flat(suite: Any) -> Iterator[Any]:
    if isinstance(suite, unittest.TestSuite):
        for test in suite:
            yield from _flat(test)
    else:
        yield suite


def run_unittests(
    tests: list[Any], lasting: Lasting, listener: Listener, wants: Callable[[str], bool]
) -> None:
    _be_brief()
    listener.announce([name(test) for test in tests])
    suite = unittest.TestSuite()
    for test in tests:
        if wants(name(test)):
            _with_fixtures(test, lasting)
            suite.addTest(test)
    suite.run(_Result(listener))
    lasting.finish()


def _with_fixtures(test: Any, lasting: Lasting) -> None:
    """pytest's fixtures and skip marks work in a TestCase too: they come before its `setUp`."""
    function = getattr(type(test), getattr(test, "_testMethodName", ""), None)
    marks = (*marks_of(lasting.space.get("pytestmark", [])), *_marks(test, function))
    scope = Scope(lasting, test, function, marks, name(test))
    used = [n for mark in marks if mark.name == "usefixtures" for n in mark.args]
    names = [*scope.automatic(), *used]
    skips = [m for m in marks if m.name in ("skip", "skipif") and applies(m, lasting.space)]
    if not names and not skips:
        return
    own = test.setUp

    def set_up() -> Any:
        if skips:
            raise unittest.SkipTest(reason(skips[0]))
        test.addCleanup(scope.close)
        scope.fill(names)
        return own()

    test.setUp = set_up


def _marks(test: Any, function: Any) -> list[Mark]:
    places = [*reversed(type(test).__mro__), function]
    return [m for p in places for m in marks_of(getattr(p, "__dict__", {}).get("pytestmark", []))]


class Difference(AssertionError):
    """A check that two values are equal failed."""

    def __init__(self, message: str, first: Any, second: Any) -> None:
        super().__init__(message)
        self.actual = first
        self.expected = second


class _Message(str):
    """Of a check that did not hold, with what the author says of it beside what unittest says."""

    __slots__ = ("author",)
    author: str


def said(error: BaseException) -> str:
    message = error.args[0] if error.args else None
    return message.author if isinstance(message, _Message) else ""


_FORMAT: Any = unittest.TestCase._formatMessage


def _format(self: Any, msg: Any, standard: str) -> str:
    message = _Message(_FORMAT(self, msg, standard))
    message.author = "" if msg is None else str(msg)
    return message


def _base_assert_equal(self: Any, first: Any, second: Any, msg: Any = None) -> None:
    if not first == second:  # noqa: SIM201 - what unittest itself asks
        standard = f"{safe_repr(first, True)} != {safe_repr(second, True)}"
        raise self.failureException(self._formatMessage(msg, standard))


def _equality_function(self: Any, first: Any, second: Any) -> Any:
    added = self._type_equality_funcs.get(type(first)) if type(first) is type(second) else None
    return added if callable(added) else self._baseAssertEqual


def _be_brief() -> None:
    """No line-by-line differences: they take time that grows with the square of the length."""
    case: Any = unittest.TestCase
    case._formatMessage = _format
    case._baseAssertEqual = _base_assert_equal
    case._getAssertEqualityFunc = _equality_function
    unittest.case.difflib = types.SimpleNamespace(ndiff=lambda a, b: [])  # type: ignore[attr-defined]
