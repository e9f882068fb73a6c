"""Watches a reference solution and writes down what its profile is made of."""

from __future__ import annotations

import copy
from typing import Any

from grader.profiles.answers import OBJECT
from grader.profiles.control import EACH, Control
from grader.profiles.lone import Event
from grader.profiles.profile import Profile
from grader.remote import messages
from grader.remote.changing import Plan
from grader.remote.functions import RemoteFunction
from grader.remote.places import ORDER
from grader.remote.proxies import Mirror
from grader.remote.special import SPECIAL
from grader.remote.watching import DECIDING, Exchange, Watch

#: What a container does with a thing that may be an object, too.
_OF_THE_FIRST = frozenset({"contains", "getitem", "setitem", "delitem"})
#: Of these, those that ask about two objects.
_COMPARING = ORDER | {"eq", "ne"}
_MAX_DEPTH = 3
_MAX_ITEMS = 50
#: Of two that neither comes first. Another right solution may put them in an order.
TIE = "tie"


class Recording(Watch):
    """Writes down what the reference needs, and what could be changed in its tests."""

    def __init__(self, plan: Plan | None = None) -> None:
        super().__init__(None, plan)
        self.seen = Profile()
        #: Test to the calls with plain values that it makes, in order.
        self.calls: dict[str, list[Control]] = {}
        #: Test to the answers in which its objects decided about themselves.
        self.decided: dict[str, list[tuple[str, Any]]] = {}
        #: Test to what it asks, in order.
        self.events: dict[str, list[Event]] = {}
        self._asking: Event | None = None
        #: Methods that tests call, by class: with what they could be called once more.
        self.methods: dict[str, list[Control]] = {}
        #: Test to its comparisons of objects: place, turn and the classes of the operands.
        self.compared: dict[str, list[tuple[str, int, list[str]]]] = {}
        self._hashes: dict[str, list[Any]] = {}
        #: Test and place to what a function of the test that their code calls asks there.
        self._each: dict[tuple[str, str], Control] = {}

    def begin(self, row: str) -> None:
        super().begin(row)
        if self.seen.asked is not None:
            self.seen.asked.setdefault(row, set())

    def compares_values(self) -> None:
        # Other solutions will be asked where this one is not.
        self.seen.asked = None

    def _control(self, place: str, message: list[Any]) -> Control | None:
        changed = super()._control(place, message)
        if not self._depth:
            self._asking = None
        self._note(place, message)
        return changed

    def _note(self, place: str, message: list[Any]) -> None:
        # As they are now: a list of the test's may change, and hold objects later.
        plain = {
            key: copy.deepcopy(value)
            for key, value in messages.values(message).items()
            if messages.is_plain(value)
        }
        if not (self.row and self.spot):
            return
        turn = EACH if self._depth else self._turns[self.spot] - 1
        if plain:
            self._note_call(Control(self.spot, turn, plain, called=place))
        if self._depth:
            return
        self._asking = event = Event.of(message, self.spot, turn)
        self.events.setdefault(self.row, []).append(event)
        if message[0] == "op" and message[1].strip("_") in _COMPARING:
            if self._spots.is_direct():
                event.is_direct = True
                self.seen.compared.setdefault(self.row, set()).add(self.spot)
            names = [type(x).__name__ for x in message[2] if isinstance(type(x), Mirror)]
            self.compared.setdefault(self.row, []).append((self.spot, turn, names))
        self._note_method(message, plain)

    def _note_call(self, control: Control) -> None:
        calls = self.calls.setdefault(self.row, [])
        if control.turn != EACH:
            calls.append(control)
            return
        # Other solutions may make it more often, so it has to be the same each time.
        place = self.row, control.place
        known = self._each.setdefault(place, control)
        if known is control:
            calls.append(control)
        elif repr(known.values) != repr(control.values):
            calls[:] = [call for call in calls if call is not known]

    def _note_method(self, message: list[Any], plain: dict[int | str, Any]) -> None:
        """A method that is called with plain values only could be called in any other test, too."""
        if message[0] == "method" and len(plain) == len(messages.values(message)):
            name = type(message[3]).__name__
            some = self.methods.setdefault(name, [])
            if not any((c.before, c.values) == ((message[2], 0), plain) for c in some):
                some.append(Control("", 0, plain, (message[2], 0)))

    def take(self, place: str, value: Any) -> Any:
        self._note_kinds(place, value)
        return value

    def _note_kinds(self, place: str, value: Any) -> set[str]:
        kinds: set[str] = set()
        _kinds(value, kinds, 0)
        self.seen.results.setdefault(place, set()).update(kinds)
        for kind in kinds:
            if kind.startswith(OBJECT):
                self.seen.classes.setdefault(kind[len(OBJECT) :], set())
        return kinds

    def _check(self, place: str, message: list[Any], result: Any, wanted: set[str] | None) -> Any:
        kinds = self._note_kinds(place, result)
        if self._depth == 0 and self.row:
            if (event := self._event()) is not None:
                event.gave(result)
            call = messages.call_of(place, message, lambda kind: kind.__name__)
            self.seen.answers.add(self.row, call, kinds)
        if message[0] == "op":
            self._note_special(message)
        elif message[0] == "method" and message[2] in SPECIAL:  # a test's own method asked for it
            self._note_classes(message[3], message[2].strip("_"))
        return result

    def _decides(self, place: str, message: list[Any], result: Any, exchange: Exchange) -> bool:
        if message[0] == "op" and self.row and self.seen.asked is not None:
            self.seen.asked[self.row].add(self._spots.place())
        found = super()._decides(place, message, result, exchange)
        if found:
            name = message[1].strip("_") if message[0] == "op" else ""
            answer = result
            if name in ORDER and _is_tie(message, result, exchange):
                answer = TIE
            elif name in DECIDING and type(result) is not bool:
                answer = self._alike(result)
            pair = (name if name in DECIDING else place, answer)
            some = self.decided.setdefault(self.row, [])
            if (event := self._event()) is not None:
                event.decides = len(some)
            some.append(pair)
        return found

    def _event(self) -> Event | None:
        """What the test asks now; of what its threads ask nothing is noted."""
        return None if self._depth or self._beside else self._asking

    def _judged(
        self, control: Control, spot: str, message: list[Any], result: Any, exchange: Exchange
    ) -> Any:
        name = message[1].strip("_") if message[0] == "op" else ""
        if name in ORDER and _is_tie(message, result, exchange):
            return result  # no control
        return super()._judged(control, spot, message, result, exchange)

    def _note_special(self, message: list[Any]) -> None:
        name = message[1].strip("_")
        for operand in message[2][:1] if name in _OF_THE_FIRST else message[2]:
            self._note_classes(operand, name)

    def _note_classes(self, operand: Any, name: str) -> None:
        if isinstance(type(operand), Mirror):
            for base in type(operand).__mro__:
                if isinstance(base, Mirror) and "__rid__" in vars(base):
                    self.seen.classes.setdefault(base.__name__, set()).add(name)

    def _alike(self, answer: Any) -> int:
        """Of hashes only which are the same: each process has others."""
        known = self._hashes.setdefault(self.row, [])
        if answer not in known:
            known.append(answer)
        return known.index(answer)


def _kinds(value: Any, found: set[str], depth: int) -> None:
    """The kind of a value, and of the objects that lie in it."""
    kind = type(value)
    if isinstance(kind, Mirror):
        found.add(OBJECT + kind.__name__ if kind.__rid__ is not None else kind.__name__)
    elif isinstance(value, Mirror):
        found.add("class")
    elif kind is RemoteFunction:
        found.add("function")
    elif depth == 0:
        found.add(kind.__name__)
    if depth < _MAX_DEPTH and kind in (list, tuple, set, frozenset, dict):
        items = [*value.keys(), *value.values()] if kind is dict else list(value)
        for item in items[:_MAX_ITEMS]:
            _kinds(item, found, depth + 1)


def _is_tie(message: list[Any], answer: Any, exchange: Exchange) -> bool:
    one, other = message[2]
    try:
        return bool(exchange(["op", message[1], [other, one]], [], {}) is answer)
    except TypeError:
        return False
