"""Comparisons of a student's subclass of int, str, tuple and their like.

With a plain value that can be compared with its bare self, that is done here, and its class may
only deny that they are equal. Two of them are compared as their class says where that can be
checked: in open tests, and where a profile is recorded or enforced.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.remote.contents import is_remote
from grader.remote.proxies import Proxy
from grader.remote.special import SPECIAL, without_comparisons

Method = Callable[..., Any]

#: Values that a class of the student may be one of.
BARE = (int, float, str, bytes, tuple, frozenset, complex)
#: The class of its bare value brings others with it.
_COPYING = {name: vars(Proxy)[name] for name in ("__copy__", "__deepcopy__", "__reduce_ex__")}
#: What says that two are equal.
_EQUAL = {"__eq__": True, "__ne__": False}
_COMPARING = tuple(f"__{name}__" for name in ("eq", "ne", "lt", "le", "gt", "ge"))


def base_of(kind: Any) -> Any:
    """Of a subclass of int, str, tuple…: that one; None of other classes."""
    return next((base for base in BARE if issubclass(kind, base)), None)


def body(told: dict[str, Any], base: type) -> dict[str, Any]:
    """Of such a class, of what one of other objects is made of; base: that of its bare values."""
    session = told["__remote__"]
    made = without_comparisons(told) | _COPYING
    if session.watch is not None:
        session.watch.compares_values()
    elif not session.open_tests:
        return made
    made |= {name: _comparison(name, base) for name in _COMPARING if name in told}
    if told.get("__hash__") is not None:
        made["__hash__"] = told["__hash__"]
    return made


def _comparison(name: str, base: type) -> Method:
    asked, here = SPECIAL[name], getattr(base, name)

    def method(self: Any, other: Any) -> Any:
        found = NotImplemented if is_remote(other) else here(self, other)
        if found is NotImplemented:
            return asked(self, other)
        if _EQUAL.get(name) is not found:
            return found
        # No more than the bare self is it equal to: `Money(3) != 3` is for its class to say.
        equal = type(self).__remote__.aside("op", "eq", [self, other]) is not False
        return found if equal else not found

    method.__name__ = name
    return method
