"""The steps of one grading: check the code, load it, run each test, tell the verdict."""

from __future__ import annotations

import ast
import dataclasses
import random
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader import namespace, static
from grader.asserting import Recorder
from grader.fitting import clean, fit
from grader.judge import MESSAGES, Judge, detail, show_error, verdict_status
from grader.outcome import FINAL, Outcome, attempt, blames_student, trace_of
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
from grader.remote import Session, StudentGone, StudentTimeout, WireError
from grader.remote.channel import Output
from grader.remote.patches import follow
from grader.remote.surroundings import shared_folder
from grader.suites import BadTests, SetupFailed, Suite

if TYPE_CHECKING:
    from grader.runner import Box

_ENDING_SECONDS = 0.5
_TIME_IS_OVER = (signal.SIGXCPU, signal.SIGPROF)


class Grading:
    def __init__(self, request: GradeRequest, box: Box, level: Level) -> None:
        self._request = request
        self._box = box
        self._level = level
        self._session: Session
        self._results: dict[str, list[TestResult]] = {}
        self._errors: list[tuple[Test, BaseException]] = []
        self._stdout: list[str] = []
        self._started = 0.0

    def run(self, start_clock: Callable[[], None]) -> Verdict:
        began = time.perf_counter()
        verdict = self._refuse()
        if verdict is None:
            start_clock()
            verdict = self._grade()
        signal.setitimer(signal.ITIMER_REAL, 0)
        taken = (time.perf_counter() - began) * 1000
        verdict = dataclasses.replace(verdict, execution_time_ms=round(taken, 3))
        if verdict.memory_bytes == 0:
            verdict = dataclasses.replace(verdict, memory_bytes=self._box.end())
        return fit(verdict)

    def _refuse(self) -> Verdict | None:
        """What is wrong before anything runs."""
        try:
            tree = ast.parse(self._request.code)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return self._syntax_error(error)
        refused = static.refused_import(tree, self._request)
        if refused is not None:
            name, line = refused
            allowed = ", ".join(self._request.allow_imports or ()) or "nothing"
            message = f"This problem does not allow importing {name!r}; it allows {allowed}."
            if self._request.allow_imports is None:
                message = f"{name!r} is not part of Python's standard library."
            told = ErrorDetail(type="ImportError", message=message, line=line)
            return self._without_tests("refused_import", message, told)
        return None

    def _syntax_error(self, error: BaseException) -> Verdict:
        told = static.syntax_error(error)
        where = f"Line {told.line}: " if told.line else ""
        return self._without_tests("syntax_error", f"{where}{told.message}", told)

    def _grade(self) -> Verdict:
        request = self._request
        output = Output(self._box.pipes, request.limits.output_kb * 1024)
        self._started = time.monotonic()
        deadline = self._started + request.limits.wall_seconds
        self._session = Session(
            self._box.sock,
            output,
            deadline=deadline,
            open_tests=request.open_tests,
            objects=request.objects or request.open_tests,
            folder=shared_folder(request, self._level),
        )
        namespace.install(self._session, request.module, ())
        config = {
            "module": request.module,
            "given": request.given,
            "code": request.code,
            "files": request.files,
            "allow_imports": list(request.allow_imports)
            if request.allow_imports is not None
            else None,
            "limits": dataclasses.asdict(request.limits),
        }
        loaded = attempt("load", lambda: self._session.request("load", config))
        self._stdout.append(self._session.take_printed())
        if loaded.error is not None:
            return self._not_loaded(loaded.error)
        follow(self._session)
        try:
            for test in self._ordered():
                self._run_test(test)
        except BadTests as error:
            return self._without_tests("bad_tests", str(error), None)
        return self._finished()

    def _ordered(self) -> list[Test]:
        tests = list(self._request.tests)
        if self._request.shuffle:
            random.Random(self._request.seed).shuffle(tests)  # noqa: S311 - an order, no secret
        return tests

    def _run_test(self, test: Test) -> None:
        recorder = Recorder(test.tolerance, test.ordered)
        judge = Judge(test, recorder, self._session.take_printed, self._lost)
        suite = Suite(test.source, test.filename)
        if self._session.channel.closed is not None:
            self._results[test.key] = judge.results()
            return
        names = namespace.Names(
            self._session, self._request.module, namespace.trusted_names(self._request.given)
        )
        defined = static.defined(self._request.code)
        for name in suite.student_builtins(defined):
            del names[name]
        namespace.install_helpers(self._request.test_modules, names)
        space = namespace.fresh(names, recorder, test.filename)
        self._run_suite(suite, space, judge, test)
        self._results[test.key] = judge.results()
        self._errors += [(test, error) for error in judge.errors]
        if test.visible == "sample":
            self._stdout += [result.stdout for result in self._results[test.key]]

    def _run_suite(self, suite: Suite, space: dict[str, Any], judge: Judge, test: Test) -> None:
        if not test.suite:
            suite.run_cell(test.name, space, judge)
            return
        try:
            suite.run(space, static.entry(self._request.code, self._request.module), judge)
        except SetupFailed as failure:
            if not blames_student(failure.error, self._request.module):
                raise BadTests(test.filename, failure.line, show_error(failure.error)) from None
            judge.begin(test.name)
            judge.end(Outcome(test.name, failure.error))

    def _not_loaded(self, error: BaseException) -> Verdict:
        if isinstance(error, FINAL):
            return self._finished(error)
        if isinstance(error, SyntaxError):
            return self._syntax_error(error)
        reason: Reason = "memory" if isinstance(error, MemoryError) else "exception"
        if isinstance(error, ImportError) and "does not allow importing" in str(error):
            reason = "refused_import"
        message = show_error(error)
        if isinstance(error, SystemExit):
            message = "Your code ends the program while it is being loaded."
        return self._without_tests(reason, message, detail(error))

    def _finished(self, final: BaseException | None = None) -> Verdict:
        """After the tests, or after the process ended (`final`)."""
        final = self._settled(final or self._session.channel.closed)
        used = self._peak_memory() if final is None else 0
        memory = self._box.end()
        reason = self._reason(final)
        order = [test.key for test in self._request.tests]
        results = [result for key in order for result in self._results.get(key, [])]
        if not results:
            results = list(not_run(self._request.tests))
        shown = next((e for t, e in self._errors if t.visible == "sample" and trace_of(e)), None)
        return Verdict(
            request_id=self._request.id,
            status=verdict_status(results, reason),
            reason=reason,
            message=MESSAGES.get(reason or "", ""),
            points=sum(result.points for result in results),
            max_points=sum(result.max_points for result in results),
            tests=tuple(results),
            error=detail(shown) if shown is not None else None,
            stdout=clean("".join(self._stdout), self._request.limits.output_kb * 1024),
            memory_bytes=max(used, memory),
            level=self._level,
        )

    def _peak_memory(self) -> int:
        """As the student's process tells it: good for showing, not for deciding."""
        told: list[Any] = []
        attempt("usage", lambda: told.append(self._session.request("usage")))
        plausible = told and type(told[0]) is int and 0 <= told[0] < 1 << 40
        return told[0] * 1024 if plausible else 0

    def _lost(self) -> BaseException | None:
        """Why the student's process cannot be asked any more."""
        closed = self._settled(self._session.channel.closed)
        self._session.channel.closed = closed
        return closed

    def _settled(self, final: BaseException | None) -> BaseException | None:
        """A process that ended because its time was over is a timeout."""
        if isinstance(final, StudentGone):
            ended_by = self._box.ended_by(_ENDING_SECONDS)
            late = time.monotonic() - self._started >= self._request.limits.cpu_seconds
            if ended_by in _TIME_IS_OVER or (late and ended_by == signal.SIGKILL):
                return StudentTimeout()
        return final

    def _reason(self, final: BaseException | None) -> Reason | None:
        if isinstance(final, StudentTimeout):
            return "timeout"
        if isinstance(final, StudentGone | WireError):
            return "crash"
        if any(isinstance(error, StudentTimeout) for _, error in self._errors):
            return "timeout"
        if any(isinstance(error, MemoryError) for _, error in self._errors):
            return "memory"
        return None

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
            stdout=clean("".join(self._stdout), self._request.limits.output_kb * 1024),
            level=self._level,
        )
