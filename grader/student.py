"""The student's process, and a fresh one in its place when a test has ended it."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader.protocol import GradeRequest, Level
from grader.remote import Session, StudentGone, StudentTimeout
from grader.remote.channel import Output
from grader.remote.functions import RemoteModule
from grader.remote.surroundings import shared_folder
from grader.testing import namespace
from grader.testing.faults import BadTests
from grader.verdicts.outcome import OutOfMemory, attempt, trace_of
from grader.verdicts.words import show_error

if TYPE_CHECKING:
    from grader.remote.watching import Watch
    from grader.walls.box import Box

#: Fresh processes in the place of ended ones.
_MOST_FRESH = 20
#: In the place of those that ran out of time; and while no test has passed, for then most likely
#: none will, and somebody is waiting.
_MOST_LATE = 2
_MOST_LATE_AT_FIRST = 1
_ENDING_SECONDS = 0.5
#: For the reprs of a failing function's variables: they are the student's code too.
_TELLING_SECONDS = 0.25
#: For the words that it was cut.
_ROOM = 100
#: Told when the code is loaded; others when a test first uses them.
_MOST_FUNCTIONS = 8
_FUNCTION = re.compile(r"^def (\w+)", re.MULTILINE)
_REBINDING = ("exec", "eval", "reload")
_TIME_IS_OVER = (signal.SIGXCPU, signal.SIGPROF)


class Student:
    session: Session

    def __init__(
        self,
        request: GradeRequest,
        take: Callable[[], Box],
        level: Level,
        watch: Watch | None = None,
    ) -> None:
        """`take` gives a fresh process each time it is called."""
        self.request = request
        self._watch = watch
        self._take = take
        self._level = level
        self._box = take()
        self._running = True
        #: Killed, and not yet waited for.
        self._ending: Box | None = None
        self._output = Output(self._box.pipes, request.limits.output_kb * 1024 - _ROOM)
        self._deadline = self._started = 0.0
        self._fresh = self._late = self._known_peak = 0
        #: Bytes, of all its processes; and of this one, when it was asked last.
        self.peak = self.used = 0
        #: Some test has passed.
        self.passed = False
        #: It printed more than is kept.
        self.flooded = False

    def start(self) -> BaseException | None:
        """Load the code; what went wrong with that."""
        self._deadline = time.monotonic() + self.request.limits.wall_seconds
        return self._load()

    def _load(self) -> BaseException | None:
        request = self.request
        self._started = time.monotonic()
        self.session = Session(
            self._box.sock,
            self._output,
            deadline=self._deadline,
            open_tests=request.open_tests,
            objects=request.objects or request.open_tests,
            folder=shared_folder(request, self._level),
            watch=self._watch,
            most_bytes=request.limits.result_kb * 1024,
        )
        self.session.channel.watch(self._box.cpu_seconds, request.limits.cpu_seconds)
        late = namespace.install(self.session, request)
        allowed = request.allow_imports
        config = {
            "module": request.module,
            "given": request.given,
            "code": None if late else request.code,
            "functions": self._functions(),
            "files": request.files,
            "allow_imports": list(allowed) if allowed is not None else None,
            "limits": self._box.limits(request.limits),
            "result_kb": request.limits.result_kb,
        }
        error = attempt("load", lambda: self._told(self.session.request("load", config))).error
        if error is None or not request.given or late or self.session.given_ran:
            return error
        return BadTests("given", getattr(trace_of(error), "line", None), show_error(error))

    def _functions(self) -> list[str]:
        """Names that tests will most likely ask for, and that stand for the same until then."""
        request = self.request
        sources = (test.source for test in request.tests)
        rebinds = (word in source for source in sources for word in _REBINDING)
        # By other modules of the student's, too.
        if request.objects or request.files or "global" in request.code or any(rebinds):
            return []
        return _FUNCTION.findall(request.code)[:_MOST_FUNCTIONS]

    def _told(self, functions: Any) -> None:
        module = sys.modules.get(self.request.module)
        if type(functions) is dict and type(module) is RemoteModule:
            module.learn(functions)

    @property
    def is_late(self) -> bool:
        """The time of the whole submission is over."""
        return time.monotonic() >= self._deadline

    def ready(self) -> bool:
        """Whether it can be asked; if a test has ended it, a fresh process is started."""
        if self.is_late:
            return False
        lost = self.lost()
        if lost is None:
            return True
        self._late += isinstance(lost, StudentTimeout)
        self._fresh += 1
        most_late = _MOST_LATE if self.passed else _MOST_LATE_AT_FIRST
        if self._fresh > _MOST_FRESH or self._late > most_late:
            return False
        self.end()
        for module in self.request.test_modules:
            namespace.forget(module)  # it holds names of the process that is gone
        self._box = self._take()
        self._running = True
        self._known_peak = self.used = 0
        self._output.follow(self._box.pipes)
        if self._watch is not None:
            self._watch.start_again()
        if self._load() is not None:
            self._fresh = _MOST_FRESH  # it loaded before: there is no use in trying again
            return False
        self.printed()  # was told the first time
        return True

    def lost(self) -> BaseException | None:
        """Why the process cannot be asked any more."""
        channel = self.session.channel
        if channel.closed is not None:
            channel.closed = self._settled(channel.closed)
        return channel.closed

    def _settled(self, final: BaseException) -> BaseException:
        """How a process ended tells whether its time was over, or its memory."""
        if type(final) is not StudentGone or final.args or not self._running:
            return final
        ended_by = self._box.ended_by(_ENDING_SECONDS)
        late = time.monotonic() - self._started >= self.request.limits.cpu_seconds
        if ended_by in _TIME_IS_OVER or (late and ended_by == signal.SIGKILL):
            return StudentTimeout()
        if ended_by == signal.SIGKILL and self.peak >= self.request.limits.memory_mb << 19:
            return OutOfMemory()  # by the system: Python itself would have raised MemoryError
        return StudentGone(ended_by)

    def printed(self, *, up_to_now: bool = True) -> str:
        """What it printed since it was asked last."""
        text = self.session.take_printed(up_to_now=up_to_now)
        if self._output.cut:
            self._output.cut = False
            self.flooded = True
            text += f"\n[Cut: more than {self.request.limits.output_kb} KB were printed.]"
        return text

    def memory(self) -> int:
        """Bytes: at most since this was asked last where that can be told, else in use now."""
        now, peak = self._box.memory() if self._running else (0, 0)
        risen = peak > self._known_peak
        self._known_peak = peak
        self.peak = max(self.peak, peak)
        self.used = peak if risen else now
        return self.used

    def failure(self, error: BaseException) -> dict[str, Any]:
        """What its process tells of an exception of its code; nothing of it can be trusted."""
        channel = self.session.channel
        if channel.closed is not None:
            return {}
        told: list[Any] = []
        channel.deadline = min(self._deadline, time.monotonic() + _TELLING_SECONDS)
        attempt("failure", lambda: told.append(self.session.request("failure", error)))
        channel.deadline = self._deadline
        return told[0] if told and type(told[0]) is dict else {}

    def stop(self) -> int:
        """Kill the process with all that it started; the most memory so far, in bytes."""
        if self._running:
            self._running = False
            self._ending = self._box
            if self._started:
                # Its pipes are closed with it: what is in them is read now.
                self.session.printed.append(self.session.take_printed())
                self.session.channel.leave()
                self.session.is_over = True
                self._output.follow([])
            self.peak = max(self.peak, self._box.kill())
        return self.peak

    def end(self) -> None:
        """Stop it, and wait until it has ended."""
        self.stop()
        if self._ending is not None:
            self._ending.wait()
            self._ending = None
