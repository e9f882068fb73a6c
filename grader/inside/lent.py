"""Classes of open tests and their objects, as the student's code may look at and change them.

A decorator gives a class new methods. What an object holds, and what the test has written, stays on
the tests' side.
"""

from __future__ import annotations

import abc
import inspect
import types
from collections.abc import Callable
from typing import Any

from grader.inside.callbacks import PARTS, call, special
from grader.inside.functions import Attributes, is_special
from grader.wire import shapes

_OWN = ("_pm_ask", "_pm_number")
#: What a class itself holds, and an object, whatever they show.
_type_dict: Any = type.__dict__["__dict__"].__get__


def _held(thing: Any) -> dict[str, Any]:
    return object.__getattribute__(thing, "__dict__")  # type: ignore[no-any-return]


class Kind(abc.ABCMeta):
    """Of a test's class, and of the classes that the student's code derives from it."""

    def __call__(cls, /, *args: Any, **kwargs: Any) -> Any:
        if "_pm_number" in _type_dict(cls):
            return call(cls, *args, **kwargs)
        return super().__call__(*args, **kwargs)

    def __getattr__(cls, name: str) -> Any:
        lender: Any = next((k for k in type.mro(cls) if "_pm_number" in _type_dict(k)), None)
        if lender is None or is_special(name):
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
        return lender._pm_ask("back", "get", lender._pm_number, name)

    def __setattr__(cls, name: str, value: Any) -> None:
        number = _type_dict(cls).get("_pm_number")
        if number is None or is_special(name) or hasattr(type(value), "__get__"):
            super().__setattr__(name, value)
        if number is not None:
            cls._pm_ask("back", "set", number, name, _part(value))

    def __delattr__(cls, name: str) -> None:
        number = _type_dict(cls).get("_pm_number")
        if number is None or name in _type_dict(cls):
            super().__delattr__(name)
        if number is not None:
            cls._pm_ask("back", "del", number, name)

    @property  # type: ignore[misc]
    def __dict__(cls) -> Any:  # type: ignore[override]
        own = {name: part for name, part in _type_dict(cls).items() if name[:4] != "_pm_"}
        names = _type_dict(cls).get("_pm_values", ())
        return types.MappingProxyType(own | {name: getattr(cls, name) for name in names})

    def __dir__(cls) -> list[str]:
        return sorted({*super().__dir__(), *getattr(cls, "_pm_values", ())})

    @property
    def __signature__(cls) -> inspect.Signature:
        made = inspect.signature(vars(cls).get("__init__", object.__init__))
        return made.replace(parameters=list(made.parameters.values())[1:])


def _part(value: Any) -> list[Any]:
    if isinstance(value, property):
        return ["property", [value.fget, value.fset, value.fdel]]
    if isinstance(value, staticmethod | classmethod):
        return [type(value).__name__, value.__func__]
    return ["value", value]


_MADE: dict[str, Callable[[Any], Any]] = {
    "property": lambda parts: property(*parts),
    "staticmethod": staticmethod,
    "classmethod": classmethod,
    "value": lambda value: value,
}


class Thing(metaclass=Kind):
    """An object of such a class. One of the test has a number and is asked there."""

    def __new__(cls, /, *args: Any, **kwargs: Any) -> Any:
        if "_pm_number" in _type_dict(cls):
            return cls._pm_ask("back", "new", cls._pm_number)
        new = super().__new__
        return new(cls) if new is object.__new__ else new(cls, *args, **kwargs)

    def __getattribute__(self, name: str) -> Any:
        held = _held(self)
        if "_pm_number" not in held or name in held or (is_special(name) and name != "__dict__"):
            return object.__getattribute__(self, name)
        ask, number = held["_pm_ask"], held["_pm_number"]
        if name == "__dict__":
            return Attributes(ask, number)
        return ask("back", "get", number, name)

    def __setattr__(self, name: str, value: Any) -> None:
        held = _held(self)
        if "_pm_number" not in held or is_special(name):
            object.__setattr__(self, name, value)
        else:
            held["_pm_ask"]("back", "set", held["_pm_number"], name, ["value", value])

    def __delattr__(self, name: str) -> None:
        held = _held(self)
        if "_pm_number" not in held:
            object.__delattr__(self, name)
        else:
            held["_pm_ask"]("back", "del", held["_pm_number"], name)

    def __copy__(self) -> Any:
        return self._pm_ask("back", "copy", self._pm_number, False)

    def __deepcopy__(self, memo: Any) -> Any:
        return self._pm_ask("back", "copy", self._pm_number, True)


def parts(told: dict[str, Any]) -> dict[str, Any]:
    return {name: _MADE[kind](value) for name, (kind, value) in told["parts"].items()}


def make_kind(
    ask: Callable[..., Any], number: int, told: dict[str, Any], bases: tuple[type, ...]
) -> Any:
    """The stand-in for a test's class; `bases` without `Thing`."""
    if not any(issubclass(base, Thing) for base in bases):
        bases = (Thing, *bases)
    body = {f"__{name}__": told[name] for name in ("module", "qualname", "doc")}
    if told["annotations"]:
        body["__annotations__"] = told["annotations"]
    made = types.new_class(told["name"], bases, {}, lambda space: space.update(body))
    own = {"_pm_ask": ask, "_pm_number": number, "_pm_values": told["values"]}
    own |= (made_parts := parts(told)) | {name: special(name) for name in told["specials"]}
    for name, part in (("__await__", "await"), ("__next__", "iter"), ("__anext__", "aiter")):
        if name in made_parts:
            own[name] = PARTS[part][name]
    if told["fields"] is not None:
        own["__dataclass_fields__"] = {name: shapes.field(name) for name in told["fields"]}
    for name, value in own.items():
        type.__setattr__(made, name, value)
    # Found out before there were any parts.
    left = frozenset(getattr(made, "__abstractmethods__", ())) - own.keys()
    type.__setattr__(made, "__abstractmethods__", left)
    return made


def make_thing(kind: Any, ask: Callable[..., Any], number: int) -> Any:
    made = object.__new__(kind)
    _held(made).update(_pm_ask=ask, _pm_number=number)
    return made


def told_elsewhere(thing: Any) -> None:
    """What `object.__setattr__` has put into the stand-in belongs to the object itself."""
    held = _held(thing)
    for name in [name for name in held if name not in _OWN]:
        value = held.pop(name)
        held["_pm_ask"]("back", "raw", held["_pm_number"], name, [value])
