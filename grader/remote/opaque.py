"""Objects of the student where the problem is about functions and plain values.

Nothing that a test asks of such an object, except to be called, iterated or entered (and, in a
class problem, subscripted), is answered by the student's code: otherwise `abs(f(x) - 3) < 1e-9` or
`f(x).startswith("a")` would be theirs to decide. It can be handed back to the student's code.
"""

from __future__ import annotations

import collections
import datetime
import decimal
from typing import TYPE_CHECKING, Any

from grader.remote.proxies import Mirror, Proxy
from grader.remote.special import SPECIAL
from grader.remote.values import BARE
from grader.wire.codec import CodecError

if TYPE_CHECKING:
    from grader.remote.session import Session

_named_tuple: Any = collections.namedtuple
_VALUES = (*BARE, list, dict, set, bool, decimal.Decimal, datetime.datetime)
#: What tests ask of plain values, by name.
OF_PLAIN_VALUES = frozenset(
    name for kind in _VALUES for name in dir(kind) if not name.startswith("__")
) | {"all", "any", "equals", "item", "tolist"}
_OFFERED = frozenset(
    f"__{name}__"
    for name in [
        "iter",
        "next",
        "call",
        "enter",
        "exit",
        "aiter",
        "anext",
        "aenter",
        "aexit",
        "await",
    ]
)
#: Where a profile says what the reference gives: in the place of a list or a dict.
_GIVING = _OFFERED | {"__len__", "__getitem__"}
_SHOWING = frozenset({"__repr__", "__str__", "__format__"})


def is_named_tuple(kind: Any) -> bool:
    """One of the tests' own."""
    own = isinstance(kind, type) and not isinstance(kind, Mirror)
    return own and issubclass(kind, tuple) and hasattr(kind, "_fields")


def bare(kind: Any, value: Any) -> Any:
    """The plain value under a class of the student; a tuple keeps the names of its fields."""
    if type(value) not in BARE:
        raise CodecError("malformed value")
    if is_named_tuple(kind) and type(value) is tuple:
        return kind._make(value)
    if type(value) is not tuple or not isinstance(kind, Mirror):
        return value
    try:
        return _named_tuple(kind.__name__, kind._fields)(*value)
    except (AttributeError, TypeError, ValueError):
        return value


def class_of(kind: Any, session: Session) -> Any:
    """A class with the same name that offers little."""
    offered = _OFFERED if session.watch is None else _GIVING
    body: dict[str, Any] = {
        name: method
        for name, method in SPECIAL.items()
        if name in offered and any(name in vars(base) for base in kind.__mro__)
    }
    body |= {"__remote__": session, "__slots__": (), "__getattr__": _attribute}
    body["__rid__"] = getattr(kind, "__rid__", None)
    body |= {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    return type.__new__(Mirror, kind.__name__, (Proxy,), body)


class WrongKind(AssertionError):
    """An object of the student's own class stands where the reference gives a plain value."""


def misfit(kind: Any, session: Session, rid: int, words: str) -> Any:
    """An object that says what is wrong as soon as a test uses it; it can still be handed back."""

    def refuse(self: Any, *_: Any, **__: Any) -> Any:
        raise WrongKind(words)

    body: dict[str, Any] = dict.fromkeys(SPECIAL.keys() - _SHOWING, refuse)
    body |= {"__remote__": session, "__rid__": None, "__slots__": (), "__getattr__": refuse}
    body |= {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    like: Any = type.__new__(Mirror, kind.__name__, (Proxy,), body)
    made: Any = object.__new__(like)
    object.__setattr__(made, "_rid", rid)
    return made


def _attribute(self: Any, name: str) -> Any:
    if name.startswith("__") or name in OF_PLAIN_VALUES:
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
    return type(self).__remote__.request("get", self, name)
