"""What a test changes in the standard library also changes beside the student's code.

`random.seed(1)` and `mock.patch("random.randint")` are meant for the code under test.
"""

from __future__ import annotations

import random
import types
from typing import TYPE_CHECKING, Any
from unittest import mock

from grader import references
from grader.remote.functions import RemoteModule

if TYPE_CHECKING:
    from grader.remote.session import Session

#: Standard input is asked for call by call.
_FOLLOWED_ANYWAY = {("builtins", "input"), ("sys", "stdin"), ("sys", "stdout"), ("sys", "stderr")}


def follow(session: Session) -> None:
    kind: Any = getattr(mock, "_patch")  # noqa: B009 - the class behind every form of mock.patch
    enter, leave = kind.__enter__, kind.__exit__
    seed = random.seed
    numbers: dict[int, Any] = {}

    def on_enter(self: Any) -> Any:
        result = enter(self)
        if _is_standard(self.target, self.attribute):
            new = getattr(self.target, self.attribute)
            numbers[id(self)] = _try(session, self.target.__name__, self.attribute, new)
        return result

    def on_exit(self: Any, *details: Any) -> Any:
        number = numbers.pop(id(self), None)
        if number is not None and session.channel.closed is None:
            session.request("unpatch", number)
        return leave(self, *details)

    def on_seed(*args: Any, **kwargs: Any) -> None:
        seed(*args, **kwargs)
        if session.channel.closed is None:
            session.request("seed", [*args, *kwargs.values()])

    kind.__enter__, kind.__exit__ = on_enter, on_exit
    random.seed = on_seed


def _is_standard(target: Any, name: str) -> bool:
    return (
        type(target) is types.ModuleType
        and (target.__name__ == "builtins" or references.standard(target.__name__))
        and (target.__name__, name) not in _FOLLOWED_ANYWAY
        and type(target) is not RemoteModule
    )


def _try(session: Session, module: str, name: str, new: Any) -> Any:
    try:
        return session.request("patch", module, name, new)
    except TypeError:
        return None  # an object that cannot be handed over stays on the tests' side
