"""Student's lists, dicts, sets and their like, compared and shown by what they hold."""

from __future__ import annotations

import collections
import collections.abc
import operator
from typing import Any

#: What is compared here, on bare contents, by the class that brings the comparison with it.
CONTENTS: dict[str, Any] = {
    "list": list,
    "dict": dict,
    "set": set,
    "mapping": dict,
    "members": (set, frozenset),
    "items": list,
    "text": str,
}
#: By which `match` knows them.
PATTERNS: dict[str | None, Any] = {
    "list": collections.abc.MutableSequence,
    "dict": collections.abc.MutableMapping,
}
_BROUGHT_BY: dict[type, str] = {
    list: "list",
    dict: "dict",
    set: "set",
    collections.UserList: "items",
    collections.UserString: "text",
    collections.abc.Mapping: "mapping",
    collections.abc.Set: "members",
}


def contents_of(kind: Any) -> str | None:
    return next((told for base, told in _BROUGHT_BY.items() if issubclass(kind, base)), None)


def is_remote(value: Any) -> bool:
    return hasattr(type(value), "__remote__")


def _order_of_contents(name: str) -> Any:
    def method(self: Any, other: Any) -> Any:
        pair = [bare(self), bare(other)]
        if type(pair[0]) is not type(pair[1]):
            return NotImplemented
        return getattr(operator, name)(*pair)

    return method


def same(value: Any, other: Any) -> bool:
    """Whether it holds what a plain value holds."""
    message = ["op", "eq", [value, other]]
    type(value).__remote__.meet(message)
    return bool(bare(value) == message[2][1])


def bare(value: Any) -> Any:
    """The contents of a student's list, dict or set; anything else as it is."""
    contents = getattr(type(value), "__contents__", None)
    if contents is None or not is_remote(value):
        return value
    return type(value).__remote__.request("snapshot", value, contents)


ORDERED = {f"__{name}__": _order_of_contents(name) for name in ("lt", "le", "gt", "ge")}
