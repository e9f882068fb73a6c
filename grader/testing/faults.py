"""Tells a fault of the tests from a fault of the student's code."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.remote import FINAL, StudentTimeout
from grader.remote.exports import NotForStudents
from grader.testing.foreign import StartsProgram
from grader.testing.meeting import meets_theirs
from grader.testing.namespace import MissingName
from grader.testing.pytest_shim import UsageError
from grader.verdicts.outcome import Listener, Outcome, blames_student, trace_of

_MAX_REASON = 500
_MOST_TOLD = 20
#: Where the tests' side waits for the student's process.
_WAITING = ("channel.py", "turn.py", "lanes.py", "conversations.py")
#: What they say is for the author.
_WITH_WORDS = (UsageError, NotForStudents, StartsProgram)


class BadTests(Exception):
    """The tests themselves cannot be used."""

    def __init__(self, filename: str, line: int | None, reason: str) -> None:
        super().__init__(f"{filename}, line {line}: {reason}" if line else f"{filename}: {reason}")
        self.line = line
        #: No attempt is judged by tests of which one cannot be run.
        self.uncounted = True


class Guard:
    """Passes outcomes on; what is a test's own fault becomes BadTests, and the others go on."""

    def __init__(self, listener: Listener, filename: str, names: Any) -> None:
        self._listener = listener
        self._filename = filename
        self._names = names
        #: What came before has nothing to do with what goes wrong from now on.
        self._before = names.touched()
        #: Of a test that cannot be run; and whether there are others.
        self._refused: BadTests | None = None
        self._others = False

    @property
    def fatal(self) -> bool:
        return self._listener.fatal

    def announce(self, names: list[str]) -> None:
        self._listener.announce(names)

    def begin(self, name: str) -> None:
        self._names.refused()
        self._listener.begin(name)

    def seen(self, error: BaseException) -> None:
        self._listener.seen(error)

    def end(self, outcome: Outcome) -> None:
        refused = self._names.refused()
        if outcome.error is not None and refused is not None:  # and what failed follows from that
            outcome = Outcome(outcome.name, refused)
        bad = self._fault(outcome.error)
        if bad is None:
            self._others = True
        elif isinstance(outcome.error, StudentTimeout):
            raise bad  # there is no time for the others
        else:
            self._refused = self._refused or bad
            outcome = Outcome(outcome.name, bad)
        self._listener.end(outcome)

    def finish(self) -> None:
        """Raises BadTests where no test could be run."""
        if self._refused is not None and not self._others:
            raise self._refused

    def check(self, outcome: Outcome) -> None:
        """Of what all tests need; raises BadTests."""
        bad = self._fault(outcome.error)
        if bad is not None:
            raise bad

    def _fault(self, error: BaseException | None) -> BadTests | None:
        if error is None or not self._is_own(error):
            return None
        file = getattr(error, "file", None) or self._filename
        bad = BadTests(file, line_of(error, self._filename), told(error) + self._where(error))
        bad.uncounted = not isinstance(error, StartsProgram)
        return bad

    def is_students(self, error: BaseException) -> bool:
        """At the top of the file, once the student's code has given it something."""
        given = isinstance(error, Exception) and not self._is_untouched()
        given = given or meets_theirs(error)
        return given or isinstance(error, FINAL)

    def _where(self, error: BaseException) -> str:
        name = error.filename if isinstance(error, FileNotFoundError) else None
        beside = Path(self._filename).parent / name if type(name) is str else None
        if beside is None or not Path(self._filename).is_absolute() or not beside.is_file():
            return ""
        return f" (tests run in a folder of their own: write Path(__file__).parent / {name!r})"

    def only_its_functions(self) -> None:
        """That the cell itself was run is no test beside those that it defines."""
        self._others = False

    def _is_untouched(self) -> bool:
        return bool(self._names.touched() == self._before)

    def _is_own(self, error: BaseException) -> bool:
        if isinstance(error, _WITH_WORDS):
            return True
        if isinstance(error, SystemExit) and trace_of(error) is None and not error.code:
            return True
        if isinstance(error, ImportError) and not blames_student(error, self._names.module):
            return True
        # Where nothing came from the student's code, nothing of it can have gone wrong.
        untouched = self._is_untouched()
        if isinstance(error, StudentTimeout):
            return untouched and _in_tests(error)
        involved = isinstance(error, AssertionError | MissingName)
        involved = involved or blames_student(error, self._names.module)
        return untouched and not involved and not meets_theirs(error)


def _in_tests(error: BaseException) -> bool:
    """Whether the time ended while the test itself was running."""
    frames = traceback.extract_tb(error.__traceback__)
    return not any(frame.filename.endswith(_WAITING) for frame in frames)


def line_of(error: BaseException, filename: str) -> int | None:
    known = getattr(error, "line", None)
    if type(known) is int:
        return known
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == filename]
    return lines[-1] if lines else None


def told(error: BaseException) -> str:
    if isinstance(error, StudentTimeout):
        return "the tests take longer than the time limit by themselves"
    if isinstance(error, SystemExit):
        return "the tests end the program"
    text = str(error)[:_MAX_REASON]
    if isinstance(error, _WITH_WORDS):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def together(faults: list[BadTests]) -> str:
    """Each once, and of very many the first ones."""
    texts = list(dict.fromkeys(map(str, faults)))
    more = [f"{len(texts) - _MOST_TOLD} more like these"] if len(texts) > _MOST_TOLD else []
    return "\n".join(texts[:_MOST_TOLD] + more)


def collected(filename: str, collect: Callable[[], Any]) -> Any:
    """What `collect` gives; what it raises is a fault of the tests."""
    try:
        return collect()
    except (BadTests, StudentTimeout):
        raise
    except Exception as error:
        if trace_of(error) is not None:
            raise
        raise BadTests(filename, line_of(error, filename), told(error)) from None
