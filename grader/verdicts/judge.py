"""Turns the outcomes of tests into results: points, words, and what a student may be told."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from grader.protocol import (
    DifferencePart,
    ErrorDetail,
    Reason,
    Test,
    TestResult,
    TestStatus,
    VerdictStatus,
)
from grader.remote import FINAL, StudentTimeout
from grader.rounding import coarse
from grader.testing.approximate import approx
from grader.testing.asserting import Comparison, Recorder
from grader.testing.namespace import MissingName
from grader.verdicts import differences
from grader.verdicts.checks import Failure
from grader.verdicts.outcome import Outcome, missing_import, trace_of
from grader.verdicts.places import find
from grader.verdicts.sentences import came, wanted
from grader.verdicts.showing import capped, clean, show
from grader.verdicts.words import Saying, detail, explain

if TYPE_CHECKING:
    from grader.student import Student

_MAX_PRINTED = 8000
_MIB = 1 << 20
#: A shorter test cannot have used much more memory than the one before; asking takes time too.
_MEASURED_MS = 1.0


@dataclass
class _Row:
    name: str
    outcome: Outcome | None = None
    time_ms: float = 0.0
    memory_bytes: int = 0
    stdout: str = ""
    #: Fields of the result that only a sample test has, and what they tell of.
    told: dict[str, Any] = field(default_factory=dict)
    about: BaseException | None = None


class Judge:
    """Listens to the running of one `Test`, then tells its results."""

    def __init__(self, test: Test, recorder: Recorder, student: Student) -> None:
        self.key = test.key
        self.visible = test.visible
        #: Of its first exception, if it is a sample test.
        self.detail: ErrorDetail | None = None
        self._test = test
        self._recorder = recorder
        self._student = student
        self._rows: list[_Row] = []
        self._announced: list[str] = []
        self._started = 0.0
        self._fatal = self._again = False

    @property
    def fatal(self) -> bool:
        """The student's process is gone."""
        return self._fatal

    @property
    def errors(self) -> list[BaseException]:
        outcomes = [row.outcome for row in self._rows if row.outcome is not None]
        return [outcome.error for outcome in outcomes if outcome.error is not None]

    def start_again(self) -> list[str]:
        """The file is run once more; these of its tests have their results already."""
        self._fatal, self._again = False, True
        return [row.name for row in self._rows]

    def announce(self, names: list[str]) -> None:
        if self._again:  # there may be no time for it, and what there was is known nevertheless
            self._announced.clear()
        self._again = False
        self._announced.extend(names)

    def begin(self, name: str) -> None:
        self._recorder.last = None
        self._student.printed(up_to_now=False)
        self._rows.append(_Row(name))
        self._started = time.perf_counter()

    def seen(self, error: BaseException) -> None:
        """Something failed in a test that goes on."""
        row = self._rows[-1]
        if self._test.visible == "sample" and row.about is None:
            row.about = error
            self._tell(row, error, error)

    def end(self, outcome: Outcome) -> None:
        row = self._rows[-1]
        row.time_ms = (time.perf_counter() - self._started) * 1000
        where = outcome.error
        lost = self._student.lost()
        if lost is not None:  # whatever the test made of it
            outcome = Outcome(outcome.name, lost)
        missing = missing_import(outcome.error, self._student.request.module)
        if missing is not None:
            outcome = Outcome(outcome.name, missing)
        row.outcome = outcome
        if row.time_ms > _MEASURED_MS or not self._student.used:
            self._student.memory()
        row.memory_bytes = self._student.used
        row.stdout = self._student.printed()
        if outcome.error is None and outcome.skipped is None:
            self._student.passed = True
        elif outcome.error is not row.about and self._test.visible == "sample":
            self._tell(row, outcome.error, where)
        self._fatal = outcome.fatal or self._student.lost() is not None

    def _tell(self, row: _Row, error: BaseException | None, where: BaseException | None) -> None:
        """Now, while the values are what the test saw, and before any hidden test has run.

        `where`: as it came out of the test.
        """
        if error is None:
            return
        try:
            row.told = self._told(error, where, row.stdout)
        # The student's objects are looked at: what they do may fail, or end the process.
        except (Exception, *FINAL) as second:
            if trace_of(second) is None and not isinstance(second, (*FINAL, AssertionError)):
                raise
            row.told = {"message": explain(error, None, self._student)}

    def _told(
        self, error: BaseException, where: BaseException | None, printed: str
    ) -> dict[str, Any]:
        place = find(where, self._test.source, self._test.filename)
        failure = Failure(error, self._recorder.last, place)
        told: dict[str, Any] = {"call": failure.call}
        comparison = failure.comparison
        if comparison is not None:
            told["call"] = comparison.call
            told["actual"] = came(comparison)
            told["expected"] = wanted(comparison)
            told["difference"] = self._difference(comparison)
        found = detail(error, self._student, self._test.key)
        if found is not None:
            told["line"] = found.line
            self.detail = self.detail or found
        # What the author says of a wrong result does not fit where there is nothing to call.
        words = None if isinstance(error, MissingName) else self._test.on_fail
        saying = Saying(found, failure.words, told.get("difference", ()), printed, told["call"])
        told["message"] = clean(words or explain(error, comparison, self._student, saying))
        return told

    def _difference(self, comparison: Comparison) -> tuple[DifferencePart, ...]:
        if comparison.sign not in ("==", "items", "near"):
            return ()
        expected, actual = comparison.expected, comparison.actual
        return differences.difference(
            expected.beside(actual) if type(expected) is approx else expected,
            actual,
            show=show,
            tolerance=self._test.tolerance,
            ordered=self._test.ordered and comparison.sign != "items",
        )

    def results(self) -> list[TestResult]:
        if self._test.suite:
            names = [row.name for row in self._rows]
            rest = [_Row(name) for name in self._announced if name not in names]
            return [self._result(row, row.name) for row in self._rows + rest]
        first = next((r for r in self._rows if r.outcome and r.outcome.error), None)
        row = first or (self._rows[0] if self._rows else _Row(self._test.name))
        if len(self._rows) > 1:
            row.time_ms = sum(r.time_ms for r in self._rows)
            row.memory_bytes = max(r.memory_bytes for r in self._rows)
            row.stdout = "".join(r.stdout for r in self._rows)
        return [self._result(row, self._test.name)]

    def _result(self, row: _Row, name: str) -> TestResult:
        test = self._test
        status = _status(row.outcome)
        skipped = row.outcome.skipped if row.outcome else None
        most = 0.0 if skipped is not None else float(test.weight)
        return TestResult(
            key=f"{test.key}::{name}" if test.suite else test.key,
            name=clean(name, 300),
            visible=test.visible,
            status=status,
            points=most if status == "passed" else 0.0,
            max_points=most,
            **_told(test, row, status),
        )


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


