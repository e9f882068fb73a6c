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

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.grading import Grading
from grader.profiles.control import Control
from grader.profiles.drawing import Layout, Plan, further, layout_of
from grader.profiles.learning import record
from grader.profiles.worlds import STILL_YES, Worlds, blamed
from grader.protocol import GradeRequest, Level, TestResult, Verdict
from grader.remote.watching import Watch
from grader.verdicts.rows import verdict_status
from grader.verdicts.showing import capped

if TYPE_CHECKING:
    from grader.walls.box import Box

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


def _enforce(worlds: Worlds) -> Verdict:
    layout = layout_of(worlds.profile, worlds.request)
    runs: list[_Run] = []
    started = time.monotonic()
    for plan in layout.plans:
        runs.append(_run(worlds, plan))
        if all(result.status == "not_run" for result in runs[-1].verdict.tests):
            return runs[-1].verdict  # it could not even be loaded
    # Code that sees to it that no change can be made is not believed either.
    found = [run.escaped for run in runs]
    never = {key for some in found for key in some if all(each.get(key, True) for each in found)}
    if time.monotonic() - started < worlds.request.limits.wall_seconds:
        judged = _judged(layout, runs)
        runs += [_run(worlds, plan) for plan in further(layout, judged, worlds.request.seed)]
    faults = {key: words for run in runs for key, words in run.faults.items()}
    faults |= dict.fromkeys(never, f"With a small change {STILL_YES}")
    verdicts = [run.verdict for run in runs]
    return verdicts[0] if len(verdicts) == 1 else _merged(verdicts, layout, faults, worlds.request)


@dataclass(frozen=True)
class _Run:
    """Of a submission in one process."""

    watch: Watch
    verdict: Verdict
    faults: dict[str, str]
    #: Tests with a change, and whether it was not made though it had to be.
    escaped: dict[str, bool]


def _run(worlds: Worlds, plan: Plan) -> _Run:
    watch = Watch(worlds.profile, plan)
    verdict = worlds.run(watch, plan)
    escaped = {key: _escaped(some, key, watch) for key, some in plan.items()}
    return _Run(watch, verdict, blamed(plan, watch, verdict), escaped)


def _judged(layout: Layout, runs: list[_Run]) -> dict[str, set[int]]:
    """Tests that passed as they were written, with the answers about which it is known."""
    failed = {
        result.key
        for number, run in enumerate(runs)
        for result in run.verdict.tests
        if result.status != "passed" and number in layout.of(result.key)
    }
    keys = {key for plan in layout.plans for key in plan} - failed
    return {
        key: {each.decides for run in runs for each in run.watch.changes.of(key).judged}
        for key in sorted(keys)
    }


def _escaped(controls: list[Control], key: str, watch: Watch) -> bool:
    """Whether none was made, though one is where every right solution that decides anything is
    asked.

    A method that is called before a comparison is asked of any object that has it.
    """
    decided = key in watch.decisive
    firm = any(one.is_firm and (decided or one.before is not None) for one in controls)
    return firm and not watch.changes.of(key).made


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
