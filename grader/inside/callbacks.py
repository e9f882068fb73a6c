"""What the student's code can call or advance, and runs on the tests' side."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from grader.wire.containers import KINDS, assign

_PAUSE_SECONDS = 0.001


class Callback:
    """Called here, runs on the tests' side."""

    _pm_ask: Callable[..., Any]
    _pm_number: int

    def __repr__(self) -> str:
        return "<callback>"


def call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
    places: dict[Any, Any] = {**dict(enumerate(args)), **kwargs}
    if sys.stdout is not sys.__stdout__:
        return _call_redirected(self, places, args, kwargs)
    if not any(type(value) in KINDS for value in places.values()):
        return self._pm_ask("back", "call", self._pm_number, list(args), kwargs)
    result, changed = self._pm_ask("back", "use", self._pm_number, list(args), kwargs)
    for place, now in changed.items():
        assign(places[place], now)
    return result


def _call_redirected(self: Any, places: dict[Any, Any], args: Any, kwargs: Any) -> Any:
    """What it prints belongs into the stream that the student's code has put there."""
    stream = sys.stdout
    message = ("back", "printing", self._pm_number, list(args), kwargs)
    result, changed, text = self._pm_ask(*message)
    for place, now in changed.items():
        assign(places[place], now)
    if text:
        stream.write(text)
    return result


def _iter(self: Any) -> Any:
    return self


def _next(self: Any) -> Any:
    item = self._pm_ask("back", "next", self._pm_number)
    if len(item) > 1:
        raise StopIteration(item[1])
    return item[0]


async def _anext(self: Any) -> Any:
    item = self._pm_ask("back", "anext", self._pm_number)
    if item is None:
        raise StopAsyncIteration
    return item[0]


def _await(self: Any) -> Any:
    answer = self._pm_ask("back", "await", self._pm_number)
    while len(answer) > 1:  # it runs in the test's loop, which goes on while this one waits
        yield from _pause()
        answer = self._pm_ask("back", "awaited", answer[1]._pm_number)
    return answer[0]


def _pause() -> Any:
    """Not by `asyncio.sleep`, in whose place a test may have put this very thing."""
    from asyncio.events import get_running_loop

    loop = get_running_loop()
    over = loop.create_future()
    timer = loop.call_later(_PAUSE_SECONDS, over.set_result, None)
    try:
        yield from over
    finally:
        timer.cancel()


async def awaited(stub: Any) -> Any:
    """What is a coroutine over there is one here."""
    return await stub


def _step(name: str) -> Callable[..., Any]:
    def step(self: Any, *args: Any) -> Any:
        if name == "throw":
            # An exception, or a class with an exception of it or what that is made with.
            given = args[1] if len(args) > 1 else None
            made = given if isinstance(given, BaseException) else args[0]
            args = (made if isinstance(made, BaseException) else made(*args[1:2]),)
        item = self._pm_ask("back", name, self._pm_number, *args)
        if name == "close":
            return None
        if len(item) > 1:
            raise StopIteration(item[1])
        return item[0]

    return step


def _enter(self: Any) -> Any:
    return self._pm_ask("back", "enter", self._pm_number)


def _exit(self: Any, kind: Any, error: Any, trace: Any) -> Any:
    return self._pm_ask("back", "exit", self._pm_number, error)


def _getattr(self: Any, name: str) -> Any:
    return self._pm_ask("back", "get", self._pm_number, name)


def _setattr(self: Any, name: str, value: Any) -> None:
    self._pm_ask("back", "set", self._pm_number, name, value)


def bind(self: Any, instance: Any, owner: Any) -> Any:
    if instance is None:
        return self

    def bound(*args: Any, **kwargs: Any) -> Any:
        return self(instance, *args, **kwargs)

    return bound


def special(name: str) -> Callable[..., Any]:
    def forward(self: Any, *args: Any) -> Any:
        if name == "__exit__":
            args = (args[0], args[1], None)
        return self._pm_ask("back", "special", self._pm_number, name, list(args))

    return forward


PARTS: dict[str, dict[str, Any]] = {
    "call": {"__call__": call},
    "bind": {"__get__": bind},
    "iter": {"__iter__": _iter, "__next__": _next},
    "await": {"__await__": _await},
    "aiter": {"__aiter__": _iter, "__anext__": _anext},
    "gen": {"send": _step("send"), "throw": _step("throw"), "close": _step("close")},
    "ctx": {"__enter__": _enter, "__exit__": _exit},
    "object": {"__getattr__": _getattr, "__setattr__": _setattr},
}
