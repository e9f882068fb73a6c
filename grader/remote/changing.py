"""Which changes of a plan were made in a test, and whether its comparisons noticed them.

A control that touches one comparison only is judged there: the answer has to be another one than
the reference gave. Then the test is told the reference's answer and goes on, as it was written, to
the next comparison, where another control may wait. So one process asks about all of a long test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.profiles.control import EACH, Control
from grader.remote import messages

#: Of each test, what is changed in it.
Plan = Mapping[str, Sequence[Control]]


#: Objects of such classes may be compared on the tests' side, by what they hold.
COMPARED_HERE = (int, float, str, bytes, tuple, frozenset, complex)


@dataclass
class Changed:
    """In one test."""

    #: In words, what was changed last.
    told: str = ""
    made: list[Control] = field(default_factory=list)
    #: Their comparisons gave the answer that they had to give.
    noticed: list[Control] = field(default_factory=list)
    #: They gave another one.
    missed: list[Control] = field(default_factory=list)
    #: Number of a changed object, before its comparison, to its control.
    waiting: dict[Any, Control] = field(default_factory=dict)
    #: Those of them whose class compares, and not what it holds on the tests' side.
    asking: set[Any] = field(default_factory=set)
    #: After a change that touches more than one comparison nothing is known of the rest.
    is_last: bool = False

    @property
    def still_yes(self) -> bool:
        """Whether a test that passed had to fail."""
        return len(self.noticed) < len(self.made)

    @property
    def may_fail(self) -> bool:
        """Whether something is changed that this test had not yet got over.

        A changed object that was never compared is no reason, once code could tell from another
        comparison that this is not the test as it was written.
        """
        if self.is_last:
            return True
        held = {id(self.waiting[n]) for n in self.asking & self.waiting.keys()}
        return len(self.made) - len(self.noticed) > (len(held) if self.noticed else 0)

    @property
    def judged(self) -> list[Control]:
        return [*self.noticed, *self.missed]


class Changes:
    def __init__(self, plan: Plan | None) -> None:
        self._plan = plan or {}
        self.rows: dict[str, Changed] = {}
        self._now = Changed()
        self._planned: dict[tuple[str, int], Control] = {}

    def begin(self, row: str) -> None:
        self._now = Changed()
        self._planned = {(some.place, some.turn): some for some in self._plan.get(row, ())}
        if self._planned:
            self.rows[row] = self._now

    def of(self, row: str) -> Changed:
        return self.rows.get(row, Changed())

    def start_again(self) -> None:
        """Beside a fresh process, in which numbers stand for other things."""
        self._now.waiting.clear()

    def planned(self, asked: Sequence[tuple[str, int]]) -> Control | None:
        if not self._planned:
            return None
        return next((self._planned[each] for each in asked if each in self._planned), None)

    def make(self, control: Control, words: str) -> None:
        now = self._now
        now.told = words
        if all(control is not known for known in now.made):
            now.made.append(control)
        if not control.is_alone:
            now.is_last = True
            now.waiting.clear()
            again = control.turn == EACH
            self._planned = {(control.place, EACH): control} if again else {}

    def call_before(self, control: Control, message: list[Any]) -> None:
        name, _ = control.before or ("", 0)
        known = {messages.number(one): one for one in messages.operands(message)}
        asked = [one for number, one in known.items() if number is not None]
        if not asked:
            return
        named = {key: value for key, value in control.values.items() if type(key) is str}
        self.make(control, f"one more call of {name}() before the comparison")
        for operand, given in control.methods(asked):
            getattr(operand, name)(*given, **named)
            self.wait(control, operand)

    def wait(self, control: Control | None, thing: Any) -> None:
        """For the comparison of what a changed call gave."""
        if control is None or control.answer is None:
            return
        number = messages.number(thing)
        if number is not None:
            self._now.waiting[number] = control
            kind = type(thing)
            if "__eq__" in _own_names(kind) and not issubclass(kind, COMPARED_HERE):
                self._now.asking.add(number)

    def asked(self, message: list[Any]) -> Control | None:
        """Whose object is used here."""
        waiting = self._now.waiting
        if not waiting:
            return None
        numbers = map(messages.number, messages.operands(message))
        found = next((waiting[each] for each in numbers if each in waiting), None)
        if found is not None:
            self._now.waiting = {each: one for each, one in waiting.items() if one is not found}
        return found

    def judged(self, control: Control, answer: bool) -> bool | None:
        """What the test is told instead."""
        now = self._now
        if (answer is control.answer) is control.is_twin:
            now.noticed.append(control)
        else:
            now.missed.append(control)
        return control.answer


def _own_names(kind: type) -> set[str]:
    """Beyond those of every object."""
    return {name for base in kind.__mro__ if base is not object for name in vars(base)}
