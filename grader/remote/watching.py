"""Stands between the tests of a class problem and the student's process.

It enforces the profile and changes the one call that a control changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grader.profiles import dice
from grader.profiles.answers import OBJECT, SCALARS, is_mixed
from grader.profiles.profile import EACH, Control, Profile
from grader.remote import guarding, messages, misfits
from grader.remote.places import ITERATING, ORDER, Places
from grader.remote.proxies import Mirror
from grader.remote.spots import Spots
from grader.wire.lanes import Own

Exchange = Callable[[list[Any], Any, Any], Any]

#: Operators by which the student's code itself decides about its objects.
DECIDING = ORDER | {"eq", "ne", "contains", "hash", "bool"}


class Watch:
    def __init__(self, profile: Profile | None, plan: Mapping[str, Control] | None = None) -> None:
        self.profile = profile
        #: What is being asked for right now, and the kinds of what the reference gives there.
        self.place = ""
        self._wanted: set[str] | None = None
        results = profile.results if profile is not None else {}
        self._mixed = {place for place, kinds in results.items() if is_mixed(kinds)}
        self._calls: dict[str, int] = {}
        #: Test to what its control has changed, in words.
        self.changed: dict[str, str] = {}
        #: Tests in which the student's objects decided about themselves.
        self.decisive: set[str] = set()
        #: Objects that an operator has given: what is asked of a difference decides about both.
        self._made: set[int] = set()
        self._plan = plan or {}
        self.row = ""
        self._turns: dict[str, int] = {}
        self._places = Places()
        self._spots = Spots()
        #: Where in the tests something was asked last.
        self.spot = ""
        #: Classes of other names to those in whose place they were given.
        self._roles: dict[Any, list[str]] = {}
        self._depth = 0
        #: In a thread of the test, or of the student's.
        self._beside = False

    def own(self) -> Own:
        """Of what changes with each call. What threads of a test ask comes in no certain order, so
        that it is neither counted nor changed."""
        own: Own = [(self, "place", str), (self, "_wanted", lambda: None)]
        return [*own, (self, "_depth", lambda: 1), (self, "_beside", lambda: True)]

    def start_again(self) -> None:
        """Beside a fresh process, in which numbers stand for other things."""
        self._places.clear()
        self._roles.clear()
        self._made.clear()
        # Whoever was in the middle of something when the other one ended is no more.
        self.place, self._wanted = "", None
        self._depth, self._beside = 0, False

    def begin(self, row: str) -> None:
        if row != self.row:
            self.row = row
            self._turns.clear()
            self._calls.clear()
            self._places.begin()
            dice.settle(row)

    def ask(self, exchange: Exchange, message: list[Any], args: Any, kwargs: Any) -> Any:
        place = self._places.of(message)
        if place is None:
            return exchange(message, args, kwargs)
        if place in ITERATING:
            # What an iterator gives is its own affair: others in that test may give other things.
            place = f"{place} in {self.row}"
        wanted = self._expected(place, message)
        outer = self.place, self._wanted
        self.place, self._wanted = place, wanted
        try:
            if not self._beside:
                self._control(place, message)
            if message[0] in ("call", "method"):
                args, kwargs = message[-2:]
            self._depth += 1
            try:
                result = exchange(message, args, kwargs)
            finally:
                self._depth -= 1
        finally:
            self.place, self._wanted = outer
        self._places.remember(result, place, message)
        if self._decides(place, message, result, exchange):
            self.decisive.add(self.row)
        if guarding.is_guarded(message, result) and not self._may_answer():
            raise guarding.refusal(message)
        return self._check(place, message, result, wanted)

    def meet(self, message: list[Any]) -> None:
        """A comparison that is made here: a control may have to come before it."""
        if self.profile is not None and self._depth == 0:
            self._control(f"__{message[1]}__", message)

    def take(self, place: str, value: Any) -> Any:
        """What comes with an exception, or is handed to a function of the test."""
        if self.profile is None:
            return value
        return self._check(place, ["take", value], value, self.profile.results.get(place))

    def _expected(self, place: str, message: list[Any]) -> set[str] | None:
        """The kinds that the reference gave at this call, as exactly as that is known."""
        if self.profile is None:
            return None
        if place not in self._mixed or self._beside:
            return self.profile.results.get(place)
        call = messages.call_of(place, message, self._named_like)
        turn = self._calls.get(call, 0)
        if self._depth == 0:
            self._calls[call] = turn + 1
        known = self.profile.answers.expected(self.row, call, turn)
        return known if known is not None else self.profile.results[place]

    def _named_like(self, kind: type) -> str:
        """The name of an object's class that the profile knows, if there is one."""
        known = self.profile.classes if self.profile is not None else {}
        names = (base.__name__ for base in kind.__mro__ if base.__name__ in known)
        return next(names, kind.__name__)

    def _decides(self, place: str, message: list[Any], result: Any, exchange: Exchange) -> bool:
        """`abs(a - b) < 1e-9` compares two objects, too, by a number of the student's making."""
        if message[0] == "op" and message[1].strip("_") in DECIDING:
            return True
        if message[0] == "op" and isinstance(type(result), Mirror):
            rid = messages.number(result)
            self._made.update(() if rid is None else (rid,))
            return False
        plain = message[0] != "get" and type(result) in (bool, int, float)
        return plain and any(
            messages.number(one) in self._made for one in messages.operands(message)
        )

    def _may_answer(self) -> bool:
        known = self.profile.asked if self.profile is not None else None
        return known is None or self.row not in known or self._spots.place() in known[self.row]

    def compares_values(self) -> None:
        """Objects that hold a plain value are compared on this side."""

    def _control(self, place: str, message: list[Any]) -> None:
        """Change this call, if that is what the plan says of it."""
        control = self._plan.get(self.row)
        self.spot = self._spots.of(message)
        asked = [(self.spot, EACH)] if self._depth else self._counted(place)
        meant = control is not None and (control.place, control.turn) in asked
        if control is None or not meant:
            return
        if control.before is None:
            self.changed[self.row] = f"another value in {messages.told(place, message)}"
            messages.replace(message, control.values)
            return
        self._call_before(control.before, control.values, message)

    def _counted(self, place: str) -> list[tuple[str, int]]:
        """What is asked now, and the how manieth time; in profiles of version 1 by its name."""
        found = [(each, self._turns.get(each, 0)) for each in (self.spot, place)]
        self._turns.update({each: turn + 1 for each, turn in found})
        return found

    def _call_before(
        self,
        before: tuple[str, int],
        values: Mapping[int | str, Any],
        message: list[Any],
    ) -> None:
        name, index = before
        # Where the other solution gives a plain list, there is but one of them.
        asked = [x for x in messages.operands(message) if messages.number(x) is not None]
        if asked:
            operand = asked[min(index, len(asked) - 1)]
            args = [value for key, value in values.items() if type(key) is int]
            named = {key: value for key, value in values.items() if type(key) is str}
            spot = self.spot
            self._depth += 1  # in the way of a test, and yet no call of one
            try:
                getattr(operand, name)(*args, **named)
            finally:
                self._depth -= 1
                self.spot = spot
            self.changed[self.row] = f"one more call of {name}() before the comparison"

    def knows(self, kind: Any) -> bool:
        """Whether objects of this mirrored class are more than opaque."""
        profile = self.profile
        if profile is None or kind in self._roles:
            return True
        if any(base.__name__ in profile.classes for base in kind.__mro__):
            return True
        # Where the reference gives an object of its class, another name for it is as good.
        found = [f for f in profile.results.get(self.place, ()) if f.startswith(OBJECT)]
        if found:
            self._roles[kind] = [name.removeprefix(OBJECT) for name in found]
        return bool(found)

    def wants_bare(self, kind: Any) -> bool:
        return self.profile is not None and (
            self._scalar(self._wanted, self.place) or not self.knows(kind)
        )

    def forwards(self, special: str, *names: str) -> bool:
        """Whether objects of a class answer that; names: its own and those of its bases."""
        return self.profile is None or special in self.profile.specials(*names)

    def compares(self, kind: Any, special: str) -> bool:
        """Whether two objects are compared as this class says."""
        names = [base.__name__ for base in kind.__mro__]
        stand_ins = self._roles.get(kind)
        if stand_ins is None:
            return self.forwards(special, *names)
        return any(self.forwards(special, *names, name) for name in stand_ins)

    def _scalar(self, wanted: set[str] | None, place: str) -> bool:
        """Whether an object there is none that the reference gives: None alone is often ignored."""
        if not wanted or not wanted <= SCALARS:
            return False
        return wanted != {"NoneType"} or place in self._mixed

    def _check(self, place: str, message: list[Any], result: Any, wanted: set[str] | None) -> Any:
        if self.profile is None or wanted is None:
            return result
        if not isinstance(type(result), Mirror):
            if type(result) in (list, tuple, dict, set) and self.profile.no_objects(place):
                return misfits.inside(place, message, result)
            return result
        return (
            misfits.instead(place, message, result, wanted)
            if self._scalar(wanted, place)
            else result
        )
