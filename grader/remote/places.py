"""Where a test asks the student's code for something, in words that depend on the test alone."""

from __future__ import annotations

import types
from typing import Any

from grader.remote import messages

#: Operators by which another right solution may be asked in the place of that one.
_IN_PLACE = ("iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "imatmul")
_SAME_AS = {"ne": "eq"} | {
    name: name[1:] for name in (*_IN_PLACE, "ilshift", "irshift", "iand", "ior", "ixor")
}

_UNNAMED = ["__call__"]


class Places:
    """Names what is asked: `Money()`, `deposit()`, `__mul__`, `amount=`, `mint()()`."""

    def __init__(self) -> None:
        #: Things of the student's to how the test came by them, what its module calls them first.
        self._names: dict[int, list[str]] = {}

    def clear(self) -> None:
        """Beside a fresh process, in which numbers stand for other things."""
        self._names.clear()

    def of(self, message: list[Any]) -> str | None:
        """None for what is no use of a thing."""
        kind, *rest = message
        if kind in ("get", "super"):
            return str(rest[1])
        if kind == "call":
            # `isinstance` asks by a function of Python's own.
            ours = type(rest[0]) is types.BuiltinFunctionType
            return None if ours else f"{self._names_of(rest[0])[0]}()"
        if kind == "method":
            return f"{rest[1]}()"
        if kind == "op":
            name = rest[0].strip("_")
            return f"__{_SAME_AS.get(name, name)}__"
        return f"{rest[1]}=" if kind == "set" else None

    def others(self, message: list[Any]) -> list[str]:
        """Where the same thing may be asked in another right solution, which keeps these apart."""
        if message[0] != "call":
            return []
        return [f"{name}()" for name in self._names_of(message[1])[1:]]

    def _names_of(self, target: Any) -> list[str]:
        """What its `__name__` is would be the student's to decide."""
        return self._names.get(messages.number(target), _UNNAMED)

    def remember(self, value: Any, place: str, message: list[Any]) -> None:
        """What comes out of a container or an operator gets no name: it may lie elsewhere."""
        rid = messages.number(value)
        if rid is None or place.startswith("__"):
            return
        names = self._names.setdefault(rid, [])
        if message[0] == "get" and messages.number(message[1]) is None:
            names.insert(0, place)
        elif place not in names:
            names.append(place)
