"""Forks without what Python's modules do after each one.

`threading` and `logging` make their locks anew in case another thread held one. The zygote has no
other thread; but this writes to 160 pages, and each of them is copied. What the interpreter itself
does after a fork stays, and so does all of it where the student's code forks.

Imported before all the modules that ask for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

_register = os.register_at_fork
_alone = False


def watch() -> None:
    """From now on, know what is to be done after forks."""
    setattr(os, "register_at_fork", _register_unless_alone)  # noqa: B010 - for the type checker


def _register_unless_alone(**asked: Callable[[], Any]) -> None:
    _register(**{when: _unless_alone(hook) for when, hook in asked.items()})


def _unless_alone(hook: Callable[[], Any]) -> Callable[[], None]:
    def run() -> None:
        if not _alone:
            hook()

    return run


def settle() -> None:
    """The rest is imported by submissions."""
    setattr(os, "register_at_fork", _register)  # noqa: B010


def fork() -> int:
    """From the only thread; all processes would draw the same numbers until `random` is seeded."""
    global _alone
    _alone = True
    try:
        return os.fork()
    finally:
        _alone = False
