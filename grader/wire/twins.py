"""Containers that both sides hold are kept in step: what one side changes, the other sees.

A list, dict or set that the student's code keeps and also hands to a test, or is handed by one,
gets a number. It has a twin on the other side, and before and after each call the changes are
carried over. Only exact standard containers have twins; what nobody else holds travels as a plain
copy. Not followed: containers of more than 1,000 items, those deeper than six levels, and those
that the student's code keeps of the inside of an argument.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from grader.wire.codec import Codec, CodecError, Twin
from grader.wire.containers import KINDS, MAPPINGS, MAX_SEARCHED, STREAMS, assign, like
from grader.wire.lanes import Own

_MAX_ITEMS = 1000
_MAX_DEPTH = 6
_MOST = 100
#: References to a container that only the table of twins still holds.
_DEAD = 3
#: References to a result that nobody keeps, and to an item of a container that nobody else keeps.
_RESULT, _ITEM = 3, 4
#: One more where it is handed on.
_PASSED_ON = 1
_MANY_DEAD = 16
#: Numbers from here on are of containers that the tests lend.
LENT = 1 << 32
#: What one side knows of a call: by number, by identity, not yet.
Calls = tuple[dict[int, Any], dict[int, int], tuple[Any, dict[str, Any]] | None]


class Twins:
    """One side's table."""

    def __init__(self, codec: Codec, *, first: int = 0) -> None:
        """`first`: one side counts from 0, the other from `LENT`."""
        self._codec = codec
        self._known: dict[int, list[Any]] = {}
        self._numbers: dict[int, int] = {}
        self._count = first
        #: Containers inside the arguments of the call that runs now, by numbers below 0.
        self._inside: dict[int, Any] = {}
        self._inside_numbers: dict[int, int] = {}
        #: Of that call what is not looked into yet.
        self._unseen: tuple[Any, dict[str, Any]] | None = None
        codec.twin = self.resolve

    def __bool__(self) -> bool:
        return bool(self._known)

    def own(self) -> Own:
        """What is of the call that runs now."""
        own: Own = [(self, "_inside", dict), (self, "_inside_numbers", dict)]
        return [*own, (self, "_unseen", lambda: None)]

    def look_inside(self, args: Any, kwargs: dict[str, Any]) -> Calls:
        """Both sides count the containers of a call alike; gives those of the call before.

        That is done when it is needed, or by `inside` before anything can change the arguments.
        """
        before = self._inside, self._inside_numbers, self._unseen
        self._inside, self._inside_numbers, self._unseen = {}, {}, (args, kwargs)
        return before

    def look_again(self, before: Calls) -> None:
        self._inside, self._inside_numbers, self._unseen = before

    @property
    def inside(self) -> dict[int, Any]:
        if self._unseen is not None:
            (args, kwargs), self._unseen = self._unseen, None
            for value in (*args, *kwargs.values()):
                if type(value) in KINDS or type(value) is tuple:
                    self._search(value, 0)
        return self._inside

    def _search(self, value: Any, depth: int) -> None:
        if depth >= _MAX_DEPTH or len(value) > MAX_SEARCHED or type(value) is set:
            return
        for item in value.values() if type(value) in MAPPINGS else value:
            if type(item) in KINDS:
                if id(item) in self._inside_numbers and id(item) in self._numbers:
                    continue  # one container in two places is one on the other side, too
                number = -1 - len(self._inside)
                self._inside[number] = item
                self._inside_numbers.setdefault(id(item), number)
                self._search(item, depth + 1)
            elif type(item) is tuple:
                self._search(item, depth + 1)

    def items(self, container: Any) -> Any:
        """What is in it, with the twins among it named."""
        if type(container) not in KINDS and type(container) is not tuple:
            return container
        return self._inner(container, held=False, depth=0)

    def resolve(self, parts: list[Any]) -> Any:
        """The container that a message means; one that is new here brings its items."""
        number, items = parts
        if type(number) is not int:
            raise CodecError("malformed twin")
        if number < 0:
            _ = self.inside
        if number in self._inside:
            return self._inside[number]
        if number in self._known:
            if items is not None:
                self.apply([parts], assign)
            return self._known[number][0]
        if type(items) not in KINDS | STREAMS or len(self._known) > 10 * _MOST:
            raise CodecError("no such twin")
        self.add(number, items)
        return items

    def add(self, number: int, container: Any) -> None:
        if type(container) not in KINDS and type(container) not in STREAMS:
            raise CodecError("malformed twin")
        self._known[number] = [container, self._items(container)]
        self._numbers[id(container)] = number

    def _new(self, container: Any) -> int:
        self._count += 1
        self.add(self._count, container)
        return self._count

    def keep(self, container: Any) -> int | None:
        """A number for a container that was handed over and is held from now on."""
        if id(container) in self._numbers:
            return None
        return self._new(container) if self._fits(container) else None

    def lend(self, value: Any) -> Any:
        """A container that one of this side's objects holds; the other side may change it."""
        if type(value) not in KINDS or id(value) in self._inside_numbers:
            return self.mark(value, held=False)
        number = self._numbers.get(id(value))
        if number is None and not self._fits(value):
            return value
        number = self._new(value) if number is None else number
        self._known[number][1] = self._items(value)
        return Twin(number, self._inner(value, held=True, depth=0))

    def alias(self, container: Any) -> list[Any] | None:
        """For what is handed over in two places at once: `[number, items]`, if it may be one."""
        if id(container) in self._numbers or not self._fits(container):
            return None
        number = self._new(container)
        return [number, self._apart(container)]

    def _fits(self, container: Any) -> bool:
        few = len(self._known) < _MOST
        if type(container) in STREAMS:
            return few
        return few and type(container) in KINDS and len(container) <= _MAX_ITEMS

    def mark(self, value: Any, held: bool, spare: int = _RESULT, depth: int = 0) -> Any:
        """The value with its twins named. `held`: what this side goes on holding becomes one."""
        kind = type(value)
        if kind in KINDS:
            if self._unseen is not None:
                _ = self.inside
            number = self._numbers.get(id(value)) or self._inside_numbers.get(id(value))
            if number is not None:
                return Twin(number, None)
            if held and sys.getrefcount(value) > spare and self._fits(value):
                number = self._new(value)
                return Twin(number, self._inner(value, held, depth))
        elif kind is not tuple:
            return self._stream(value, held, spare) if kind in STREAMS else value
        return self._inner(value, held, depth)

    def _stream(self, value: Any, held: bool, spare: int) -> Any:
        number = self._numbers.get(id(value))
        if number is not None:
            return Twin(number, None)
        if held and sys.getrefcount(value) > spare + _PASSED_ON and self._fits(value):
            return Twin(self._new(value), value)
        return value

    def _inner(self, value: Any, held: bool, depth: int) -> Any:
        kind = type(value)
        if kind in STREAMS or depth >= _MAX_DEPTH or len(value) > MAX_SEARCHED or kind is set:
            return value
        if kind in MAPPINGS:
            pairs = []  # its keys may be the student's: none is hashed if that can be avoided
            for key, item in value.items():
                pairs.append((key, self.mark(item, held, _ITEM, depth + 1)))
            if all(pair[1] is item for pair, item in zip(pairs, value.values(), strict=True)):
                return value
            return like(value, dict(pairs))
        marked = []
        for item in value:
            marked.append(self.mark(item, held, _ITEM, depth + 1))  # noqa: PERF401 - counted references
        if all(a is b for a, b in zip(marked, value, strict=True)):
            return value
        return tuple(marked) if kind is tuple else like(value, marked)

    def _items(self, container: Any) -> bytes:
        return self._codec.bytes_of(self._apart(container))

    def _apart(self, container: Any) -> Any:
        """Without the numbers that mean something in the call that runs, and only there."""
        _ = self.inside
        numbers, self._inside_numbers = self._inside_numbers, {}
        try:
            return self._inner(container, held=False, depth=0)
        finally:
            self._inside_numbers = numbers

    def changes(self) -> list[list[Any]]:
        """`[number, items]` of each that differs from what the other side has."""
        told = []
        for number, entry in list(self._known.items()):
            try:
                now = self._items(entry[0])
            except CodecError:
                self.forget([number])  # it holds what cannot travel
                continue
            if now != entry[1]:
                entry[1] = now
                told.append([number, self._apart(entry[0])])
        return told

    def apply(self, told: Any, assign: Callable[[Any, Any], Any]) -> None:
        _ = self.inside  # it may be about to change
        for number, items in told:
            entry = self._known.get(number)
            if entry is not None and type(entry[0]) is type(items):
                assign(entry[0], items)
                entry[1] = self._items(entry[0])

    def dead(self) -> list[int]:
        """Those that nothing holds but this table; none while they are few."""
        found = []
        for number, entry in self._known.items():
            container = entry[0]
            if sys.getrefcount(container) <= _DEAD:
                found.append(number)
        return found if len(found) >= _MANY_DEAD else []

    def forget(self, numbers: list[int]) -> None:
        for number in numbers:
            entry = self._known.pop(number, None)
            if entry is not None:
                self._numbers.pop(id(entry[0]), None)
