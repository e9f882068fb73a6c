"""What a test does with a student's class and Python's own classes together."""

from __future__ import annotations

import abc
import builtins
from typing import Any

from grader.remote.bodies import register
from grader.remote.proxies import Mirror
from grader.remote.shown import type_dict
from grader.wire import references

_JOINED: dict[Any, Any] = {}
_build_class: Any = vars(builtins)["__build_class__"]


def is_subclass(kind: Any, bases: Any, /) -> bool:
    if issubclass(kind, bases):
        return True
    if not isinstance(kind, Mirror):
        return False
    # What stands for a class here has not `list` or `Thread` as its base, but tells of them.
    return any(issubclass(base, bases) for base in map(_known, kind.__mro__) if base is not None)


def _known(kind: Any) -> Any:
    """A class of the library for what stands for it; None of one of the student's."""
    if not isinstance(kind, Mirror):
        return kind
    place = type_dict(kind).get("__place__")
    found = references.loaded(*place) if place else None
    return found if isinstance(found, type) else None


def build_class(body: Any, name: str, /, *bases: Any, **options: Any) -> Any:
    """A `class` statement: with an abstract class beside one of the student's."""
    kinds = {type(base) for base in bases}
    if abc.ABCMeta in kinds and "metaclass" not in options:
        mirrors = [kind for kind in kinds if issubclass(kind, Mirror)]
        if len(mirrors) == 1 and not issubclass(mirrors[0], abc.ABCMeta):
            options["metaclass"] = _abstract(mirrors[0])
    return _build_class(body, name, *bases, **options)


def _abstract(kind: Any) -> Any:
    known = _JOINED.get(kind)
    if known is None:
        body = {"register": register}
        known = _JOINED[kind] = type.__new__(type, kind.__name__, (kind, abc.ABCMeta), body)
    return known
