"""What `pytest.raises` gives: the exception, and where it came from on both sides."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.remote import Trace
from grader.remote.final import STOPPED

_OURS = str(Path(__file__).parents[1])
_MOST_SHOWN = 240
#: A line of a traceback, and the line of code below it.
_FRAME = re.compile(r'^  File "(.*)", line (\d+), in (.*)(?:\n    (.*))?', re.M)


@dataclass(frozen=True)
class Entry:
    """One step of the way to the line that raised it."""

    name: str
    path: str
    #: From 0, as pytest counts here.
    lineno: int
    statement: str

    def __str__(self) -> str:
        return f"  File {self.path!r}:{self.lineno + 1} in {self.name}\n  {self.statement}\n"


def _entries(error: BaseException) -> Iterator[Entry]:
    for frame in traceback.extract_tb(error.__traceback__):
        if not frame.filename.startswith(_OURS):
            yield Entry(frame.name, frame.filename, (frame.lineno or 1) - 1, frame.line or "")
    trace = getattr(error, "__student__", None)
    if isinstance(trace, Trace):
        for path, line, name, statement in _FRAME.findall(trace.traceback):
            yield Entry(name, path, int(line[:9]) - 1, statement)


class ExceptionInfo:
    def __init__(self) -> None:
        self._error: BaseException | None = None

    def __repr__(self) -> str:
        if self._error is None:
            return "<ExceptionInfo for raises contextmanager>"
        return f"<ExceptionInfo {_shown(self._error)} tblen={len(self.traceback)}>"

    @property
    def value(self) -> Any:
        assert self._error is not None, "nothing was raised yet"  # noqa: S101
        return self._error

    @property
    def type(self) -> Any:
        return type(self.value)

    @property
    def typename(self) -> str:
        return str(self.type.__name__)

    @property
    def tb(self) -> Any:
        return self.value.__traceback__

    @property
    def traceback(self) -> list[Entry]:
        return list(_entries(self.value))

    def match(self, pattern: Any) -> bool:
        if not re.search(pattern, with_notes(self.value)):
            raise AssertionError(f"{str(self.value)!r} does not match {pattern_of(pattern)!r}")
        return True

    def errisinstance(self, kinds: Any) -> bool:
        return isinstance(self.value, kinds)

    def group_contains(self, kinds: Any, *, match: Any = None, depth: int | None = None) -> bool:
        return any(
            isinstance(error, kinds) and (match is None or bool(re.search(match, str(error))))
            for error in _inside(self.value, depth)
        )

    def exconly(self) -> str:
        return f"{self.type.__name__}: {self.value}"


def _inside(error: Any, depth: int | None) -> list[Any]:
    found: list[Any] = []
    for inner in getattr(error, "exceptions", ()):
        deeper = [] if depth == 1 else _inside(inner, depth - 1 if depth else None)
        found += [*([inner] if depth in (None, 1) else []), *deeper]
    return found


def raised(error: BaseException, kinds: Any) -> BaseException:
    """What was raised, where `kinds` are wanted: a StopIteration of the student's function comes
    as another error, lest it end a loop of the test, and holds the one that was meant.
    """
    meant = error.__context__
    if type(error) is not RuntimeError or not isinstance(meant, StopIteration):
        return error
    stopped = error.args == (STOPPED,) and not isinstance(error, kinds)
    return meant if stopped and isinstance(meant, kinds) else error


def _shown(error: BaseException) -> str:
    try:
        text = repr(error)
    except Exception as failed:
        return f"<[{type(failed).__name__} raised in repr()] {type(error).__name__} object>"
    half = _MOST_SHOWN // 2
    return text if len(text) <= _MOST_SHOWN else f"{text[:half]}...{text[-half:]}"


def with_notes(error: BaseException) -> str:
    return "\n".join([str(error), *getattr(error, "__notes__", [])])


def pattern_of(match: Any) -> str:
    return str(getattr(match, "pattern", match))
