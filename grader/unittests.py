"""Runs unittest's TestCase classes with unittest's own machinery."""

from __future__ import annotations

import types
import unittest
from typing import Any
from unittest.util import safe_repr

from grader.outcome import Listener, Outcome


class _Result(unittest.TestResult):
    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._listener = listener
        self._error: BaseException | None = None
        self._skipped: str | None = None

    def startTest(self, test: Any) -> None:  # noqa: N802
        super().startTest(test)
        self._error = self._skipped = None
        self._listener.begin(name(test))

    def stopTest(self, test: Any) -> None:  # noqa: N802
        super().stopTest(test)
        outcome = Outcome(name(test), self._error, self._skipped)
        self._listener.end(outcome)
        if outcome.fatal:
            self.stop()

    def _record(self, test: Any, error: Any) -> None:
        if isinstance(test, unittest.TestCase):
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
        if err is not None:
            self._error = self._error or err[1]

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802
        if isinstance(test, unittest.TestCase):
            self._skipped = reason

    def addExpectedFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._skipped = "expected to fail"

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
        self._error = AssertionError("was expected to fail, and passed")


def name(test: Any) -> str:
    return f"{type(test).__name__}.{test._testMethodName}"


def run_unittests(cases: list[type], space: dict[str, Any], listener: Listener) -> None:
    _be_brief()
    suite = unittest.TestSuite()
    unique = dict.fromkeys(cases)
    loader = unittest.TestLoader()
    tests = [t for case in unique for t in loader.loadTestsFromTestCase(case)]
    listener.announce([name(t) for t in tests])
    suite.addTests(tests)
    suite.run(_Result(listener))


class Difference(AssertionError):
    """`assertEqual` failed."""

    def __init__(self, message: str, first: Any, second: Any) -> None:
        super().__init__(message)
        self.actual = first
        self.expected = second


def _base_assert_equal(self: Any, first: Any, second: Any, msg: Any = None) -> None:
    if not first == second:  # noqa: SIM201 - what unittest itself asks
        standard = f"{safe_repr(first, True)} != {safe_repr(second, True)}"
        raise Difference(self._formatMessage(msg, standard), first, second)


def _equality_function(self: Any, first: Any, second: Any) -> Any:
    added = self._type_equality_funcs.get(type(first)) if type(first) is type(second) else None
    return added if callable(added) else self._baseAssertEqual


def _be_brief() -> None:
    """No line-by-line differences: they take time that grows with the square of the length."""
    case: Any = unittest.TestCase
    case._baseAssertEqual = _base_assert_equal
    case._getAssertEqualityFunc = _equality_function
    unittest.case.difflib = types.SimpleNamespace(ndiff=lambda a, b: [])  # type: ignore[attr-defined]
