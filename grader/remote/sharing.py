"""Keeps what both sides hold in step: arguments that a call changed, twins, equal scalars."""

from __future__ import annotations

import collections.abc
import sys
from collections.abc import Callable
from typing import Any

from grader.remote.final import WireError
from grader.remote.going import Going
from grader.remote.mutation import restore
from grader.wire.codec import Codec
from grader.wire.containers import KINDS, MAPPINGS, STREAMS, assign, small
from grader.wire.twins import LENT, Twins

_MAX_SCALARS = 1000
_HOLDING = KINDS | {tuple}
_MAX_DEPTH = 6


class Sharing:
    def __init__(self, codec: Codec, exchange: Callable[[list[Any], Any, Any], Any]) -> None:
        self.twins = Twins(codec, first=LENT)
        self.going = Going()
        self._exchange = exchange
        self._telling = False
        #: Another thread's call may be given the same container at the same time.
        self.at_once = False
        self._scalars: dict[Any, Any] = {}

    def named(self, message: list[Any], args: Any, kwargs: dict[str, Any]) -> list[Any]:
        """The message of a call, with the twins among its arguments named.

        A container that lies in two places of them becomes one, to be one and the same over there.
        """
        values = (*args, *kwargs.values()) if kwargs else args
        for container in repeated(values) if not self.at_once else several(values):
            told = self.twins.alias(container)
            if told is not None:
                self._exchange(["alias", *told], [], {})
        if not self.twins:
            return message
        named = {name: self.twins.mark(value, held=False) for name, value in kwargs.items()}
        return [*message[:-2], [self.twins.mark(value, held=False) for value in args], named]

    def lent(self, message: list[Any]) -> list[Any]:
        """What is put into an object stays the test's own."""
        *head, given = message
        if message[0] == "set":
            return [*head, self.twins.lend(given)]
        return [*head, [self.twins.lend(value) for value in given]]

    def tell(self) -> None:
        """Tell of containers that the test has changed or let go, and of objects."""
        if self.going.gone:
            gone, self.going.gone = self.going.gone, []
            self._exchange(["drop", gone], [], {})
        if not self.twins or self._telling:
            return
        self._telling = True  # looking for changes may ask, too: for the hash of a key
        try:
            changed = self.twins.changes()
            # `box.items.append(3)`: nobody holds the list any more, but it has changed.
            news = {number for number, _ in changed}
            dead = [number for number in self.twins.dead() if number not in news]
            self.twins.forget(dead)
            if dead or changed:
                self._exchange(["twins", dead, changed], [], {})
        finally:
            self._telling = False

    def take(self, changes: dict[Any, Any], args: Any, kwargs: dict[str, Any]) -> None:
        """Changes that a call made: to its arguments, to what is inside them, to twins."""
        inside = self.twins.inside  # before any of them is changed
        told = changes.pop(None, None)
        for key, new in changes.items():
            inner = type(key) is int and key < 0
            old = inside.get(key) if inner else argument(args, kwargs, key)
            if small(old) and type(old) is type(new):
                assign(old, new)
            elif old is not None:
                restore(old, new)
        if told is not None:
            self._take_twins(told, args, kwargs, inside)

    def _take_twins(
        self, told: Any, args: Any, kwargs: dict[str, Any], inside: dict[int, Any]
    ) -> None:
        try:
            kept, changed = told
            for key, number in kept:
                inner = type(key) is int and key < 0
                container = inside.get(key) if inner else argument(args, kwargs, key)
                if container is not None and type(number) is int:
                    self.twins.add(number, _standard(container))
            self.twins.apply(changed, restore)
        except (TypeError, ValueError):
            raise WireError("malformed changes") from None

    def take_changed(self, changed: Any) -> None:
        """Before the student's code asks for something, what it has changed."""
        self._take_twins([[], changed], [], {}, {})

    def one_of(self, value: Any) -> Any:
        """One object for equal ones, so that `is` means what it does where all is one process."""
        kind = type(value)
        if kind is str:
            return sys.intern(value)
        if kind not in (int, float, bytes) or len(self._scalars) >= _MAX_SCALARS:
            return value
        return self._scalars.setdefault((kind, value.hex() if kind is float else value), value)


def _standard(container: Any) -> Any:
    """What was handed over of it: of a class of the test's own, the bare contents."""
    if type(container) in KINDS or type(container) in STREAMS:
        return container
    kinds: dict[Any, Any] = {collections.abc.Mapping: dict, list: list, set: set}
    kind = next((made for base, made in kinds.items() if isinstance(container, base)), None)
    return container if kind is None else kind(container)


def repeated(values: Any) -> list[Any]:
    """Containers that occur more than once in what is handed over, the innermost first."""
    found: dict[int, Any] = {}
    seen: set[int] = set()
    layer = [value for value in values if type(value) in _HOLDING]
    for _ in range(_MAX_DEPTH):
        inner: list[Any] = []
        for value in layer:
            if id(value) in seen:
                found[id(value)] = value
                continue
            seen.add(id(value))
            items = value.values() if type(value) in MAPPINGS else value
            if type(next(iter(items), None)) in _HOLDING:
                inner += [item for item in items if type(item) in _HOLDING]
        layer = inner
        if not layer:
            break
    return [value for value in reversed(found.values()) if type(value) in KINDS]


def several(values: Any) -> list[Any]:
    """With those that other calls may be given, too: no call has a copy of its own."""
    inner = repeated(values)
    return [*inner, *(v for v in values if type(v) in KINDS and not any(v is i for i in inner))]


def argument(args: Any, kwargs: dict[str, Any], key: Any) -> Any:
    if type(key) is int and 0 <= key < len(args):
        return args[key]
    return kwargs.get(key) if type(key) is str else None
