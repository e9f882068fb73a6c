"""Stand-ins for what a test hands over: callbacks, iterators, exceptions, named tuples.

A stand-in can be called or advanced. It has no attributes of the test's object, except where the
tests are open, and then only those that the tests' side agrees to.
"""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any


class Callback:
    """Called here, runs on the tests' side."""

    def __init__(self, ask: Callable[..., Any], number: int) -> None:
        object.__setattr__(self, "_ask", ask)
        object.__setattr__(self, "_number", number)

    def __repr__(self) -> str:
        return "<callback>"


def _call(self: Any, *args: Any, **kwargs: Any) -> Any:
    return self._ask("back", "call", self._number, list(args), kwargs)


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
    return self._ask("back", "await", self._number)
    yield  # makes this a generator, as awaiting needs


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
    "call": {"__call__": _call, "__get__": _bind},
    "iter": {"__iter__": _iter, "__next__": _next},
    "await": {"__await__": _await},
    "aiter": {"__aiter__": _iter, "__anext__": _anext},
    "object": {"__getattr__": _getattr, "__setattr__": _setattr},
}


class Stubs:
    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = ask
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
            }
            value = builders[kind](*rest)
            self._known[number] = value
            self._numbers[id(value)] = number
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
        made = kind(self._ask, number)
        for name in ("__name__", "__qualname__", "__doc__"):
            if name in info:
                object.__setattr__(made, name, info[name])
        return made

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
