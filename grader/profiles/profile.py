"""What the reference solution of a class problem needed, as its tests saw it.

Recorded when a problem is published, kept with its version as JSON, enforced on every submission:
which special methods the tests used, what kinds of results each thing gave, and *controls*: small
changes to the tests after which the reference fails them, so every right solution must.
"""

from __future__ import annotations

import heapq
import json
from dataclasses import dataclass, field
from typing import Any

from grader import recorded
from grader.profiles.answers import SCALARS, Answers, is_mixed
from grader.profiles.control import Control

MAX_PROFILE_BYTES = 64 * 1024
#: Controls kept of one test.
MOST_CONTROLS = 32


def _words(text: str) -> list[str]:
    return text.split()


#: Special methods of which one can stand for another: what a test uses by one of them in the
#: reference, an honest solution may well offer by another.
_FAMILIES: tuple[frozenset[str], ...] = tuple(
    frozenset(_words(names))
    for names in (
        "eq ne hash",
        "lt le gt ge",
        "bool len",
        "len iter next getitem contains reversed",
        "getitem setitem delitem",
        "int float complex index trunc round ceil floor abs",
        *(
            f"{name} r{name} i{name}"
            for name in _words("add mul truediv floordiv mod matmul lshift rshift and or xor")
        ),
        "sub rsub isub neg add",
        "divmod rdivmod floordiv mod",
        "pow rpow ipow",
    )
)
#: These decide nothing: a result is checked to be text, an iterator gives what it gives.
_ALWAYS = frozenset(
    _words(
        "repr str format bytes fspath iter next aiter anext len getitem call "
        "enter exit aenter aexit"
    )
)


#: Results that hold nothing more, or whose items are among the kinds.
_LOOKED_INTO = SCALARS | {"list", "tuple", "dict", "set", "frozenset"}


class BadProfile(ValueError):
    """The profile does not have the agreed form."""


@dataclass
class Profile:
    #: Class to the special methods that the tests used, without underscores.
    classes: dict[str, set[str]] = field(default_factory=dict)
    #: Attribute `a`, call `f()` or operator `__add__` to the kinds of its results.
    results: dict[str, set[str]] = field(default_factory=dict)
    #: Key of a test result to changes that must make it fail.
    controls: dict[str, list[Control]] = field(default_factory=dict)
    #: Of places with mixed results, what each call gave.
    answers: Answers = field(default_factory=Answers)
    #: Test to the places where objects are asked by operators; None where that is not certain.
    asked: dict[str, set[str]] | None = field(default_factory=dict)
    #: Test to the places where it compares objects, for its author: not all may have a control.
    compared: dict[str, set[str]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """At most MAX_PROFILE_BYTES: of the tests with most controls, some are left out."""
        told: dict[str, Any] = {
            "version": recorded.VERSION,
            "python": recorded.PYTHON,
            "classes": {name: sorted(used) for name, used in sorted(self.classes.items())},
            "results": {place: sorted(kinds) for place, kinds in sorted(self.results.items())},
            "controls": {
                key: [control.to_json() for control in some]
                for key, some in sorted(self.controls.items())
            },
            "answers": self.answers.to_json(),
            "asked": self.asked
            and {row: sorted(places) for row, places in sorted(self.asked.items())},
            "compared": {row: sorted(places) for row, places in sorted(self.compared.items())},
        }
        excess = len(json.dumps(told)) - MAX_PROFILE_BYTES
        for part in ("compared", "controls", "answers", "asked", "results", "classes"):
            if excess > 0:
                excess -= _shorten(told[part] or {}, excess, keep_one=part == "controls")
        return told

    @classmethod
    def from_json(cls, told: Any) -> Profile:
        try:
            if told["version"] not in (*recorded.EARLIER, recorded.VERSION):
                raise BadProfile(f"profiles of version {told['version']} are not known")
            steady = recorded.is_current(told)
            return cls(
                {str(name): set(used) for name, used in told["classes"].items()},
                {str(place): set(kinds) for place, kinds in told["results"].items()},
                {
                    str(key): [Control.from_json(control, steady=steady) for control in some]
                    for key, some in told["controls"].items()
                },
                Answers.from_json(told.get("answers", {})),
                _places(told.get("asked")) if steady else None,
                _places(told.get("compared")) or {},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadProfile(f"This is no profile: {error}") from None

    def merge(self, other: Profile) -> None:
        """Of two recordings: what either needed, and the controls of the other one."""
        for mine, theirs in ((self.classes, other.classes), (self.results, other.results)):
            for name, found in theirs.items():
                mine.setdefault(name, set()).update(found)
        for row, places in other.compared.items():
            self.compared.setdefault(row, set()).update(places)
        self.controls = other.controls
        self._merge_asked(other.asked)
        self.answers.merge(other.answers)

    def _merge_asked(self, other: dict[str, set[str]] | None) -> None:
        if self.asked is None or other is None:
            self.asked = None
            return
        for row, places in other.items():
            self.asked.setdefault(row, set()).update(places)

    def named_like(self, kind: type) -> str:
        """The name of an object's class that is known, if there is one."""
        names = (base.__name__ for base in kind.__mro__ if base.__name__ in self.classes)
        return next(names, kind.__name__)

    def specials(self, *names: str) -> frozenset[str]:
        """Special methods that objects of a class forward; names: its own and those of its bases.

        A class that the reference does not have may be a base or a helper of one that it has.
        """
        known = next((self.classes[name] for name in names if name in self.classes), None)
        return with_families(set().union(*self.classes.values()) if known is None else known)

    def mixed(self, place: str) -> bool:
        return place in self.results and is_mixed(self.results[place])

    def only_scalars(self, place: str) -> bool:
        kinds = self.results.get(place)
        return kinds is not None and kinds <= SCALARS and kinds != {"NoneType"}

    def no_objects(self, place: str) -> bool:
        """Whether the reference gave no object of its own there, not even inside a list."""
        kinds = self.results.get(place)
        return kinds is not None and kinds <= _LOOKED_INTO


def _places(told: Any) -> dict[str, set[str]] | None:
    return None if told is None else {str(row): set(some) for row, some in told.items()}


def with_families(used: set[str]) -> frozenset[str]:
    near = (family for family in _FAMILIES if family & used)
    return frozenset(f"__{name}__" for name in _ALWAYS.union(used, *near))


def _shorten(part: dict[str, Any], excess: int, *, keep_one: bool) -> int:
    """Takes from the longest entries until at least `excess` bytes are gone, and says how many."""
    gone = 0
    sizes = [(-len(json.dumps(entry)), key) for key, entry in part.items()]
    heapq.heapify(sizes)
    while gone < excess and sizes:
        size, key = heapq.heappop(sizes)
        if keep_one and len(part[key]) > 1:
            less = len(json.dumps(part[key].pop())) + len(", ")
            heapq.heappush(sizes, (size + less, key))
        else:
            del part[key]
            less = -size + len(json.dumps(key)) + len(": ") + (len(", ") if part else 0)
        gone += less
    return gone
