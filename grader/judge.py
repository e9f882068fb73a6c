"""Turns the outcomes of tests into results: points, words, and what a student may be told."""

from __future__ import annotations

import dataclasses
import reprlib
import time
from dataclasses import dataclass
from typing import Any

from grader.asserting import Comparison, Recorder
from grader.fitting import MAX_TEXT, clean
from grader.namespace import MissingName
from grader.outcome import Outcome, trace_of
from grader.protocol import (
    ErrorDetail,
    Reason,
    Test,
    TestResult,
    TestStatus,
    VerdictStatus,
)
from grader.remote import StudentGone, StudentTimeout, WireError
from grader.unittests import Difference


class _Repr(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 8
        self.maxdict = self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = 60
        self.maxdeque = self.maxarray = 60
        self.maxstring = self.maxother = self.maxlong = 1000


_SHORT = _Repr()


def show(value: Any) -> str:
    try:
        return clean(_SHORT.repr(value))
    except Exception as error:
        return f"<{type(value).__name__}: {type(error).__name__} in its repr>"


@dataclass
class _Row:
    name: str
    outcome: Outcome | None = None
    comparison: Comparison | None = None
    time_ms: float = 0.0
    stdout: str = ""


class Judge:
    """Listens to the running of one `Test`, then tells its results."""

    def __init__(self, test: Test, recorder: Recorder, take_printed: Any, lost: Any) -> None:
        self._test = test
        self._recorder = recorder
        self._take_printed = take_printed
        self._lost = lost
        self._rows: list[_Row] = []
        self._announced: list[str] = []
        self._started = 0.0

    @property
    def fatal(self) -> bool:
        return any(row.outcome is not None and row.outcome.fatal for row in self._rows)

    @property
    def errors(self) -> list[BaseException]:
        outcomes = [row.outcome for row in self._rows if row.outcome is not None]
        return [outcome.error for outcome in outcomes if outcome.error is not None]

    def announce(self, names: list[str]) -> None:
        self._announced.extend(names)

    def begin(self, name: str) -> None:
        self._recorder.last = None
        self._take_printed()
        self._rows.append(_Row(name))
        self._started = time.perf_counter()

    def end(self, outcome: Outcome) -> None:
        row = self._rows[-1]
        lost = self._lost()
        if lost is not None:  # whatever the test made of it
            outcome = Outcome(outcome.name, lost)
        row.outcome = outcome
        row.time_ms = (time.perf_counter() - self._started) * 1000
        row.comparison = self._recorder.last
        row.stdout = self._take_printed()

    def results(self) -> list[TestResult]:
        if self._test.suite:
            names = [row.name for row in self._rows]
            rest = [_Row(name) for name in self._announced if name not in names]
            return [self._result(row, row.name) for row in self._rows + rest]
        first = next((r for r in self._rows if r.outcome and r.outcome.error), None)
        row = first or (self._rows[0] if self._rows else _Row(self._test.name))
        if (
            first is None
            and self._rows
            and all(r.outcome and r.outcome.skipped for r in self._rows)
        ):
            row = self._rows[0]
        row.time_ms = sum(r.time_ms for r in self._rows)
        row.stdout = "".join(r.stdout for r in self._rows)
        return [self._result(row, self._test.name)]

    def _result(self, row: _Row, name: str) -> TestResult:
        test = self._test
        status = _status(row.outcome)
        skipped = row.outcome.skipped if row.outcome else None
        most = 0.0 if skipped is not None else float(test.weight)
        result = TestResult(
            key=f"{test.key}::{name}" if test.suite else test.key,
            name=clean(name, 300),
            visible=test.visible,
            status=status,
            points=most if status == "passed" else 0.0,
            max_points=most,
            time_ms=round(row.time_ms, 3),
        )
        if skipped is not None:
            return dataclasses.replace(result, message=f"Skipped: {skipped}".rstrip(": "))
        if test.visible == "hidden":
            return _redacted(result, test)
        return _with_details(result, test, row)


def _status(outcome: Outcome | None) -> TestStatus:
    if outcome is None or outcome.skipped is not None:
        return "not_run"
    error = outcome.error
    if error is None:
        return "passed"
    if isinstance(error, StudentTimeout):
        return "timeout"
    if isinstance(error, AssertionError) and trace_of(error) is None:
        return "failed"
    return "error"


def _redacted(result: TestResult, test: Test) -> TestResult:
    """Nothing of a hidden test but its name and the author's `on_fail`: no value, no print."""
    failed = result.status not in ("passed", "not_run")
    return dataclasses.replace(result, message=(test.on_fail or "") if failed else "")


def _with_details(result: TestResult, test: Test, row: _Row) -> TestResult:
    result = dataclasses.replace(result, stdout=clean(row.stdout, 4 * MAX_TEXT))
    if row.outcome is None or row.outcome.error is None:
        return result
    error = row.outcome.error
    comparison = row.comparison
    if isinstance(error, Difference):
        comparison = Comparison(None, "==", error.actual, error.expected)
    trace = trace_of(error)
    changes: dict[str, Any] = {"message": clean(test.on_fail or explain(error, comparison))}
    if comparison is not None and isinstance(error, AssertionError):
        changes["call"] = comparison.call
        changes["actual"] = show(comparison.actual)
        changes["expected"] = _wanted(comparison)
    if trace is not None:
        changes["line"] = trace.line
    return dataclasses.replace(result, **changes)


def _wanted(comparison: Comparison) -> str:
    shown = show(comparison.expected)
    return shown if comparison.sign in ("==", "is") else f"{comparison.sign} {shown}"


def explain(error: BaseException, comparison: Comparison | None) -> str:
    if isinstance(error, StudentTimeout):
        return "Your code took longer than the time limit."
    if isinstance(error, StudentGone):
        return "Your code ended the whole Python process."
    if isinstance(error, WireError):
        return "Your code disturbed its connection to the tests."
    text = show_error(error)
    if isinstance(error, AssertionError) and trace_of(error) is None:
        if error.args and not isinstance(error, Difference):
            return str(error)
        if comparison is not None:
            call = comparison.call or "The result"
            return f"{call} should be {_wanted(comparison)}, but it is {show(comparison.actual)}."
        return str(error) or "The check failed."
    return text


def show_error(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        text = ""
    if isinstance(error, MissingName):
        return text  # our own words, no exception of the student
    name = type(error).__name__
    return clean(f"{name}: {text}" if text else name)


def verdict_status(tests: list[TestResult], reason: Reason | None) -> VerdictStatus:
    if reason == "timeout":
        return "timeout"
    if reason in ("internal", "bad_tests"):
        return "error"
    counted = [test for test in tests if test.max_points or test.status != "not_run"]
    passed = [test for test in counted if test.status == "passed"]
    if counted and len(passed) == len(counted):
        return "passed"
    if reason is not None or not passed:
        return "failed"
    return "partial"


MESSAGES = {
    "timeout": "Your code took longer than the time limit.",
    "crash": "Your code ended the whole Python process.",
    "memory": "Your code needs more memory than the limit.",
}


def detail(error: BaseException) -> ErrorDetail:
    trace = trace_of(error)
    return ErrorDetail(
        type=type(error).__name__,
        message=clean(str(error)),
        line=trace.line if trace else None,
        text=clean(trace.text, 300) if trace and trace.text else None,
        traceback=trace.traceback if trace else "",
    )
