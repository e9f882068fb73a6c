"""Watches a reference solution and writes down what its profile is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.profiles.profile import OBJECT, Control, Profile
from grader.remote import messages
from grader.remote.functions import RemoteFunction
from grader.remote.proxies import Mirror
from grader.remote.watching import Watch

#: Answers by which the student's code itself decides about its objects.
_DECIDING = frozenset({"eq", "ne", "lt", "le", "gt", "ge", "contains", "hash", "bool"})
#: What a container does with a thing that may be an object, too.
_OF_THE_FIRST = frozenset({"contains", "getitem", "setitem", "delitem"})
_MAX_DEPTH = 3
_MAX_ITEMS = 50


class Recording(Watch):
    """Writes down what the reference needs, and what could be changed in its tests."""

    def __init__(self, plan: Mapping[str, Control] | None = None) -> None:
        super().__init__(None, plan)
        self.seen = Profile()
        #: Test to the calls with plain values that it makes, in order.
        self.calls: dict[str, list[Control]] = {}
        #: Test to the answers in which its objects decided about themselves.
        self.decided: dict[str, list[tuple[str, Any]]] = {}
        self._hashes: dict[str, list[Any]] = {}

    def _count(self, place: str, message: list[Any]) -> None:
        turn = self._turns.get(place, 0)
        super()._count(place, message)
        plain = {
            key: value
            for key, value in messages.values(message).items()
            if messages.is_plain(value)
        }
        if plain and self.row:
            self.calls.setdefault(self.row, []).append(Control(place, turn, plain))

    def _check(self, place: str, message: list[Any], result: Any) -> Any:
        kinds: set[str] = set()
        _kinds(result, kinds, 0)
        self.seen.results.setdefault(place, set()).update(kinds)
        for kind in kinds:
            if kind.startswith(OBJECT):
                self.seen.classes.setdefault(kind[len(OBJECT) :], set())
        if message[0] == "op":
            self._note_special(message, result)
        return result

    def _note_special(self, message: list[Any], result: Any) -> None:
        name = message[1].strip("_")
        for operand in message[2][:1] if name in _OF_THE_FIRST else message[2]:
            if isinstance(type(operand), Mirror):
                for base in type(operand).__mro__:
                    if isinstance(base, Mirror) and "__rid__" in vars(base):
                        self.seen.classes.setdefault(base.__name__, set()).add(name)
        if name in _DECIDING:
            answer = result if type(result) is bool else self._alike(result)
            self.decided.setdefault(self.row, []).append((name, answer))

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
    elif depth == 0:
        found.add("function" if kind is RemoteFunction else kind.__name__)
    if depth < _MAX_DEPTH and kind in (list, tuple, set, frozenset, dict):
        items = [*value.keys(), *value.values()] if kind is dict else list(value)
        for item in items[:_MAX_ITEMS]:
            _kinds(item, found, depth + 1)
