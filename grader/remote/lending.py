"""Functions, classes and objects of open tests: what the student's code may see and change of them.

A class that it was handed may be given new parts, as class decorators do; a class that it knows
only by an object may not. A comparison that it adds is doubted like one of its own classes, and
where the test's class has one already, that one stays.
"""

from __future__ import annotations

import copy
import dataclasses
import enum
import logging
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader.remote import contents, making, special, subclassing
from grader.remote.functions import identify
from grader.remote.lent_functions import (
    get_of_function,
    held,
    public,
    set_of_function,
    shape,
    told,
)
from grader.remote.proxies import Mirror, Proxy
from grader.wire import references
from grader.wire.codec import CodecError

if TYPE_CHECKING:
    from grader.remote.session import Session

_OURS = frozenset({"grader", "numpy", "pandas", "pytest"})
_KNOWN_BASES = frozenset({"abc", "builtins", "collections.abc"})
_MEMBERS = (types.FunctionType, staticmethod, classmethod, property)
#: Made anew over there, or of no use there.
_LEFT_OUT = frozenset(
    f"__{n}__" for n in ("new", "init_subclass", "del", "getattribute", "getattr", "reduce_ex")
)
_COMPARISONS = frozenset(f"__{n}__" for n in ("eq", "ne", "lt", "le", "gt", "ge"))
_SETTABLE = (
    special.SPECIAL.keys()
    | frozenset(f"__{n}__" for n in ("init", "new", "getattr", "setattr", "delattr", "doc"))
    | frozenset(f"__{n}__" for n in ("name", "qualname", "init_subclass", "class_getitem"))
)
_Offered = dict[str, Callable[..., Any]]


def is_kind(value: Any) -> bool:
    """A class that the tests define, and no exception, enumeration or class of the student's."""
    if not isinstance(value, type) or hasattr(value, "__remote__"):
        return False
    if value is logging.LogRecord:
        return True  # filters and formatters of the student's put something into it
    module = str(value.__module__)
    if module == "builtins" or references.standard(module) or module.partition(".")[0] in _OURS:
        return False
    return not issubclass(value, BaseException | enum.Enum | type)


def is_lent(value: Any) -> bool:
    return type(value) is types.FunctionType or is_kind(value) or is_kind(type(value))


def mirror(session: Session, kind: Any) -> Any:
    """For a test's class, of which the student's code has made an object or a subclass."""
    if not is_kind(kind):
        raise CodecError("malformed class")
    body: dict[str, Any] = {"__remote__": session, "__rid__": None, "__slots__": ()}
    body |= {"__module__": kind.__module__, "__class__": property(lambda _: kind)}
    return making.make(Mirror, kind.__name__, (Proxy,), body)


