"""Finds controls for each comparison of each test, with the solution that is recorded."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Iterable, Iterator

from grader.profiles.candidates import (
    both_sides,
    candidates,
    changed_objects,
    changes_by_call,
    in_turn,
)
from grader.profiles.control import Control
from grader.profiles.lone import Event, Lone
from grader.profiles.profile import MOST_CONTROLS
from grader.profiles.rounds import differs, first_difference, rounds, together
from grader.profiles.worlds import Worlds
from grader.protocol import RECORDING_SECONDS
from grader.remote.recording import Recording

#: How many controls of one comparison are kept, of different values.
_OF_ONE_COMPARISON = 3
#: How many controls are kept that touch several comparisons; one for each, up to the most.
_OF_SEVERAL = 6
_MOST_OF_SEVERAL = 16
#: How many changes are tried for one comparison that nothing else depends on.
_MOST_TRIES = 12


def find(worlds: Worlds, real: Recording, keys: list[str]) -> dict[str, list[Control]]:
    """Changes by which a comparison of objects, and nothing else, makes the solution fail."""
    tests = [_Test(real, key) for key in keys]
    search = _Search(worlds, tests)
    search.alone()
    search.others()
    for test in tests:
        test.go_on_with_methods()
    search.alone()
    search.others()
    search.on_both_sides()
    return {test.key: controls for test in tests if (controls := test.controls())}


class _Test:
    """What is known of one of the tests, and what is found for it."""

    def __init__(self, real: Recording, key: str) -> None:
        self.key = key
        self.decided = real.decided[key]
        #: Number of an answer to its controls.
        self.found: dict[int, list[Control]] = {}
        self._wanted = _OF_ONE_COMPARISON
        events = real.events.get(key, ())
        self.lone = Lone(events)
        self._events = {(each.spot, each.turn): each for each in events}
        self._at = {each.decides: each.spot for each in events}
        self._before = changed_objects(real.compared.get(key, ()), real.methods)
        #: Number of an answer to changes that touch no other one.
        self.alone: dict[int, Iterator[Control]] = {}
        self.others: list[Control] = []
        self._choose(real)

    def _choose(self, real: Recording) -> None:
        ends = self.lone.comparisons()
        ways: dict[int, list[Iterator[Control]]] = {}
        for call, changes in changes_by_call(real.calls, self.key):
            event = ends.get((call.place, call.turn))
            if event is not None:
                ways.setdefault(event.decides, []).append(_judged(changes, event))
        self._keep_apart(ways)
        #: What is tried one by one; also where changes touch more than was seen.
        self._all = candidates(real.calls, self.key)
        self.others = [one for one in self._all if (one.place, one.turn) not in ends]
        if len(self.decided) == 1 and self.others:
            self._wanted = _OF_ONE_COMPARISON - 1  # and one elsewhere

    def go_on_with_methods(self) -> None:
        """Where no value makes a difference: of these less is certain."""
        self._wanted = 1
        known = sum(map(bool, self.found.values()))
        self._all = self._before if known < len(self.decided) else []
        self.others = []
        ways: dict[int, list[Iterator[Control]]] = {}
        for control in self._all:
            event = self._events[control.place, control.turn]
            if not self._is_last_of(control, event):
                self.others.append(control)
            elif not self.found.get(event.decides):
                ways.setdefault(event.decides, []).append(_judged([control], event))
        self._keep_apart(ways)

    def _keep_apart(self, ways: dict[int, list[Iterator[Control]]]) -> None:
        most = itertools.islice(sorted(ways.items()), MOST_CONTROLS)
        self.alone = {index: in_turn(some) for index, some in most}

    def controls(self) -> list[Control]:
        """One for each comparison before a second one of any."""
        kept = [*in_turn(controls for _, controls in sorted(self.found.items()))]
        alone = {control.decides for control in kept if control.is_alone}
        if len(self.found) > 1:
            kept = [one for one in kept if one.is_alone or one.decides not in alone]
        # Of those that touch several comparisons few are made in a submission.
        others = len({control.decides for control in kept} - alone)
        most = max(_OF_SEVERAL, min(others, _MOST_OF_SEVERAL))
        several = [one for one in kept if not one.is_alone][:most]
        return [c for c in kept if c.is_alone or _is_among(c, several)][:MOST_CONTROLS]

    def _is_last_of(self, control: Control, event: Event) -> bool:
        """Whether the objects that are changed before it are never used again."""
        if not event.tells:
            return False
        return all(self.lone.ends(event, number) for number, _ in control.methods(event.asked))

    def are_enough(self) -> bool:
        kept = [len(some) for some in self.found.values() if some]
        one_of_each = len(kept) >= min(len(self.decided), MOST_CONTROLS)
        return one_of_each and (sum(kept) >= MOST_CONTROLS or min(kept) == _OF_ONE_COMPARISON)

    def next_other(self) -> Control | None:
        while self.others and not self.are_enough():
            control = self.others.pop(0)
            event = self._events.get((control.place, control.turn))
            # One call of a method is enough: what is right if the original is changed behind a copy
            # is less certain.
            if control.before is None or event is None or not self.found.get(event.decides):
                return control
        return None

    def next_alone(self) -> list[Control]:
        wanted = [i for i in self.alone if len(self.found.get(i, ())) < self._wanted]
        return [c for i in wanted if (c := next(self.alone[i], None)) is not None]

    def take_alone(self, plan: list[Control], watch: Recording, status: str) -> None:
        state = watch.changes.of(self.key)
        where = differs(self.decided, watch.decided.get(self.key, []))
        open_ones = [c for c in state.made if not _is_among(c, state.noticed)]
        as_seen = where is None or any(where == control.decides for control in open_ones)
        if not as_seen or not (status == "passed" or state.may_fail):
            self.alone.clear()  # they touch more than was seen
            self.others = list(self._all)
            return
        for control in plan:
            if _is_among(control, state.noticed):
                self.keep(control)
            elif not _is_among(control, state.made) or _is_among(control, state.waiting.values()):
                queue = self.alone[control.decides]  # the test had ended before
                self.alone[control.decides] = itertools.chain([control], queue)

    def take_other(self, control: Control, watch: Recording, status: str) -> None:
        where = first_difference(self.decided, watch.decided.get(self.key, []))
        # `{Temp(5): 1}[wrong]` ends in an error, not in a check that does not hold.
        if where is not None and status in ("failed", "error") and watch.changes.of(self.key).made:
            self.keep(dataclasses.replace(control, decides=where, at=self._at.get(where, "")))

    def keep(self, control: Control) -> None:
        kept = self.found.setdefault(control.decides, [])
        if len(kept) < _OF_ONE_COMPARISON and _is_new(control, kept):
            kept.append(control)

    def on_both_sides(self) -> list[Control]:
        tried: list[Control] = []
        for some in self.found.values():
            calls = [one for one in some if one.before is not None]
            event = self._events[calls[0].place, calls[0].turn] if calls else None
            if event is not None and event.is_equality and event.answer:
                same = [c for c in self._before if (c.place, c.turn) == (event.spot, event.turn)]
                for control in both_sides([calls[0], *same]):
                    alone = self._is_last_of(control, event)
                    tried += _judged([control], event, is_alone=alone)
        return tried


class _Search:
    def __init__(self, worlds: Worlds, tests: list[_Test]) -> None:
        self._worlds = worlds
        self._tests = tests
        self._end = time.monotonic() + RECORDING_SECONDS / 2

    def _run(self, plan: dict[str, list[Control]]) -> tuple[Recording, dict[str, str]] | None:
        if not plan or time.monotonic() > self._end:
            return None
        watch = Recording(plan)
        results = self._worlds.run(watch, plan, no_others=True).tests
        return watch, {result.key: result.status for result in results}

    def alone(self) -> None:
        """Changes that touch one comparison each are tried together, one for each of them."""
        for _ in range(_MOST_TRIES):
            plan = {test.key: some for test in self._tests if (some := test.next_alone())}
            if (seen := self._run(plan)) is None:
                break
            watch, statuses = seen
            for test in self._tests:
                if test.key in plan:
                    status = statuses.get(test.key, "not_run")
                    test.take_alone(plan[test.key], watch, status)

    def others(self) -> None:
        """After these the rest of the test is another one."""
        while True:
            plan = {test.key: [c] for test in self._tests if (c := test.next_other()) is not None}
            if (seen := self._run(plan)) is None:
                break
            watch, statuses = seen
            for test in self._tests:
                for control in plan.get(test.key, ()):
                    test.take_other(control, watch, statuses.get(test.key, "not_run"))

    def on_both_sides(self) -> None:
        for plan in rounds({test.key: test.on_both_sides() for test in self._tests}, together):
            if (seen := self._run(plan)) is None:
                break
            for test in self._tests:
                for control in plan.get(test.key, ()):
                    if _is_among(control, seen[0].changes.of(test.key).noticed):
                        test.found[control.decides].insert(0, control)


def _judged(
    changes: Iterable[Control], event: Event, *, is_alone: bool = True
) -> Iterator[Control]:
    """By the answer of this comparison."""
    decides, at, answer = event.decides, event.spot, event.answer
    return (
        dataclasses.replace(one, decides=decides, at=at, answer=answer, is_alone=is_alone)
        for one in changes
    )


def _is_among(control: Control, some: Iterable[Control]) -> bool:
    return any(one is control for one in some)  # arrays compare item by item


def _is_new(control: Control, kept: list[Control]) -> bool:
    try:
        told = control.to_json()
    except ValueError:
        return False  # too large to be kept
    known = [(other.called, other.to_json()[2:5]) for other in kept]
    return (control.called, told[2:5]) not in known
