"""Tests that would end their own process are stopped there, so that the author learns the line."""

from __future__ import annotations

import faulthandler
import os
import re
import signal
from collections.abc import Callable
from typing import Any

from grader.testing.pytest_shim import UsageError

_KILL, _RAISE = os.kill, signal.raise_signal


def refuse() -> None:
    """From now on; whoever has to end this process for good has kept `os._exit`."""
    own = os.getpid()

    def kill(pid: int, number: int, /) -> None:
        if number and pid in (own, 0, -own):
            raise UsageError("the tests end their own process with os.kill()")
        _KILL(pid, number)

    os._exit = _refusal("os._exit()")
    os.abort = _refusal("os.abort()")
    os.kill = kill
    signal.raise_signal = _refusal("signal.raise_signal()")


def tell_crashes(descriptor: int) -> None:
    """Where a test that crashes Python was; the process cannot say anything else then."""
    faulthandler.enable(descriptor, all_threads=False)


def crash(told: str, filenames: set[str]) -> str | None:
    """File, line and reason, if this is what a crash left, in the form of other faults of tests."""
    found = _CRASH.match(told)
    if found is None:
        return None
    lines = (line for line in _FRAME.findall(told) if line[0] in filenames)
    name, line = next(lines, ("the tests", ""))
    return f"{name}{f', line {line}' if line else ''}: the tests crash Python: {found[1]}"


_CRASH = re.compile(r"Fatal Python error: (.*)")
_FRAME = re.compile(r'^  File "(.*)", line (\d+) in ', re.MULTILINE)


def _refusal(name: str) -> Callable[..., Any]:
    def refused(*_: Any) -> Any:
        raise UsageError(f"the tests end their own process with {name}")

    return refused
