"""One change to a test: other plain values in one of its calls."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.wire.codec import Codec, CodecError

_MAX_VALUES = 400
#: What a control tells besides its place, turn and values, since answers are judged.
_WITH_ANSWER = 6
#: A list of the solution's may have been handed over as one, and its items are looked at here.
_ELSEWHERE = frozenset({"getitem", "setitem", "delitem", "contains"})
#: As often as it is made: in a function of the test that the student's code calls.
EACH = -1
#: In the place of an operand: the method is called on both, with the same values; or with the
#: first half of them on one, and the other half on the other.
ALIKE = -1
APART = -2


@dataclass(frozen=True)
class Control:
    """Other plain values for one call that a test makes."""

    #: Where in the test it is made, as `grader.remote.spots` tells it.
    place: str
    #: Which of those that are made there, counted from 0; or EACH.
    turn: int
    #: Position or keyword to its new value.
    values: Mapping[int | str, Any]
    #: Instead, this method of that operand is called with `values` before the call.
    before: tuple[str, int] | None = None
    #: Whether the place is the test's alone.
    steady: bool = True
    #: The answer of the test's objects that it changes first: which one of them, counted from 0,
    #: and where it is given.
    decides: int = -1
    at: str = ""
    #: What the reference answers there, where that is told yes or no.
    answer: bool | None = None
    #: Whether it changes no other answer, and nothing that is used afterwards.
    is_alone: bool = False
    #: What is called, while the profile is recorded.
    called: str = field(default="", compare=False)

    @property
    def is_twin(self) -> bool:
        """Whether the answer stays the same, because all operands are changed alike."""
        return self.before is not None and self.before[1] == ALIKE

    def methods(self, operands: Sequence[Any]) -> list[tuple[Any, list[Any]]]:
        """The operands whose method is called before, each with what it is given by position."""
        index = self.before[1] if self.before is not None else 0
        given = [value for key, value in self.values.items() if type(key) is int]
        if index == ALIKE:
            return [(operand, given) for operand in operands]
        if index == APART:
            half = len(given) // 2
            return list(zip(operands, (given[:half], given[half:]), strict=False))
        # Where the other solution gives a plain list, there is but one of them.
        return [(operands[min(index, len(operands) - 1)], given)]

    @property
    def is_firm(self) -> bool:
        """Whether every right solution is asked there, as far as the test comes."""
        kind = self.place.rpartition(" ")[2]
        if self.turn == EACH:
            return False
        return self.steady and kind not in _ELSEWHERE and (self.before is None or kind != "order")

    def to_json(self) -> list[Any]:
        """Raises CodecError where a value is not plain data."""
        data = Codec().encode([[key, value] for key, value in self.values.items()])
        if len(data) > _MAX_VALUES:
            raise CodecError("too large for a control")
        told = [self.place, self.turn, base64.b64encode(data).decode(), *(self.before or ())]
        if self.decides < 0:
            return told
        where = [self.decides, self.at, self.answer, self.is_alone]
        return [*told[:3], *(self.before or (None, None)), *where]

    @classmethod
    def from_json(cls, told: Any, *, steady: bool = True) -> Control:
        place, turn, data, *rest = told
        values = dict(Codec().decode(base64.b64decode(data)))
        before = (str(rest[0]), int(rest[1])) if rest and rest[0] is not None else None
        control = cls(str(place), int(turn), values, before, steady)
        if len(rest) < _WITH_ANSWER:
            return control
        decides, at, answer, is_alone = rest[2:_WITH_ANSWER]
        return dataclasses.replace(
            control,
            decides=int(decides),
            at=str(at),
            answer=answer if steady and type(answer) is bool else None,
            is_alone=steady and bool(is_alone),
        )
