"""Finds the changes of a test that touch one comparison and nothing else.

`Money(42)` in `a + b == Money(42)` gives an object that is asked about once, there, and is never
used again. With another one in its place the rest of the test is as it was written.
"""

from __future__ import annotations

import collections
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.remote import messages
from grader.remote.proxies import Mirror

_MAX_DEPTH = 3
_MAX_STEPS = 8
#: These may change what they are asked of; and so may `+=`.
_MAY_CHANGE = frozenset({"method", "set", "call"})
#: What is asked of an object on the way to the comparison of another one.
_GIVING = frozenset({"op", "method"})


@dataclass
class Event:
    """One thing that a test asks of the student's code."""

    spot: str
    turn: int
    kind: str
    #: Numbers of the objects that are asked, in order.
    asked: tuple[int, ...]
    #: Numbers of the objects that take part, also inside of lists.
    used: frozenset[int]
    is_direct: bool = False
    #: Which answer of the test's objects it is; -1 for none.
    decides: int = -1
    #: Number of the object that came back; yes or no, of `!=` as of `==`.
    made: int | None = None
    answer: bool | None = None
    negated: bool = False

    @classmethod
    def of(cls, message: list[Any], spot: str, turn: int) -> Event:
        kind = message[0]
        if kind == "op" and message[1].strip("_").startswith("i"):
            kind = "set"  # `+=` at most; `iter` and `invert` are no part of a comparison
        asked = dict.fromkeys(map(messages.number, messages.operands(message)))
        everything = [*messages.operands(message), *messages.values(message).values()]
        numbers = tuple(number for number in asked if number is not None)
        used = frozenset(_things(everything))
        return cls(spot, turn, kind, numbers, used, negated=messages.denies(message))

    def gave(self, result: Any) -> None:
        is_object = isinstance(type(result), Mirror)
        self.made = messages.number(result) if is_object else None
        self.answer = result is not self.negated if type(result) is bool else None

    @property
    def tells(self) -> bool:
        """Whether it is a comparison whose answer the test sees as it is."""
        return self.is_direct and self.answer is not None and self.decides >= 0

    @property
    def is_equality(self) -> bool:
        return self.tells and self.spot.endswith(" eq")


def _things(value: Any, depth: int = 0) -> set[int]:
    """Numbers of the student's objects, also inside of containers."""
    kind = type(value)
    if kind in (list, tuple, set, frozenset, dict) and depth <= _MAX_DEPTH:
        items = [*value.keys(), *value.values()] if kind is dict else value
        return set().union(*(_things(item, depth + 1) for item in items))
    number = messages.number(value) if isinstance(kind, Mirror) else None
    return set() if number is None else {number}


class Lone:
    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events
        self._used: dict[int, list[int]] = collections.defaultdict(list)
        made: collections.Counter[int] = collections.Counter()
        for turn, event in enumerate(events):
            made.update([] if event.made is None else [event.made])
            for number in event.used:
                self._used[number].append(turn)
        #: Objects that came but once.
        self._new = {number for number, count in made.items() if count == 1}

    def comparisons(self) -> dict[tuple[str, int], Event]:
        """Call to the comparison that it alone touches."""
        found = {}
        for turn, event in enumerate(self._events):
            end = self._end(turn)
            if end is not None and self._leaves_all(turn):
                found[event.spot, event.turn] = self._events[end]
        return found

    def ends(self, comparison: Event, operand: int) -> bool:
        """Whether it is the last that is asked about this object."""
        return self._events[self._used[operand][-1]] is comparison

    def _end(self, turn: int) -> int | None:
        """Of what a call gave: used once each time, up to a comparison. `Stack(1).doubled()` is
        used up by its method."""
        for _ in range(_MAX_STEPS):
            made = self._events[turn].made
            uses = [] if made is None else self._used[made]
            if made not in self._new or len(uses) != 1 or uses[0] <= turn:
                return None
            turn = uses[0]
            event = self._events[turn]
            if event.tells:
                return turn
            if event.kind not in _GIVING or not self._leaves_all(turn):
                return None
        return None

    def _leaves_all(self, turn: int) -> bool:
        """Whether no object that it may have changed is used later."""
        event = self._events[turn]
        if event.kind not in _MAY_CHANGE:
            return True
        return all(self._used[number][-1] == turn for number in event.used)
