"""What a test changes in the standard library also changes beside the student's code.

`random.seed(1)` and `mock.patch("random.randint")` are meant for the code under test.
"""

from __future__ import annotations

import random
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from unittest import mock

from grader.remote import callers, hinting, jsons, logs, parts, pickling, starting
from grader.remote.subclassing import member
from grader.wire import references

if TYPE_CHECKING:
    from grader.remote.session import Session

#: Standard input is asked for call by call.
_FOLLOWED_ANYWAY = {("builtins", "input"), ("sys", "stdin"), ("sys", "stdout"), ("sys", "stderr")}


_KIND: Any = getattr(mock, "_patch")  # noqa: B009 - the class behind every form of mock.patch
_ENTER, _LEAVE, _SEED = _KIND.__enter__, _KIND.__exit__, random.seed


def follow(current: Callable[[], Session], tests: Callable[[], set[str]]) -> None:
    """`current` tells the session of the process that runs now, `tests` the tests' own modules."""
    # As they were before anybody was followed: a session that has ended is followed no more.
    kind, enter, leave, seed = _KIND, _ENTER, _LEAVE, _SEED
    numbers: dict[int, Any] = {}

    def on_enter(self: Any) -> Any:
        result = enter(self)
        if _is_standard(self.target, self.attribute):
            new = getattr(self.target, self.attribute)
            session = current()
            numbers[id(self)] = session, _try(session, _place(self.target), self.attribute, new)
        return result

    def on_exit(self: Any, *details: Any) -> Any:
        session, number = numbers.pop(id(self), (None, None))
        if number is not None and session.channel.closed is None:
            session.request("unpatch", number)
        return leave(self, *details)

    def on_seed(*args: Any, **kwargs: Any) -> None:
        seed(*args, **kwargs)
        session = current()
        if session.channel.closed is None:
            session.request("draw", "random", "seed", [*args, *kwargs.values()])

    callers.follow(current)
    starting.follow(current)
    logs.follow(current)
    hinting.follow(current)
    jsons.follow()
    parts.follow()
    pickling.follow(current, tests)
    kind.__enter__, kind.__exit__ = on_enter, on_exit
    random.seed = on_seed


def _is_standard(target: Any, name: str) -> bool:
    if isinstance(target, type):
        return references.reference(target) is not None
    return (
        type(target) is types.ModuleType
        and (target.__name__ == "builtins" or references.on_both_sides(target.__name__))
        and (target.__name__, name) not in _FOLLOWED_ANYWAY
    )


def _place(target: Any) -> list[str]:
    """A module, or a class in one."""
    return (references.reference(target) if isinstance(target, type) else None) or [target.__name__]


def _try(session: Session, place: list[str], name: str, new: Any) -> Any:
    try:
        return session.request("patch", place, name, member(new))
    except TypeError:
        return None  # an object that cannot be handed over stays on the tests' side
