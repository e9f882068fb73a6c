"""Stands between the tests of a class problem and the student's process.

It enforces the profile and changes the one call that a control changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grader.profiles.profile import OBJECT, Control, Profile
from grader.remote import messages, opaque
from grader.remote.functions import RemoteFunction
from grader.remote.proxies import Mirror
from grader.verdicts.outcome import Listener, Outcome

_IN_PLACE_OF = {"NoneType": "None"}

Exchange = Callable[[list[Any], Any, Any], Any]


class Watch:
    def __init__(self, profile: Profile | None, plan: Mapping[str, Control] | None = None) -> None:
        self.profile = profile
        #: What is being asked for right now.
        self.place = ""
        #: Test to the call that its control has changed, as it was.
        self.changed: dict[str, str] = {}
        self._plan = plan or {}
        self.row = ""
        #: Tests in which the student's process ended.
        self.lost: set[str] = set()
        self._turns: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._roles: set[Any] = set()
        self._depth = 0

    def start_again(self) -> None:
        """Beside a fresh process, in which numbers stand for other things."""
        self._names.clear()
        self._roles.clear()

    def begin(self, row: str) -> None:
        if row != self.row:
            self.row = row
            self._turns.clear()

    def ask(self, exchange: Exchange, message: list[Any], args: Any, kwargs: Any) -> Any:
        place = self._place_of(message)
        if place is None:
            return exchange(message, args, kwargs)
        if self._depth == 0:
            self._count(place, message)
        if message[0] in ("call", "method"):
            args, kwargs = message[-2:]
        outer, self.place = self.place, place
        self._depth += 1
        try:
            result = exchange(message, args, kwargs)
        finally:
            self._depth -= 1
            self.place = outer
        if message[0] == "get":
            self._remember(result, message[2])
        return self._check(place, message, result)

    def _place_of(self, message: list[Any]) -> str | None:
        kind, *rest = message
        if kind == "get":
            return str(rest[1])
        if kind == "call":
            return f"{self._name(rest[0])}()"
        if kind == "method":
            return f"{rest[1]}()"
        if kind == "op":
            return f"__{rest[0].strip('_')}__"
        return f"{rest[1]}=" if kind == "set" else None

    def _name(self, target: Any) -> str:
        """As the test calls it; the student decides what its `__name__` is."""
        rid = messages.number(target)
        if rid in self._names:
            return self._names[rid]
        return target.__name__ if isinstance(target, Mirror | RemoteFunction) else "__call__"

    def _remember(self, value: Any, name: str) -> None:
        rid = messages.number(value)
        if rid is not None and isinstance(value, Mirror | RemoteFunction):
            self._names[rid] = name

    def _count(self, place: str, message: list[Any]) -> None:
        turn = self._turns.get(place, 0)
        self._turns[place] = turn + 1
        control = self._plan.get(self.row)
        if control is not None and (control.place, control.turn) == (place, turn):
            self.changed[self.row] = messages.told(place, message)
            messages.replace(message, control.values)

    def knows(self, kind: Any) -> bool:
        """Whether objects of this mirrored class are more than opaque."""
        profile = self.profile
        if profile is None or kind in self._roles:
            return True
        if any(base.__name__ in profile.classes for base in kind.__mro__):
            return True
        # Where the reference gives an object of its class, another name for it is as good.
        if any(found.startswith(OBJECT) for found in profile.results.get(self.place, ())):
            self._roles.add(kind)
            return True
        return False

    def wants_bare(self, kind: Any) -> bool:
        profile = self.profile
        return profile is not None and (profile.only_scalars(self.place) or not self.knows(kind))

    def forwards(self, special: str, name: str) -> bool:
        return self.profile is None or special in self.profile.specials(name)

    def _check(self, place: str, message: list[Any], result: Any) -> Any:
        if self.profile is None or not isinstance(type(result), Mirror):
            return result
        if not self.profile.only_scalars(place):
            return result
        kinds = sorted(self.profile.results[place])
        wanted = " or ".join(_IN_PLACE_OF.get(kind, kind) for kind in kinds)
        name = type(result).__name__
        own = type(result).__rid__ is not None
        found = f"your own class {name}" if own else f"{messages.article(name)}{name}"
        words = (
            f"{messages.owner(message)}{place} should be {messages.article(wanted)}{wanted}, "
            f"but it is {found}."
        )
        return opaque.misfit(type(result), type(result).__remote__, messages.number(result), words)


class Rows:
    """Tells the watch which test is running; the judge hears all of it."""

    def __init__(self, judge: Any, watch: Watch, key: str, suite: bool) -> None:
        self._judge = judge
        self._watch = watch
        self._key = key
        self._suite = suite

    @property
    def fatal(self) -> bool:
        return bool(self._judge.fatal)

    def announce(self, names: list[str]) -> None:
        self._judge.announce(names)

    def begin(self, name: str) -> None:
        self._judge.begin(name)
        self._watch.begin(f"{self._key}::{name}" if self._suite else self._key)

    def end(self, outcome: Outcome) -> None:
        self._judge.end(outcome)
        if self._judge.fatal:
            self._watch.lost.add(self._watch.row)


def watched(judge: Any, watch: Watch | None, key: str, suite: bool) -> Listener:
    listener: Listener = judge if watch is None else Rows(judge, watch, key, suite)
    return listener
