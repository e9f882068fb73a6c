"""The steps of one grading: check the code, load it, run each test, tell the verdict."""

from __future__ import annotations

import ast
import dataclasses
import functools
import random
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader import static
from grader.protocol import (
    ErrorDetail,
    GradeRequest,
    Level,
    Reason,
    Test,
    TestResult,
    Verdict,
    not_run,
)
from grader.remote import FINAL, StudentTimeout
from grader.remote.patches import follow
from grader.remote.rows import Watch, watched
from grader.student import Student
from grader.testing import namespace
from grader.testing.asserting import Recorder
from grader.testing.faults import BadTests, together
from grader.testing.suites import SetupFailed, Suite
from grader.verdicts.judge import Judge
from grader.verdicts.outcome import Listener, Outcome, blames_student
from grader.verdicts.rows import verdict_status
from grader.verdicts.showing import capped
from grader.verdicts.submissions import loading_words, lost_words, reason_of, refused
from grader.verdicts.words import detail, show_error

if TYPE_CHECKING:
    from grader.remote import Session
    from grader.walls.box import Box


class Grading:
    def __init__(
        self,
        request: GradeRequest,
        take: Callable[[], Box],
        level: Level,
        watch: Watch | None = None,
    ) -> None:
        """`take` gives a fresh process for the student's code each time it is called."""
        self._request = request
        self._student = Student(request, take, level, watch)
        self._level = level
        self._watch = watch
        self._results: dict[str, list[TestResult]] = {}
        self._judges: list[Judge] = []
        self._late: list[BaseException] = []
        self._stdout: list[str] = []

    @property
    def session(self) -> Session | None:
        """With the process that ran the student's code last; None where none did."""
        return getattr(self._student, "session", None)

    @property
    def errors(self) -> list[BaseException]:
        """By which its tests ended."""
        return [error for judge in self._judges for error in judge.errors]

    def run(self, start_clock: Callable[[], None]) -> Verdict:
        """The student's process is killed by then; whoever gave it waits until it has ended."""
        began = time.perf_counter()
        # Else there is nothing to refuse but what cannot be read, and that is told by loading it.
        verdict = self._refuse() if "import" in self._request.code else None
        if verdict is None:
            start_clock()
            try:
                verdict = self._grade()
            except (*FINAL, MemoryError, RecursionError) as error:
                verdict = self._cut_off(error)
        signal.setitimer(signal.ITIMER_REAL, 0)
        peak = self._student.stop()
        taken = (time.perf_counter() - began) * 1000
        return dataclasses.replace(verdict, execution_time_ms=round(taken, 3), memory_bytes=peak)

    def _refuse(self) -> Verdict | None:
        """What is wrong before anything runs."""
        try:
            tree = ast.parse(self._request.code)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return self._syntax_error(error)
        refused = static.refused_import(tree, self._request)
        if refused is None:
            return None
        name, line = refused
        message = static.refusal(name, self._request.allow_imports)
        told = ErrorDetail(type="ImportError", message=message, line=line)
        return self._without_tests("refused_import", message, told)

    def _syntax_error(self, error: BaseException) -> Verdict:
        told = static.syntax_error(error, "" if self._request.files else self._request.code)
        where = f"Line {told.line}: " if told.line else ""
        return self._without_tests("syntax_error", f"{where}{told.message}", told)

    def _grade(self) -> Verdict:
        error = self._student.start()
        if error is not None and (refusal := self._refuse()) is not None:
            return refusal
        self._stdout.append(self._student.printed())
        if error is not None:
            return self._not_loaded(error)
        follow(lambda: self._student.session, self._own_modules)
        try:
            for test in self._ordered():
                self._run_test(test)
        except BadTests as bad:
            return self._without_tests("bad_tests", str(bad), None)
        except StudentTimeout as late:
            self._late.append(late)  # the alarm went off between two tests
        self._student.stop()  # it ends while the verdict is put together
        return self._finished()

    def _own_modules(self) -> set[str]:
        files = {namespace.module_name(test.filename) for test in self._request.tests}
        return files | set(self._request.test_modules)

    def _ordered(self) -> list[Test]:
        """Samples come first: what they show must not hold what a hidden test handed in."""
        tests = list(self._request.tests)
        if self._request.shuffle:
            random.Random(self._request.seed).shuffle(tests)  # noqa: S311 - an order, no secret
        return sorted(tests, key=lambda test: test.visible == "hidden")

    def _run_test(self, test: Test) -> None:
        recorder = Recorder(test.tolerance, test.ordered)
        judge = Judge(test, recorder, self._student)
        # Before anything runs: a test file that does not compile is told as that in any case.
        suite = Suite(test.source, test.filename)
        suite.compile(whole=test.suite)
        listener = watched(judge, self._watch, test.key, test.suite)
        while self._student.ready():
            self._run_round(suite, test, recorder, listener)
            if not (judge.fatal and test.suite):
                break
            # The rest of the file runs beside a fresh process, from its beginning.
            suite = Suite(test.source, test.filename, finished=judge.start_again())
        self._judges.append(judge)
        self._results[test.key] = judge.results()
        if test.visible == "sample":
            self._stdout += [result.stdout for result in self._results[test.key]]

    def _run_round(self, suite: Suite, test: Test, recorder: Recorder, listener: Listener) -> None:
        request = self._request
        sources = (test.source, request.given, *request.test_modules.values())
        names = namespace.Names(self._student.session, request.module, self._given, sources)
        for name in suite.student_builtins(self._defined):
            del names[name]
        namespace.install_helpers(request.test_modules, names)
        space = namespace.fresh(names, recorder, test.filename)
        if not test.suite:
            suite.run_cell(test.name, space, listener)
            return
        try:
            suite.run(space, static.entry(request.code, request.module), listener)
        except SetupFailed as failure:
            if not blames_student(failure.error, request.module):
                raise BadTests(test.filename, failure.line, show_error(failure.error)) from None
            listener.begin(test.name)
            listener.end(Outcome(test.name, failure.error))

    @functools.cached_property
    def _defined(self) -> set[str]:
        code = self._request.code
        return static.defined(code) if static.may_define_builtins(code) else set()

    @functools.cached_property
    def _given(self) -> dict[str, Any]:
        return namespace.trusted_names(self._request.given)

    def _not_loaded(self, error: BaseException) -> Verdict:
        """The code itself went wrong, before any test."""
        if isinstance(error, BadTests):
            return self._without_tests("bad_tests", str(error), None)
        if isinstance(error, SyntaxError):
            return self._syntax_error(error)
        lost = self._student.lost() or error
        told = None if isinstance(lost, FINAL) else detail(lost, self._student, None)
        reason: Reason = reason_of([lost], self._student.flooded) or "exception"
        if refused(lost):
            reason = "refused_import"
        words = loading_words(lost, told, reason, self._request)
        return self._without_tests(reason, words, told)

    def _cut_off(self, error: BaseException) -> Verdict:
        """By values that the student chose, while they were put into words."""
        reason = reason_of([error], self._student.flooded) or "exception"
        words = lost_words(reason, [], self._request) or show_error(error)
        return self._without_tests(reason, words, None)

    def _finished(self) -> Verdict:
        reason = reason_of(self.errors + self._late, self._student.flooded)
        samples = (judge for judge in self._judges if judge.visible == "sample")
        if reason is None and any(refused(error) for judge in samples for error in judge.errors):
            reason = "refused_import"
        results = self._in_order()
        left = (r for r in results if r.status == "not_run" and r.max_points)
        if reason is None and any(left) and self._student.is_late:
            reason = "timeout"  # it was over between two tests
        details = {j.key: j.detail for j in self._judges}
        words = lost_words(reason, results, self._request, any(j.busy for j in self._judges))
        if bad := [e for e in self.errors if isinstance(e, BadTests) and e.uncounted]:
            reason, words = "bad_tests", together(bad)
        return Verdict(
            request_id=self._request.id,
            status=verdict_status(results, reason),
            reason=reason,
            message=words,
            points=sum(result.points for result in results),
            max_points=sum(result.max_points for result in results),
            tests=tuple(results),
            error=next(filter(None, (details.get(test.key) for test in self._request.tests)), None),
            stdout=self._printed(),
            level=self._level,
        )

    def _in_order(self) -> list[TestResult]:
        results: list[TestResult] = []
        for test in self._request.tests:
            results += self._results.get(test.key) or not_run((test,))
        return results

    def _printed(self) -> str:
        return capped("".join(self._stdout), self._request.limits.output_kb * 1024)

    def _without_tests(self, reason: Reason, message: str, error: ErrorDetail | None) -> Verdict:
        results = list(not_run(self._request.tests))
        return Verdict(
            request_id=self._request.id,
            status=verdict_status(results, reason),
            reason=reason,
            message=message,
            max_points=sum(result.max_points for result in results),
            tests=tuple(results),
            error=error,
            stdout=self._printed(),
            level=self._level,
        )
