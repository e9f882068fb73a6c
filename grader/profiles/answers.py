"""What each call of a test gave in the reference, where it is now a number, now an object.

`v * w` is a number and `v * 3` is a vector: for `__mul__` as such nothing could be enforced, for
each call of it there can.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: How a result that is an object of a student's class is written.
OBJECT = "object:"
SCALARS = frozenset(
    {"NoneType", "bool", "int", "float", "complex", "str", "bytes", "Decimal", "Fraction"}
    | {"date", "time", "datetime", "timedelta"}
)
#: Between what is called and the kinds of its operands: `__mul__ of Vector,int`.
OF = " of "
#: Calls of one kind in one test whose results are told apart by their turn.
_MOST_TURNS = 50


@dataclass
class Answers:
    #: Test, then call with the kinds of its operands, to the kinds of its results by turn.
    of: dict[str, dict[str, list[set[str]]]] = field(default_factory=dict)

    def add(self, row: str, call: str, kinds: set[str]) -> None:
        turns = self.of.setdefault(row, {}).setdefault(call, [])
        if len(turns) < _MOST_TURNS:
            turns.append(set(kinds))
        else:
            turns[-1] |= kinds

    def expected(self, row: str, call: str, turn: int) -> set[str] | None:
        """None where nothing is known of such a call."""
        told = self.of.get(row)
        if told is None:
            return None
        turns = told.get(call)
        if turns is None:
            # Objects of a helper class that the reference does not have.
            found = [
                s for other, some in told.items() if _place(other) == _place(call) for s in some
            ]
            return set().union(*found) if found else None
        return turns[turn] if turn < len(turns) else set().union(*turns)

    def keep_mixed(self, results: dict[str, set[str]]) -> None:
        """Without what the place alone tells."""
        kept = {
            row: {call: t for call, t in calls.items() if is_mixed(results[_place(call)])}
            for row, calls in self.of.items()
        }
        self.of = {row: calls for row, calls in kept.items() if calls}

    def merge(self, other: Answers) -> None:
        """What either gave; where they differ in number, each turn may give what any gave."""
        for row, calls in other.of.items():
            mine = self.of.setdefault(row, {})
            for call, turns in calls.items():
                known = mine.setdefault(call, turns)
                if len(known) != len(turns):
                    mine[call] = [set().union(*known, *turns)]
                else:
                    mine[call] = [a | b for a, b in zip(known, turns, strict=True)]

    def to_json(self) -> dict[str, Any]:
        return {
            row: {call: [sorted(kinds) for kinds in turns] for call, turns in sorted(calls.items())}
            for row, calls in sorted(self.of.items())
        }

    @classmethod
    def from_json(cls, told: Any) -> Answers:
        return cls(
            {
                str(row): {
                    str(call): [set(kinds) for kinds in turns] for call, turns in calls.items()
                }
                for row, calls in told.items()
            }
        )


def _place(call: str) -> str:
    return call.partition(OF)[0]


def is_mixed(kinds: set[str]) -> bool:
    return any(kind.startswith(OBJECT) for kind in kinds) and not kinds.isdisjoint(SCALARS)
