"""Draws which tests are changed in which of a submission's processes, and how.

What is changed where is drawn for each test by itself, so it does not help to know that this is the
first process, or the third: of the ways in which it can be drawn, code that does not know the truth
is right about one.

Where a test compares more than once, one of the processes runs it as it was written, and in which
of the others it is changed is drawn for each comparison by itself. So every comparison is asked
about in each submission, however many there are, as long as nothing else depends on it. Code that
knows from the comparisons before that this is not that one process still has 11 ways before it.
"""

from __future__ import annotations

import collections
import itertools
import operator
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.profiles.control import Control
from grader.profiles.profile import Profile
from grader.protocol import CONTROLS, GradeRequest

#: An answer that is only plausible may be right about one control.
_LEAST_CHANGED = 2


#: What is changed in one process, by the key of a test's result.
Plan = dict[str, list[Control]]


@dataclass(frozen=True)
class Layout:
    #: Of each process.
    plans: list[Plan]
    #: Test to the numbers of the processes in which it runs as it was written.
    unchanged: dict[str, list[int]]

    def of(self, key: str) -> list[int]:
        return self.unchanged.get(key.partition("::")[0], [0])


def layout_of(profile: Profile, request: GradeRequest) -> Layout:
    """The same for the same attempt; code that was sent before it cannot know it."""
    rows: dict[str, dict[str, list[Control]]] = {test.key: {} for test in request.tests}
    for key, controls in profile.controls.items():
        if controls and key.partition("::")[0] in rows:
            rows[key.partition("::")[0]][key] = controls
    count = 1 + CONTROLS if any(rows.values()) else 1
    layout = Layout([{} for _ in range(count)], {})
    for test, some in rows.items():
        if some:
            chance = random.Random(f"{request.seed}/{test}")  # noqa: S311 - a draw, no secret
            layout.unchanged[test] = _draw(layout.plans, some, chance)
    return layout


def further(layout: Layout, judged: Mapping[str, set[int]], seed: int) -> list[Plan]:
    """For comparisons that the processes did not come to: the test ended at one before, as its
    objects are compared on the tests' side. In each process one more, as far as there are some.

    judged: tests that passed as they were written, with the answers that are known of each.
    """
    plans: list[Plan] = [{} for _ in range(CONTROLS)]
    for key, known in judged.items():
        found = [control for plan in layout.plans for control in plan.get(key, ())]
        alone = {control.decides: control for control in found if control.is_alone}
        left = [control for number, control in alone.items() if number not in known]
        if len(alone) > 1:
            chance = random.Random(f"{seed}/{key}/further")  # noqa: S311 - a draw, no secret
            chance.shuffle(left)
            for plan, control in zip(plans, left, strict=False):
                plan[key] = [control]
    return [plan for plan in plans if plan]


def _draw(
    plans: list[Plan],
    controls: dict[str, list[Control]],
    chance: random.Random,
) -> list[int]:
    """The processes in which nothing is changed in this test."""
    groups = [(key, group) for key, some in controls.items() for group in _groups(some)]
    numbers = list(range(len(plans)))
    if len(groups) > 1:
        kept = chance.choice(numbers)
        numbers = [number for number in numbers if number != kept]
    for key, group in groups:
        # Of several groups each may be changed in all processes but the one that is kept.
        changed = _some_of(numbers, chance, most=CONTROLS)
        order = _apart(chance.sample(group, len(group)))
        for number, control in zip(changed, itertools.cycle(order), strict=False):
            plans[number].setdefault(key, []).append(control)
    return [n for n, plan in enumerate(plans) if not any(key in plan for key in controls)]


def _groups(controls: list[Control]) -> list[list[Control]]:
    """For each comparison one; and one of all changes that touch several things, as the rest of a
    test has no more to say after them."""
    alone: dict[int, list[Control]] = {}
    for control in controls:
        if control.is_alone:
            alone.setdefault(control.decides, []).append(control)
    rest = [c for c in controls if not c.is_alone and c.decides not in alone]
    groups = [*alone.values(), *([rest] if rest else [])]
    return groups if len(groups) > 1 else [controls]


def _apart(controls: list[Control]) -> list[Control]:
    """One of each place first: not every right solution is asked at each. New values come before
    calls of methods, which say less; of these come calls on both sides before calls on one."""
    seen: collections.Counter[tuple[str, int]] = collections.Counter()
    turns = []
    for control in controls:
        side = min(control.before[1], 0) if control.before is not None else 0
        turns.append((seen[control.place, side], control.before is not None, side, control))
        seen[control.place, side] += 1
    return [control for *_, control in sorted(turns, key=operator.itemgetter(0, 1, 2))]


def _some_of(numbers: Sequence[int], chance: random.Random, most: int) -> list[int]:
    """Any set of at least two of these processes, in any order."""
    sets = [
        some
        for size in range(_LEAST_CHANGED, most + 1)
        for some in itertools.combinations(numbers, size)
    ]
    return chance.sample(some := chance.choice(sets), len(some))
