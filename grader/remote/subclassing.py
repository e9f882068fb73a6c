"""A test's subclass of a student's class: the class lives there, its methods run here."""

from __future__ import annotations

import dataclasses
import functools
import types
from typing import Any
from unittest import mock

from grader.remote.contents import is_remote
from grader.remote.members import RemoteAttribute
from grader.remote.proxies import type_dict
from grader.remote.special import SPECIAL

#: Of a class that is set here.
_LOCAL = frozenset(
    f"__{n}__" for n in ["abstractmethods", "doc", "module", "dataclass_fields", "dataclass_params"]
)
#: Parts of a class that are no values.
MEMBERS = (staticmethod, classmethod, property, mock.PropertyMock)
_KEPT = frozenset(
    f"__{name}__"
    for name in [
        *("module", "qualname", "classcell", "doc", "orig_bases", "annotations"),
        "static_attributes",
    ]
)


def make_subclass(
    mcs: Any, name: str, bases: tuple[type, ...], body: dict[str, Any], options: dict[str, Any]
) -> Any:
    remote = next((base.__remote__ for base in bases if hasattr(base, "__remote__")), None)
    members = {
        key: member(value)
        for key, value in body.items()
        if key not in _KEPT and not isinstance(value, dataclasses.Field)
    }
    if remote is None:
        raise TypeError("not a subclass of a student's class")
    twin = remote.request("subclass", name, list(bases), members, options)
    rid = twin.__rid__
    local = {**body, "__remote__": remote, "__rid__": rid, "__slots__": ()}
    # What an object holds under that name comes before what its class does.
    local |= {key: RemoteAttribute(key) for key, value in body.items() if _is_value(key, value)}
    # A descriptor is told its name by the twin.
    named = [key for key, value in local.items() if _is_named(value)]
    late = {key: local.pop(key) for key in named}
    made = type.__new__(mcs, name, bases, local)
    for key, value in (late | _abstract(twin)).items():
        type.__setattr__(made, key, value)
    remote.mirrors.adopt(rid, made)
    for part in body.keys() & SPECIAL.keys():
        _tell_apart(made, part)
    return made


def _is_named(value: Any) -> bool:
    own = isinstance(value, RemoteAttribute | functools.cached_property)
    return hasattr(type(value), "__set_name__") and not own


def _abstract(twin: Any) -> dict[str, Any]:
    names = type_dict(twin).get("__abstractmethods__")
    return {"__abstractmethods__": names} if names else {}


def _is_value(name: str, value: Any) -> bool:
    if name.startswith("__") or isinstance(value, dataclasses.Field):
        return False
    # A descriptor of the student's has been told its name over there.
    return is_remote(value) or not hasattr(type(value), "__get__")


def _tell_apart(made: Any, name: str) -> None:
    """Each class above answers for itself: the test's own method may ask it by `super()`."""
    owner = None
    for base in type.mro(made)[1:]:
        if type_dict(base).get("__rid__") is not None:
            owner = base
        if owner is not None and _is_special(type_dict(base).get(name), name):
            type.__setattr__(base, name, _method_of(base, owner, name))


def _is_special(part: Any, name: str) -> bool:
    """Whether it is what a mirrored class has under that name, with whatever words."""
    return type(part) is types.FunctionType and part.__code__ is SPECIAL[name].__code__


def _method_of(base: Any, owner: Any, name: str) -> Any:
    """`owner`: the student's class through which it is found, where `base` is Python's own."""
    session = base.__remote__

    def method(self: Any, *args: Any) -> Any:
        first = next(kind for kind in type.mro(type(self)) if name in type_dict(kind))
        if first is base:
            return SPECIAL[name](self, *args)
        if owner is base:
            answer = session.method(base, name, self, args, {})
        else:
            answer = session.call(session.request("get", owner, name), (self, *args), {})
        return session.doubts.about(name.strip("_"), self, answer)

    return method


def set_part(cls: Any, name: str, value: Any) -> None:
    """As a test does that puts something into a student's class, or puts it back."""
    if name in _LOCAL:
        _set_here(cls, name, value)
        return
    if isinstance(value, MEMBERS) and not is_remote(value):
        cls.__remote__.request("member", cls, name, member(value))
    else:
        cls.__remote__.request("set", cls, name, value)
    if name in SPECIAL:
        type.__setattr__(cls, name, SPECIAL[name])
    else:
        ask_each_time(cls, name)


def _set_here(cls: Any, name: str, value: Any) -> None:
    type.__setattr__(cls, name, value)
    if name == "__abstractmethods__":
        cls.__remote__.request("set", cls, name, frozenset(value))
    elif name == "__dataclass_fields__":
        _set_fields(cls, list(value))


class _FrozenField(RemoteAttribute):
    """What `object.__setattr__` finds, which the `__init__` of a frozen dataclass calls."""

    def __set__(self, instance: Any, value: Any) -> None:
        type(instance).__remote__.request("set_raw", instance, self._name, value)


def _set_fields(cls: Any, names: list[str]) -> None:
    """A test makes its subclass a dataclass."""
    cls.__remote__.request("fields", cls, names)
    if cls.__dataclass_params__.frozen:
        for name in names:
            _put(cls, name, _FrozenField(name))


def ask_each_time(cls: Any, name: str) -> None:
    """From now on an object of the class may hold anything under that name."""
    _put(cls, name, RemoteAttribute(name))


def _put(cls: Any, name: str, asking: RemoteAttribute) -> None:
    asking.__set_name__(cls, name)
    type.__setattr__(cls, name, asking)


def member(value: Any) -> list[Any]:
    """How it is made anew in a class over there."""
    told = _member(value)
    abstract = told[0] != "value" and getattr(value, "__isabstractmethod__", False) is True
    return ["abstract", told] if abstract else told


def _member(value: Any) -> list[Any]:
    if isinstance(value, mock.PropertyMock):
        return ["property", [lambda _: value(), lambda _, new: value(new), None]]
    if isinstance(value, staticmethod):
        return ["static", value.__func__]
    if isinstance(value, classmethod):
        return ["class", value.__func__]
    if isinstance(value, property):
        return ["property", [value.fget, value.fset, value.fdel]]
    if isinstance(value, types.FunctionType):
        return ["function", value]
    return ["value", value]
