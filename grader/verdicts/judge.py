"""Turns the outcomes of tests into results: points, words, and what a student may be told."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from grader.protocol import DifferencePart, ErrorDetail, Test, TestResult
from grader.remote import FINAL
from grader.testing.approximate import approx
from grader.testing.asserting import Comparison, Recorder
from grader.testing.namespace import MissingName
from grader.verdicts import differences
from grader.verdicts.checks import Failure
from grader.verdicts.outcome import Outcome, missing_import, trace_of
from grader.verdicts.places import find
from grader.verdicts.rows import Row, result
from grader.verdicts.sentences import came, wanted
from grader.verdicts.showing import clean, show
from grader.verdicts.words import Saying, detail, explain, is_busy

if TYPE_CHECKING:
    from grader.student import Student

#: A shorter test cannot have used much more memory than the one before; asking takes time too.
_MEASURED_MS = 1.0


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
        self._rows: list[Row] = []
        self._announced: list[str] = []
        self._started = 0.0
        self._touched = 0
        self._fatal = self._again = False
        #: Its sample tests had the student's code run so often that this by itself took long.
        self.busy = False

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
        self._student.session.channel.lock.resume()
        self._student.printed(up_to_now=False)
        self._rows.append(Row(name))
        self._touched = self._student.session.touched
        self._started = time.perf_counter()

    def seen(self, error: BaseException) -> None:
        """Something failed in a test that goes on."""
        row = self._rows[-1]
        if self._test.visible == "sample" and row.about is None:
            row.about = error
            self._tell(row, error, error)

    def end(self, outcome: Outcome) -> None:
        turn = self._student.session.channel.lock
        turn.hush()  # what it is about does not change while it is judged
        self._end(outcome)
        turn.rest()

    def _end(self, outcome: Outcome) -> None:
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

    def _tell(self, row: Row, error: BaseException | None, where: BaseException | None) -> None:
        """Now, while the values are what the test saw, and before any hidden test has run.

        `where`: as it came out of the test.
        """
        if error is None:
            return
        try:
            row.told = self._told(error, where, row)
        # The student's objects are looked at: what they do may fail, or end the process.
        except (Exception, *FINAL) as second:
            if trace_of(second) is None and not isinstance(second, (*FINAL, AssertionError)):
                raise
            row.told = {"message": explain(error, None, self._student)}

    def _told(self, error: BaseException, where: BaseException | None, row: Row) -> dict[str, Any]:
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
        calls = self._student.session.touched - self._touched
        self.busy = self.busy or is_busy(error, calls)
        difference = told.get("difference", ())
        more = row.stdout, told["call"], calls, row.time_ms / 1000
        saying = Saying(found, failure.words, difference, *more)
        told["message"] = clean(words or explain(error, comparison, self._student, saying))
        return told

    def _difference(self, comparison: Comparison) -> tuple[DifferencePart, ...]:
        if comparison.sign not in ("==", "items", "near"):
            return ()
        expected, actual = map(_as_list, (comparison.expected, comparison.actual))
        return differences.difference(
            expected.beside(actual) if type(expected) is approx else expected,
            actual,
            show=show,
            tolerance=self._test.tolerance,
            ordered=self._test.ordered and comparison.sign != "items",
        )

    def results(self) -> list[TestResult]:
        test = self._test
        if test.suite:
            names = [row.name for row in self._rows]
            rest = [Row(name) for name in self._announced if name not in names]
            return [result(test, row, row.name) for row in self._rows + rest]
        first = next((r for r in self._rows if r.outcome and r.outcome.error), None)
        row = first or (self._rows[0] if self._rows else Row(self._test.name))
        if len(self._rows) > 1:
            row.time_ms = sum(r.time_ms for r in self._rows)
            row.memory_bytes = max(r.memory_bytes for r in self._rows)
            row.stdout = "".join(r.stdout for r in self._rows)
        return [result(test, row, self._test.name)]


def _as_list(value: Any) -> Any:
    """A Mock's list of its calls is told place by place, too."""
    mine = type(value).__qualname__ == "_CallList" and issubclass(type(value), list)
    return list.copy(value) if mine else value
