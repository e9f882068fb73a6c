"""What tests make or set up by a library for the student's code.

Connections of open tests to an SQLite database are made beside the student's code: there it works
with the same one, and what it has written into a file is no database to be read beside the tests.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.protocol import GradeRequest
    from grader.remote.session import Session


def follow(session: Session, request: GradeRequest) -> None:
    """In place of theirs, where the tests name the library."""
    sources = [test.source for test in request.tests]
    session.sources = (*sources, *request.test_modules.values())
    if any("numpy" in source and "seed" in source for source in sources):
        _follow_state(session, "numpy.random", "seed")
    if any("setstate" in source for source in sources):
        _follow_state(session, "random", "setstate")
    if any("setswitchinterval" in source for source in sources):
        _follow_pace(session)
    if request.open_tests and any("sqlite3" in source for source in sources):
        _follow_connections(session)


def _follow_state(session: Session, name: str, function: str) -> None:
    space = vars(importlib.import_module(name))
    own = getattr(space[function], "own", space[function])

    def follow(*args: Any, **kwargs: Any) -> None:
        own(*args, **kwargs)
        if session.channel.closed is None:
            session.request("draw", name, function, [*args, *kwargs.values()])

    vars(follow)["own"] = own
    space[function] = follow


def _follow_pace(session: Session) -> None:
    """How soon threads take turns is meant for those of the code under test, and is set there."""

    def follow(seconds: float, /) -> None:
        session.request("draw", "sys", "setswitchinterval", [seconds])

    vars(sys)["setswitchinterval"] = follow


def _follow_connections(session: Session) -> None:
    # Tests may patch the other name for it.
    known = importlib.import_module("_sqlite3").connect

    def connect(*args: Any, **kwargs: Any) -> Any:
        return session.call(known, args, kwargs)

    vars(importlib.import_module("sqlite3"))["connect"] = connect