class Lending:
    def __init__(self, session: Session, number: Callable[[Any], int]) -> None:
        self._session = session
        self._number = number
        #: Classes that were handed over themselves.
        self._handed: set[int] = set()

    def kind(self, value: type) -> list[Any]:
        self._handed.add(id(value))
        return ["kind", self._number(value)]

    def thing(self, value: Any) -> list[Any]:
        return ["thing", self._number(value), self._number(type(value))]

    def answer(self, target: Any, operation: str, rest: tuple[Any, ...]) -> Any:
        if type(target) is types.FunctionType:
            offered: _Offered = {
                "shape": lambda target: shape(self._session, target),
                "get": get_of_function,
                "set": set_of_function,
                "vars": lambda target: held(self._session, target),
                "raw": _set_raw,
            }
        elif isinstance(target, type):
            offered = {"kind": self._describe, "new": _new, "get": _get}
            if id(target) in self._handed:
                offered |= {"set": self._set_part, "del": _delete}
        else:
            offered = {"get": _get, "set": _set, "del": _delete, "vars": vars, "raw": _set_raw}
            offered |= {"copy": _copy, "special": _special}
        if operation not in offered:
            raise AttributeError(f"{type(target).__name__!r} cannot be asked for this")
        if operation == "special":  # a method of the test, which may wait for another thread
            return self._session.channel.lock.outside(_special, target, *rest)
        return offered[operation](target, *rest)

    def _describe(self, kind: Any) -> dict[str, Any]:
        own = vars(kind)
        parts = {name: _part(v) for name, v in own.items() if _is_part(name, v)}
        others = [n for n in own if n not in parts and not n.startswith("__")]
        fields = own.get("__dataclass_fields__")
        return {
            "name": kind.__name__,
            "qualname": kind.__qualname__,
            "module": kind.__module__,
            "doc": kind.__doc__ if type(kind.__doc__) is str else None,
            "bases": [self._number(b) if is_kind(b) else b for b in kind.__bases__ if _told(b)],
            "parts": parts,
            "values": [n for n in others if not isinstance(own[n], types.MemberDescriptorType)],
            "annotations": told(self._session, dict(own.get("__annotations__", {}))),
            "fields": None if fields is None else [f.name for f in dataclasses.fields(kind)],
            "specials": [name for name in special.SPECIAL if _from_library(kind, name)],
        }

    def _set_part(self, kind: Any, name: Any, part: Any) -> None:
        form, value = part
        if name.startswith("__") and (name not in _SETTABLE or _is_compared(kind, name)):
            return  # it has changed for the student's code only
        made: Any = value
        if form == "property":
            made = property(*value)
        elif form in ("staticmethod", "classmethod"):
            made = {"staticmethod": staticmethod, "classmethod": classmethod}[form](value)
        if name in _COMPARISONS:
            made = self._doubted(kind, name)
        setattr(kind, name, made)

    def _doubted(self, kind: type, name: str) -> Any:
        session, operation = self._session, name.strip("_")

        def compare(self: Any, other: Any) -> Any:
            plain = not (contents.is_remote(other) or kind in type(other).__mro__)
            if plain and operation in ("eq", "ne"):
                return session.doubts.compared_with_plain(operation, self, other)
            found = session.request("op", operation, [self, other])
            return session.doubts.about(operation, self, found)

        return compare


def _told(base: type) -> bool:
    return base is not object and (is_kind(base) or base.__module__ in _KNOWN_BASES)


def _is_part(name: str, value: Any) -> bool:
    if identify(value) is not None or name in _LEFT_OUT:
        return identify(value) is not None and name not in _LEFT_OUT
    return isinstance(value, _MEMBERS) or (name in special.SPECIAL and value is None)


_FORMS = {"function": "value", "static": "staticmethod", "class": "classmethod"}


def _part(value: Any) -> list[Any]:
    if identify(value) is not None:
        return ["value", value]
    kind, held = subclassing.member(value)
    return [_FORMS.get(kind, kind), held]


def _from_library(kind: type, name: str) -> bool:
    """Whether a class of the library brings this special method, and no class of the tests."""
    owner = next(base for base in (*kind.__mro__, None) if base is None or name in vars(base))
    if owner in (None, object) or is_kind(owner):
        return False
    return owner.__module__ not in _KNOWN_BASES


def _is_compared(kind: type, name: str) -> bool:
    """Whether the test's own class has a say in this comparison."""
    own = [base for base in kind.__mro__ if is_kind(base)]
    return name in _COMPARISONS and any(
        type(vars(base).get(name)) is types.FunctionType and vars(base)[name].__module__ != __name__
        for base in own
    )


def _get(target: Any, name: Any) -> Any:
    return getattr(target, public(name))


def _set(target: Any, name: Any, part: Any) -> None:
    # The student's own `__setattr__` comes here when it has had its say.
    own = identify(type(target).__setattr__) is None
    (setattr if own else object.__setattr__)(target, public(name), part[1])


def _delete(target: Any, name: Any) -> None:
    delattr(target, public(name))


def _set_raw(target: Any, name: Any, given: list[Any]) -> None:
    held = vars(target)
    if given:
        held[public(name)] = given[0]
    else:
        held.pop(public(name), None)


def _copy(target: Any, deep: bool) -> Any:
    return copy.deepcopy(target) if deep else copy.copy(target)


def _new(kind: Any) -> Any:
    return object.__new__(kind)


def _special(target: Any, name: Any, args: Any) -> Any:
    if name not in special.SPECIAL:
        raise AttributeError(f"no attribute {name!r}")
    return getattr(target, name)(*args)
