"""The student's side of things of the standard library that a test handed over."""

from __future__ import annotations

import enum
import logging
import re
import string
import threading
import types
from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import Any

from grader.wire import references

#: Between two questions; the longer it takes, the more seldom.
_PAUSE_SECONDS, _LONGEST_PAUSE = 0.001, 0.016
_ENUMS = (enum.Enum, enum.IntEnum, enum.StrEnum, enum.Flag, enum.IntFlag)
_BASES: dict[str, Any] = {kind.__name__: kind for kind in _ENUMS}

_KIND: Any = property(lambda self: references.load(*self._kind))


class Handled:
    """Its methods run on the tests' side; waiting is done here, so that both sides go on."""

    def __init__(self, ask: Callable[..., Any], number: int, *told: Any) -> None:
        self._ask, self._number = ask, number
        self._offered, self._read, self._kind = told

    __class__ = _KIND

    def _call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return self._ask("back", "method", self._number, name, list(args), kwargs)

    def __getattr__(self, name: str) -> Any:
        if name in self._read:
            return self._ask("back", "read", self._number, name)
        if name in self._offered:
            return lambda *args, **kwargs: self._call(name, *args, **kwargs)
        raise AttributeError(f"{self._kind[1]!r} object has no attribute {name!r} here")


def _patiently(attempt: Callable[[], Any], error: type[Exception], end: float | None) -> Any:
    for pause in _pauses():
        try:
            return attempt()
        except error:
            if end is not None and monotonic() >= end:
                raise
        sleep(pause)
    return None


def _pauses() -> Iterator[float]:
    pause = _PAUSE_SECONDS
    while True:
        yield pause
        pause = min(2 * pause, _LONGEST_PAUSE)


def _end(block: bool, timeout: float | None) -> float | None:
    if not block:
        return 0.0
    return None if timeout is None else monotonic() + timeout


def _comes(is_so: Callable[[], bool], timeout: float | None) -> bool:
    """Whether it is so in time."""
    end = _end(True, timeout)
    pauses = _pauses()
    while not is_so():
        if end is not None and monotonic() >= end:
            return False
        sleep(next(pauses))
    return True


class Queue(Handled):
    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        import queue

        return _patiently(lambda: self._call("get_nowait"), queue.Empty, _end(block, timeout))

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        import queue

        _patiently(lambda: self._call("put_nowait", item), queue.Full, _end(block, timeout))


class Event(Handled):
    def wait(self, timeout: float | None = None) -> bool:
        return _comes(self.is_set, timeout)


class Future(Handled):
    def result(self, timeout: float | None = None) -> Any:
        return self._given("result", timeout)

    def exception(self, timeout: float | None = None) -> Any:
        return self._given("exception", timeout)

    def _given(self, name: str, timeout: float | None) -> Any:
        if not _comes(self.done, timeout):
            raise TimeoutError
        return self._call(name)


class AsyncQueue(Handled):
    pass


class AsyncEvent(Handled):
    pass


class AsyncLock(Handled):
    async def __aenter__(self) -> None:
        await self.acquire()

    async def __aexit__(self, *_: object) -> None:
        self.release()


class File(Handled):
    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_KINDS = (Queue, Event, Future, AsyncQueue, AsyncEvent, AsyncLock, File, Handled)
_HANDLED = {kind.__name__: kind for kind in _KINDS}


#: Made anew by what the tests' side tells of them.
_ANEW: dict[str, Callable[..., Any]] = {
    "lock": lambda name: {"Lock": threading.Lock, "RLock": threading.RLock}[name](),
    "semaphore": threading.Semaphore,
    "barrier": lambda parties, seconds: threading.Barrier(parties, timeout=seconds),
    "template": string.Template,
    "pattern": re.compile,
    "match": lambda *told: _match(*told),
    "threads": lambda most: _pool(most),
    "copy": lambda kind, state: _copied(kind, state),
    "proxy": types.MappingProxyType,
    "configuration": lambda kind, text: _read(kind, text),
}


def make(ask: Callable[..., Any], number: int, kind: str, *rest: Any) -> Any:
    if kind == "handled":
        return _HANDLED[rest[0]](ask, number, *rest[1:])
    return _ANEW.get(kind, logging.getLogger)(*rest)


def _copied(kind: Any, state: dict[str, Any]) -> Any:
    made = object.__new__(kind)
    for name, value in state.items():
        object.__setattr__(made, name, value)
    return made


def _read(kind: Any, text: str) -> Any:
    made = kind()
    made.read_string(text)
    return made


def _pool(most: int) -> Any:
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(most)


def _match(pattern: Any, text: Any, start: int, end: int, spans: list[list[int]]) -> Any:
    for search in (pattern.match, pattern.fullmatch):
        found = search(text, start, end)
        if found is not None and [list(span) for span in found.regs] == spans:
            return found
    raise ValueError("this match cannot be found again")


def enumeration(base: str, name: str, members: list[list[Any]]) -> Any:
    return _BASES.get(base, enum.Enum)(name, [(key, value) for key, value, _ in members])
