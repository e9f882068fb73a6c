"""Stand-ins for what a test hands over: callbacks, iterators, exceptions, named tuples.

A stand-in can be called or advanced. It has no attributes of the test's object, except where the
tests are open, and then only those that the tests' side agrees to.
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
from collections.abc import Callable
from typing import Any

from grader.inside import standard
from grader.wire.codec import CodecError
from grader.wire.twins import KINDS, assign

_PAUSE_SECONDS = 0.001


class Callback:
    """Called here, runs on the tests' side."""

    _ask: Callable[..., Any]
    _number: int

    def __repr__(self) -> str:
        return "<callback>"


def _call(self: Any, *args: Any, **kwargs: Any) -> Any:
    places: dict[Any, Any] = {**dict(enumerate(args)), **kwargs}
    if not any(type(value) in KINDS for value in places.values()):
        return self._ask("back", "call", self._number, list(args), kwargs)
    result, changed = self._ask("back", "use", self._number, list(args), kwargs)
    for place, now in changed.items():
        assign(places[place], now)
    return result


def _iter(self: Any) -> Any:
    return self


def _next(self: Any) -> Any:
    item = self._ask("back", "next", self._number)
    if len(item) > 1:
        raise StopIteration(item[1])
    return item[0]


async def _anext(self: Any) -> Any:
    item = self._ask("back", "anext", self._number)
    if item is None:
        raise StopAsyncIteration
    return item[0]


def _await(self: Any) -> Any:
    answer = self._ask("back", "await", self._number)
    while len(answer) > 1:  # it runs in the test's loop, which goes on while this one waits
        yield from asyncio.sleep(_PAUSE_SECONDS).__await__()
        answer = self._ask("back", "awaited", answer[1]._number)
    return answer[0]


def _step(name: str) -> Callable[..., Any]:
    def step(self: Any, *args: Any) -> Any:
        if name == "throw":
            args = args[:1] if isinstance(args[0], BaseException) else (args[0](*args[1:2]),)
        item = self._ask("back", name, self._number, *args)
        if name == "close":
            return None
        if len(item) > 1:
            raise StopIteration(item[1])
        return item[0]

    return step


def _enter(self: Any) -> Any:
    return self._ask("back", "enter", self._number)


def _exit(self: Any, kind: Any, error: Any, trace: Any) -> Any:
    return self._ask("back", "exit", self._number, error)


def _getattr(self: Any, name: str) -> Any:
    return self._ask("back", "get", self._number, name)


def _setattr(self: Any, name: str, value: Any) -> None:
    self._ask("back", "set", self._number, name, value)


def _bind(self: Any, instance: Any, owner: Any) -> Any:
    if instance is None:
        return self

    def bound(*args: Any, **kwargs: Any) -> Any:
        return self(instance, *args, **kwargs)

    return bound


def _special(name: str) -> Callable[..., Any]:
    def forward(self: Any, *args: Any) -> Any:
        if name == "__exit__":
            args = (args[0], args[1], None)
        return self._ask("back", "special", self._number, name, list(args))

    return forward


_PARTS: dict[str, dict[str, Any]] = {
    "call": {"__call__": _call},
    "bind": {"__get__": _bind},
    "iter": {"__iter__": _iter, "__next__": _next},
    "await": {"__await__": _await},
    "aiter": {"__aiter__": _iter, "__anext__": _anext},
    "gen": {"send": _step("send"), "throw": _step("throw"), "close": _step("close")},
    "ctx": {"__enter__": _enter, "__exit__": _exit},
    "object": {"__getattr__": _getattr, "__setattr__": _setattr},
}


def _member(_: int, kind: Any, name: Any) -> Any:
    return kind[name] if isinstance(name, str) and name in kind.__members__ else kind(name)


def _fill(made: Any, fields: list[str], values: list[Any]) -> Any:
    for name, value in zip(fields, values, strict=True):
        object.__setattr__(made, name, value)
    return made


def _told_of_changes(base: Any, ask: Callable[..., Any], fields: frozenset[str]) -> type:
    """What the student's code sets is set in the test's object, too."""

    def set_attribute(self: Any, name: str, value: Any) -> None:
        base.__setattr__(self, name, value)
        if name in fields and "_pm_number" in vars(self):
            ask("back", "field", self._pm_number, name, value)

    return type(base.__name__, (base,), {"__setattr__": set_attribute})


def _told_of_arguments(ask: Callable[..., Any]) -> Callable[..., Any]:
    def asked(*message: Any) -> Any:
        try:
            return ask(*message)
        except CodecError as error:
            raise TypeError(f"this cannot be handed to the test: {error}") from None

    return asked


class Stubs:
    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = _told_of_arguments(ask)
        self._known: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._kinds: dict[Any, type] = {}

    def number(self, value: Any) -> int | None:
        """The tests' own number of something that came from there."""
        return self._numbers.get(id(value))

    def origin(self, error: BaseException) -> int | None:
        return self._numbers.get(id(error))

    def resolve(self, kind: str, rest: list[Any]) -> Any:
        if kind == "n":
            return self._named_tuple(*rest)
        number = rest[0]
        if number not in self._known:
            builders: dict[str, Callable[..., Any]] = {
                "g": self._callback,
                "x": self._exception,
                "t": self._exception_class,
                "std": lambda number, *rest: standard.make(self._ask, number, *rest),
                "enumeration": self._enumeration,
                "member": _member,
                "data": self._data,
            }
            value = builders[kind](*rest)
            self._known[number] = value
            self._numbers[id(value)] = number
        elif kind == "data":
            _fill(self._known[number], rest[1][2], rest[2])
        return self._known[number]

    def _callback(self, number: int, info: dict[str, Any]) -> Any:
        parts = tuple(part for part in _PARTS if info.get(part))
        special = tuple(info.get("special", ()))
        kind = self._kinds.get((parts, special))
        if kind is None:
            body: dict[str, Any] = {}
            for part in parts:
                body.update(_PARTS[part])
            body.update({name: _special(name) for name in special if name not in body})
            kind = self._kinds[(parts, special)] = type("callback", (Callback,), body)
        # Its `__init__` may be that of the test's object, for the student's code to call.
        made: Any = object.__new__(kind)
        _fill(made, ["_ask", "_number"], [self._ask, number])
        for name in ("__name__", "__qualname__", "__doc__"):
            if name in info:
                object.__setattr__(made, name, info[name])
        return made

    def _enumeration(self, _: int, base: str, name: str, members: list[list[Any]]) -> Any:
        kind = standard.enumeration(base, name, members)
        for key, _value, number in members:
            self._known[number] = kind[key]
            self._numbers[id(kind[key])] = number
        return kind

    def _data(self, number: int, shape: list[Any], values: list[Any]) -> Any:
        known, name, fields, options = shape
        if ("data", known) not in self._kinds:
            base: Any = dataclasses.make_dataclass(name, fields, **options)
            self._kinds["data", known] = _told_of_changes(base, self._ask, frozenset(fields))
        made: Any = object.__new__(self._kinds["data", known])
        object.__setattr__(made, "_pm_number", number)
        return _fill(made, fields, values)

    def _exception_class(self, number: int, base: type, name: str) -> type:
        return type(name, (base,), {})

    def _exception(self, number: int, kind: type, args: list[Any]) -> BaseException:
        error: BaseException = kind.__new__(kind, *args)
        error.args = tuple(args)
        return error

    def _named_tuple(self, name: str, fields: list[str], values: list[Any]) -> Any:
        key = ("n", name, *fields)
        if key not in self._kinds:
            self._kinds[key] = collections.namedtuple(name, fields)
        return self._kinds[key](*values)
