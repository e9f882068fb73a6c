"""Mirrors of enumerations: for `isinstance` and `issubclass` they are real ones.

The real class comes last among the bases and is asked nothing: members, names and values are those
of the student's process.
"""

from __future__ import annotations

import enum
from typing import Any

from grader.remote import making, special
from grader.remote.proxies import IterableMirror, Mirror, Proxy, ValueProxy
from grader.wire import references


class EnumMirror(IterableMirror, enum.EnumType):
    """An enumeration: an `enum.Enum` for `isinstance`, and in nothing else."""

    def __repr__(cls) -> str:
        return f"<enum {cls.__name__!r}>"

    @property
    def __members__(cls) -> Any:
        return cls.__remote__.request("get", cls, "__members__")

    def __reversed__(cls) -> Any:
        return cls.__remote__.request("op", "reversed", [cls])


#: Numbers have none of these.
_OF_FLAGS = ("__contains__", "__iter__", "__len__")


def is_one(told: dict[str, Any], bases: list[type]) -> bool:
    return real(told) is not None or any(isinstance(base, EnumMirror) for base in bases)


def real(told: dict[str, Any]) -> Any:
    """`enum.Enum` or one of its like, if that is the class itself."""
    found = references.loaded(*told["reference"]) if told.get("reference") else None
    return found if isinstance(found, enum.EnumType) and found.__module__ == "enum" else None


def build(name: str, real: Any, bases: list[type], values: list[type], body: dict[str, Any]) -> Any:
    """`values`: those of the bases that are subclasses of a plain value."""
    if values:
        added = [] if any(issubclass(base, ValueProxy) for base in values) else [ValueProxy]
        made = tuple(base for base in (*values, *added) if not isinstance(base, enum.EnumType))
        known: list[Any] = [base for base in values if isinstance(base, EnumMirror)]
        kinds = tuple(known or (*made, enum.Enum))
        body = special.without_comparisons(body)
        if real is enum.IntFlag:
            body |= {part: special.SPECIAL[part] for part in _OF_FLAGS}
        return making.make(EnumMirror, name, kinds, body)
    mirrored: list[Any] = [base for base in bases if isinstance(base, Mirror)] or [Proxy]
    last = [] if real is None else [real]
    return making.make(EnumMirror, name, (*mirrored, *last), {**body, "__slots__": ()})
