"""What a context manager of the student changes around the body of a test's `with`.

Where the tests are open: standard output that goes elsewhere, variables of the environment that
they name, the folder in which both sides work.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.remote.session import Session

_MOST_VARIABLES = 100
#: Of the interpreter and the loader: theirs are not the student's to choose.
_NEVER = ("PYTHON", "LD_", "MALLOC", "GLIBC", "PATH")


class Redirected:
    """Standard output of the test while the student's code has put something in its place."""

    def __init__(self, session: Session, before: Any) -> None:
        self._session = session
        self.before = before
        #: By thread: while it is told, what the student's code has printed comes here, too.
        self._telling = threading.local()

    def write(self, text: str) -> int:
        if self._session.channel.closed is not None or getattr(self._telling, "now", False):
            return int(self.before.write(text))
        self._telling.now = True
        try:
            self._session.aside("print", str(text))
        finally:
            self._telling.now = False
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back."""


def around(session: Session, call: Callable[[], Any]) -> Any:
    """Enter or leave a context of the student's."""
    if not session.open_tests:
        return call()
    before = session.aside("around")
    try:
        return call()
    finally:
        if session.channel.closed is None:
            _follow(session, before, session.aside("around"))


def _follow(session: Session, before: Any, now: Any) -> None:
    if not (_well_formed(before) and _well_formed(now)):
        return
    if now[0] is True and not isinstance(sys.stdout, Redirected):
        sys.stdout = Redirected(session, sys.stdout)
    elif now[0] is not True and isinstance(sys.stdout, Redirected):
        sys.stdout = sys.stdout.before
    for name in [n for n in before[1].keys() | now[1].keys() if before[1].get(n) != now[1].get(n)]:
        if _is_named(session, name):
            _set_variable(name, now[1].get(name))
    if before[2] != now[2] and session.surroundings.has(Path(now[2])):
        os.chdir(now[2])


def _is_named(session: Session, name: str) -> bool:
    """Of all others the tests see nothing, but libraries beside them might."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    return any(map(word.search, session.sources))


def _set_variable(name: str, value: Any) -> None:
    if name.startswith(_NEVER):
        return
    if value is None:
        os.environ.pop(name, None)
        return
    with contextlib.suppress(ValueError, OSError):  # a name or text that cannot be one
        os.environ[name] = value


def _well_formed(told: Any) -> bool:
    if type(told) is not list or len(told) != 3 or type(told[2]) is not str:
        return False
    variables = told[1]
    few = type(variables) is dict and len(variables) <= _MOST_VARIABLES
    return few and all(type(n) is str and type(v) is str for n, v in variables.items())
