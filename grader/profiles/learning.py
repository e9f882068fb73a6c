"""Records the profile of a class problem from a right solution."""

from __future__ import annotations

import dataclasses
import re
import time

from grader.profiles.control import Control
from grader.profiles.finding import find
from grader.profiles.profile import Profile
from grader.profiles.rounds import by_themselves, rounds, together
from grader.profiles.worlds import Worlds, blamed
from grader.protocol import RECORDING_SECONDS, Verdict
from grader.remote.recording import Recording
from grader.remote.watching import Watch

#: Solutions that throw dice, and how often such a one has to fail a control.
_DICE = re.compile(r"\b(random|secrets)\b")
_THROWS = 12


def record(worlds: Worlds) -> Verdict:
    """The verdict of the unchanged tests; with the profile if they all passed."""
    watch = Recording()
    verdict = worlds.run(watch, {})
    if verdict.status != "passed":
        return verdict
    found, steady = _steady(worlds, watch)
    if worlds.request.profile is None:
        passed = [result.key for result in verdict.tests if result.status == "passed"]
        watch.calls = steady
        known = find(worlds, watch, [key for key in passed if key in watch.decided])
        found.controls = _lasting(worlds, known)
    else:
        found.controls = _confirmed(worlds, worlds.profile.controls)
    worlds.profile.merge(found)
    return dataclasses.replace(verdict, profile=worlds.profile.to_json())


def _steady(worlds: Worlds, first: Recording) -> tuple[Profile, dict[str, list[Control]]]:
    """What was seen, twice: a test may ask for the time. With the calls that were the same."""
    again = Recording()
    if worlds.run(again, {}).status == "passed":
        first.seen.merge(again.seen)
    first.seen.answers.keep_mixed(first.seen.results)
    same = {row: _common(calls, again.calls.get(row, [])) for row, calls in first.calls.items()}
    return first.seen, same


def _common(calls: list[Control], others: list[Control]) -> list[Control]:
    known = {(other.place, other.turn): repr(other.values) for other in others}
    return [call for call in calls if known.get((call.place, call.turn)) == repr(call.values)]


def _lasting(worlds: Worlds, known: dict[str, list[Control]]) -> dict[str, list[Control]]:
    """Where the solution itself throws dice: those that it fails each time, and not by chance."""
    if not _DICE.search(worlds.request.code):
        return known
    end = time.monotonic() + RECORDING_SECONDS / 2
    for _ in range(_THROWS):
        if not known or time.monotonic() > end:
            return {}
        known = _confirmed(worlds, known)
    return known


def _confirmed(worlds: Worlds, known: dict[str, list[Control]]) -> dict[str, list[Control]]:
    """Of these the ones that this solution, too, fails."""
    kept: dict[str, set[int]] = {key: set() for key in known}
    doubtful: dict[str, list[Control]] = {}
    for plan in rounds(known, together):
        doubtful |= _keep_confirmed(worlds, plan, kept, doubtful)
    for plan in rounds(doubtful, by_themselves):
        _keep_confirmed(worlds, plan, kept, {})
    found = {key: [c for c in some if id(c) in kept[key]] for key, some in known.items()}
    return {key: some for key, some in found.items() if some}


def _keep_confirmed(
    worlds: Worlds,
    plan: dict[str, list[Control]],
    kept: dict[str, set[int]],
    doubtful: dict[str, list[Control]],
) -> dict[str, list[Control]]:
    """What is left to be tried alone."""
    watch = Watch(None, plan)
    wrong = blamed(plan, watch, worlds.run(watch, plan))
    again = {}
    for key, some in plan.items():
        state = watch.changes.of(key)
        made = {id(control) for control in state.made}
        if key not in wrong:
            kept[key] |= {id(c) for c in some if c.steady or id(c) in made}
        elif len(some) > 1:
            again[key] = [*doubtful.get(key, ()), *some]
    return again
