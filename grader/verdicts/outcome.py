"""How one test ended."""

from __future__ import annotations

import asyncio
import inspect
import re
import unittest
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from grader.remote import FINAL, StudentGone, Trace
from grader.testing.namespace import MissingName
from grader.testing.pytest_shim import ExpectedFailure, Skipped


class OutOfMemory(StudentGone):
    """The student's process was killed because it used too much memory."""


@dataclass(frozen=True)
class Outcome:
    name: str
    error: BaseException | None = None
    skipped: str | None = None

    @property
    def fatal(self) -> bool:
        return isinstance(self.error, FINAL)


class Listener(Protocol):
    @property
    def fatal(self) -> bool: ...
    def announce(self, names: list[str]) -> None: ...
    def begin(self, name: str) -> None: ...
    def seen(self, error: BaseException) -> None: ...
    def end(self, outcome: Outcome) -> None: ...


def attempt(name: str, work: Callable[[], Any]) -> Outcome:
    """Run a test; whatever it raises is its outcome."""
    try:
        result = work()
        if inspect.iscoroutine(result):
            asyncio.run(result)
    except (Skipped, unittest.SkipTest) as skip:
        return Outcome(name, skipped=str(skip))
    except ExpectedFailure as skip:
        return Outcome(name, skipped=f"expected to fail: {skip}")
    except BaseException as error:
        return Outcome(name, error=error)
    return Outcome(name)


def trace_of(error: BaseException) -> Trace | None:
    trace = getattr(error, "__student__", None)
    return trace if isinstance(trace, Trace) else None


def missing_import(error: BaseException | None, module: str) -> MissingName | None:
    """`from answer import add` or `answer.add`, where the student's code has no `add`."""
    if isinstance(error, AttributeError) and error.args == (_OF_MODULE.format(module, error.name),):
        return MissingName(f"Your code does not define {error.name!r}.", name=error.name)
    if not isinstance(error, ImportError) or error.name != module or trace_of(error) is not None:
        return None
    name = getattr(error, "name_from", None)  # Python 3.12 and newer tell it
    found = _IMPORTED.search(error.msg) if name is None else None
    name = found[1] if found else name
    return MissingName(f"Your code does not define {name!r}.", name=name) if name else None


_OF_MODULE = "module {!r} has no attribute {!r}"
_IMPORTED = re.compile(r"^cannot import name '(\w+)'")


def blames_student(error: BaseException, module: str) -> bool:
    """Whether it is the student's doing that a test file could not be used."""
    if trace_of(error) is not None or isinstance(error, (*FINAL, MissingName)):
        return True
    cause = error
    while cause is not None:
        if isinstance(cause, ImportError) and cause.name == module:
            return True
        if isinstance(cause, ImportError) and f"'{module}'" in str(cause):
            return True
        following = cause.__cause__ or cause.__context__
        if following is None:
            return False
        cause = following
    return False
