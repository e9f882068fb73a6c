"""Grades class problems so that a comparison cannot be talked into a yes.

In `assert Money(3) + Money(4) == Money(7)` the student's own `__eq__` answers. So the submission
runs in several fresh processes, and in each of them every test either is as the author wrote it or
has one plain value changed: `… == Money(8)`, which the reference fails and the student's code has
to fail too. Nothing in such a process tells which tests are changed: the same calls come in the
same order. What is changed where is drawn for each test by itself, so it does not help to know that
this is the first process, or the third: of the ways in which it can be drawn for a test, code that
does not know the truth is right about one, which is 1 in 25.

Asking further questions at the comparison itself would be weaker: the object that a test made for
it is older than those of such questions.
"""

from __future__ import annotations

import collections
import dataclasses
import itertools
import operator
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.grading import Grading
from grader.profiles.learning import record
from grader.profiles.profile import Control, Profile
from grader.profiles.worlds import STILL_YES, Worlds, blamed
from grader.protocol import CONTROLS, GradeRequest, Level, TestResult, Verdict
from grader.remote.watching import Watch
from grader.verdicts.rows import verdict_status
from grader.verdicts.showing import capped

if TYPE_CHECKING:
    from grader.walls.box import Box

#: An answer that is only plausible may be right about one control.
_LEAST_CHANGED = 2
#: For hidden tests without words of their own.
ALWAYS_TRUE = (
    "A small change to this test has to make it fail, but your code still says yes: "
    "look at how it compares objects."
)


def grade(
    request: GradeRequest, take: Callable[[], Box], level: Level, start_clock: Callable[[], None]
) -> Verdict:
    """As `Grading` does, with the profile of a class problem enforced or recorded."""
    if request.profile is None and not request.record:
        return Grading(request, take, level).run(start_clock)
    worlds = Worlds(request, take, level, start_clock)
    return record(worlds) if request.record else _enforce(worlds)


@dataclass(frozen=True)
class Layout:
    #: Of each process, the results that are changed in it.
    plans: list[dict[str, Control]]
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
    plans: list[dict[str, Control]] = [{} for _ in range(count)]
    unchanged = {}
    for test, some in rows.items():
        if not some:
            continue
        chance = random.Random(f"{request.seed}/{test}")  # noqa: S311 - a draw, no secret
        changed = _some_of(count, chance)
        unchanged[test] = [number for number in range(count) if number not in changed]
        for key, controls in some.items():
            order = _apart(chance.sample(controls, len(controls)))
            for number, control in zip(changed, itertools.cycle(order)):
                plans[number][key] = control
    return Layout(plans, unchanged)


def _apart(controls: list[Control]) -> list[Control]:
    """One of each place first: not every right solution is asked at each. New values come before
    calls of methods, which say less."""
    seen: collections.Counter[str] = collections.Counter()
    turns = []
    for control in controls:
        turns.append((seen[control.place], control.before is not None, control))
        seen[control.place] += 1
    return [control for *_, control in sorted(turns, key=operator.itemgetter(0, 1))]


def _some_of(count: int, chance: random.Random) -> tuple[int, ...]:
    """Any set of at least two processes, but not all of them."""
    sets = [
        some
        for size in range(_LEAST_CHANGED, count)
        for some in itertools.combinations(range(count), size)
    ]
    return chance.choice(sets)


def _enforce(worlds: Worlds) -> Verdict:
    layout = layout_of(worlds.profile, worlds.request)
    verdicts: list[Verdict] = []
    faults: dict[str, str] = {}
    never: dict[str, bool] = {}
    for plan in layout.plans:
        watch = Watch(worlds.profile, plan)
        verdict = worlds.run(watch, plan)
        verdicts.append(verdict)
        if all(result.status == "not_run" for result in verdict.tests):
            return verdict  # it could not even be loaded
        faults |= blamed(plan, watch, verdict)
        for key, control in plan.items():
            never[key] = never.get(key, True) and _escaped(control, key, watch)
    # Code that sees to it that no change can be made is not believed either.
    faults |= {key: f"With a small change {STILL_YES}" for key, escaped in never.items() if escaped}
    return verdicts[0] if len(verdicts) == 1 else _merged(verdicts, layout, faults, worlds.request)


def _escaped(control: Control, key: str, watch: Watch) -> bool:
    """Whether it was not made where every right solution that decides anything is asked.

    A method that is called before a comparison is asked of any object that has it.
    """
    decided = control.before is not None or key in watch.decisive
    return control.is_firm and decided and key not in watch.changed


def _merged(
    verdicts: Sequence[Verdict], layout: Layout, faults: dict[str, str], request: GradeRequest
) -> Verdict:
    """Of each test the worst result of the processes in which it ran as it was written."""
    chosen = _chosen(verdicts, layout)
    on_fail = {test.key: test.on_fail for test in request.tests}
    results = [
        _failed(result, faults[key], on_fail.get(key))
        if key in faults and result.status == "passed"
        else result
        for key, (_, result) in chosen.items()
    ]
    lost = [n for n, result in chosen.values() if result.status not in ("passed", "failed")]
    reason = verdicts[lost[0]].reason if lost else None
    return dataclasses.replace(
        verdicts[0],
        tests=tuple(results),
        points=sum(result.points for result in results),
        max_points=sum(result.max_points for result in results),
        status=verdict_status(results, reason),
        reason=reason,
        message=verdicts[lost[0]].message if lost else "",
        error=next((v.error for n, v in enumerate(verdicts) if _counts(v, n, chosen)), None),
        stdout=_printed(verdicts[0], chosen, request),
        execution_time_ms=round(sum(verdict.execution_time_ms for verdict in verdicts), 3),
        memory_bytes=max(verdict.memory_bytes for verdict in verdicts),
    )


#: Key of a result to the number of the process and the result itself.
_Chosen = dict[str, tuple[int, TestResult]]


def _chosen(verdicts: Sequence[Verdict], layout: Layout) -> _Chosen:
    by_key = [{result.key: result for result in verdict.tests} for verdict in verdicts]
    chosen: _Chosen = {}
    for key in dict.fromkeys(key for results in by_key for key in results):
        found = [(n, by_key[n][key]) for n in layout.of(key) if key in by_key[n]]
        found = found or [(n, results[key]) for n, results in enumerate(by_key) if key in results]
        chosen[key] = next((one for one in found if one[1].status != "passed"), found[0])
    return chosen


def _failed(result: TestResult, words: str, on_fail: str | None) -> TestResult:
    if result.visible == "hidden":
        words = on_fail or ALWAYS_TRUE
    return dataclasses.replace(result, status="failed", points=0.0, message=words)


def _counts(verdict: Verdict, number: int, chosen: _Chosen) -> bool:
    """Whether its error is one of a test that counts there."""
    error = verdict.error
    if error is None:
        return False
    return number == (chosen[error.test][0] if error.test in chosen else 0)


def _printed(first: Verdict, chosen: _Chosen, request: GradeRequest) -> str:
    rest = [result.stdout for number, result in chosen.values() if number != 0]
    return capped("".join([first.stdout, *rest]), request.limits.output_kb * 1024)