def _told(test: Test, row: _Row, status: TestStatus) -> dict[str, Any]:
    """Of a hidden test nothing but its name and the author's `on_fail`: no value, no print.

    Code that sleeps or hoards by what it was given could tell it by the exact time or memory.
    """
    skipped = row.outcome.skipped if row.outcome is not None else None
    if test.visible == "hidden":
        failed = status not in ("passed", "not_run")
        return {
            "message": (test.on_fail or "") if failed else "Skipped" if skipped is not None else "",
            "time_ms": coarse(round(row.time_ms, 3)),
            "memory_bytes": round(coarse(row.memory_bytes / _MIB) * _MIB),
        }
    told: dict[str, Any] = {**row.told, "stdout": capped(row.stdout, _MAX_PRINTED)}
    if skipped is not None:
        told = {"message": f"Skipped: {skipped}".rstrip(": ")}
    return {"time_ms": round(row.time_ms, 3), "memory_bytes": row.memory_bytes, **told}


def verdict_status(tests: list[TestResult], reason: Reason | None) -> VerdictStatus:
    if reason in ("timeout", "output"):
        return "timeout"
    if reason in ("internal", "bad_tests"):
        return "error"
    counted = [test for test in tests if test.max_points or test.status != "not_run"]
    passed = [test for test in counted if test.status == "passed"]
    if counted and len(passed) == len(counted):
        return "passed"
    return "partial" if passed else "failed"
