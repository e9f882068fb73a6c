"""What a test asks the student's code for, in words that no solution chooses."""

from __future__ import annotations

import types
from typing import Any

from grader.remote import messages

#: Operators by which another right solution may be asked in the place of that one.
_IN_PLACE = ("iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "imatmul")
_SAME_AS = {"ne": "eq"} | {
    name: name[1:] for name in (*_IN_PLACE, "ilshift", "irshift", "iand", "ior", "ixor")
}

#: `a > b` is asked as `b < a` where there is no other way.
ORDER = frozenset({"lt", "le", "gt", "ge"})
#: Asking for the next one, of a generator and of others.
ITERATING = frozenset({"send()", "__next__", "__next__()", "__anext__", "__anext__()"})


def operator(name: str) -> str:
    """Of `+=` that of `+`, of `!=` that of `==`."""
    bare = name.strip("_")
    return _SAME_AS.get(bare, bare)


class Places:
    """Names what is asked: `Money()`, `deposit()`, `__mul__`, `amount=`, `mint()()`."""

    def __init__(self) -> None:
        #: Things of the student's to what their module calls them.
        self._named: dict[int, str] = {}
        #: And to how this test came by them: what other tests did before it is no matter.
        self._came: dict[int, str] = {}

    def clear(self) -> None:
        """Beside a fresh process, in which numbers stand for other things."""
        self._named.clear()
        self._came.clear()

    def begin(self) -> None:
        """A test."""
        self._came.clear()

    def of(self, message: list[Any]) -> str | None:
        """None for what is no use of a thing."""
        kind, *rest = message
        if kind in ("get", "super"):
            return str(rest[1])
        if kind == "call":
            # `isinstance` asks by a function of Python's own.
            ours = type(rest[0]) is types.BuiltinFunctionType
            return None if ours else f"{self._name(rest[0])}()"
        if kind == "method":
            return f"{rest[1]}()"
        if kind == "op":
            return f"__{operator(rest[0])}__"
        return f"{rest[1]}=" if kind == "set" else None

    def _name(self, target: Any) -> str:
        """What its `__name__` is would be the student's to decide."""
        rid = messages.number(target)
        return self._named.get(rid) or self._came.get(rid, "__call__")

    def remember(self, value: Any, place: str, message: list[Any]) -> None:
        """What comes out of a container or an operator gets no name: it may lie elsewhere."""
        rid = messages.number(value)
        if rid is None:
            return
        if message[0] == "get" and messages.number(message[1]) is None:
            self._named[rid] = place
        elif not place.startswith("__"):
            self._came.setdefault(rid, place)
