"""Stands between the tests of a class problem and the student's process.

It enforces the profile and changes the one call that a control changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.profiles import dice
from grader.profiles.answers import OBJECT, SCALARS, is_mixed
from grader.profiles.control import EACH, Control
from grader.profiles.profile import Profile
from grader.remote import guarding, messages, misfits
from grader.remote.changing import Changes, Plan
from grader.remote.places import ITERATING, ORDER, Places
from grader.remote.proxies import Mirror
from grader.remote.spots import Spots
from grader.wire.lanes import Own

Exchange = Callable[[list[Any], Any, Any], Any]

#: Operators by which the student's code itself decides about its objects.
DECIDING = ORDER | {"eq", "ne", "contains", "hash", "bool"}


class Watch:
    def __init__(self, profile: Profile | None, plan: Plan | None = None) -> None:
        self.profile = profile
        #: What is being asked for right now, and the kinds of what the reference gives there.
        self.place = ""
        self._wanted: set[str] | None = None
        results = profile.results if profile is not None else {}
        self._mixed = {place for place, kinds in results.items() if is_mixed(kinds)}
        self._calls: dict[str, int] = {}
        self.changes = Changes(plan)
        #: Tests in which the student's objects decided about themselves.
        self.decisive: set[str] = set()
        #: Objects that an operator has given: what is asked of a difference decides about both.
        self._made: set[int] = set()
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
        self.changes.start_again()
        # Whoever was in the middle of something when the other one ended is no more.
        self.place, self._wanted = "", None
        self._depth, self._beside = 0, False

    def begin(self, row: str) -> None:
        if row != self.row:
            self.row = row
            self._turns.clear()
            self._calls.clear()
            self._places.begin()
            self.changes.begin(row)
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
        changed = asked = None
        try:
            if not self._beside:
                changed = self._control(place, message)
                asked = None if self._depth else self.changes.asked(message)
            spot = self.spot
            if message[0] in ("call", "method"):
                args, kwargs = message[-2:]
            self._depth += 1
            try:
                result = exchange(message, args, kwargs)
            finally:
                self._depth -= 1
        finally:
            self.place, self._wanted = outer
        if asked is not None:
            result = self._judged(asked, spot, message, result, exchange)
        self.changes.wait(changed, result)
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
            self.changes.asked(message)

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
        call = messages.call_of(place, message, self.profile.named_like)
        turn = self._calls.get(call, 0)
        if self._depth == 0:
            self._calls[call] = turn + 1
        known = self.profile.answers.expected(self.row, call, turn)
        return known if known is not None else self.profile.results[place]

    def _decides(self, place: str, message: list[Any], result: Any, exchange: Exchange) -> bool:
        """`abs(a - b) < 1e-9` compares two objects, too, by a number of the student's making; and
        `f"{a - b:.2f}" == "0.00"` by a text."""
        if message[0] == "op" and message[1].strip("_") in DECIDING:
            return True
        if message[0] == "op" and isinstance(type(result), Mirror):
            rid = messages.number(result)
            self._made.update(() if rid is None else (rid,))
            return False
        shown = message[0] == "op" and message[1] == "format"
        plain = message[0] != "get" and (shown or type(result) in (bool, int, float))
        return plain and any(
            messages.number(one) in self._made for one in messages.operands(message)
        )

    def _may_answer(self) -> bool:
        known = self.profile.asked if self.profile is not None else None
        return known is None or self.row not in known or self._spots.place() in known[self.row]

    def compares_values(self) -> None:
        """Objects that hold a plain value are compared on this side."""

    def _control(self, place: str, message: list[Any]) -> Control | None:
        """Change this call, if that is what the plan says of it; and say so of another value."""
        self.spot = self._spots.of(message)
        asked = [(self.spot, EACH)] if self._depth else self._counted(place)
        control = self.changes.planned(asked)
        if control is None:
            return None
        if control.before is not None:
            self._call_before(control, message)
            return None
        self.changes.make(control, f"another value in {messages.told(place, message)}")
        messages.replace(message, control.values)
        return control

    def _call_before(self, control: Control, message: list[Any]) -> None:
        """In the way of a test, and yet no call of one."""
        spot = self.spot
        self._depth += 1
        try:
            self.changes.call_before(control, message)
        finally:
            self._depth -= 1
            self.spot = spot

    def _judged(
        self, control: Control, spot: str, message: list[Any], result: Any, exchange: Exchange
    ) -> Any:
        """What the test is told where the changed object was used."""
        if control.at == spot and type(result) is bool:
            denied = messages.denies(message)
            return self.changes.judged(control, result is not denied) is not denied
        self.changes.wait(control, result)
        return result

    def _counted(self, place: str) -> list[tuple[str, int]]:
        """What is asked now, and the how manieth time; in profiles of version 1 by its name."""
        found = [(each, self._turns.get(each, 0)) for each in (self.spot, place)]
        self._turns.update({each: turn + 1 for each, turn in found})
        return found

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
