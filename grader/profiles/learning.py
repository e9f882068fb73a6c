"""Records the profile of a class problem from a right solution."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Sequence

from grader.profiles.candidates import candidates, changed_objects, in_turn
from grader.profiles.profile import MOST_CONTROLS, Control, Profile
from grader.profiles.worlds import Worlds, blamed
from grader.protocol import RECORDING_SECONDS, Verdict
from grader.remote.recording import TIE, Recording
from grader.remote.watching import Watch

_Answer = tuple[str, object]
#: How many controls of one comparison are kept, of different values.
_OF_ONE_COMPARISON = 3
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
        known = _find(worlds, watch, [key for key in passed if key in watch.decided])
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


def _find(worlds: Worlds, real: Recording, keys: list[str]) -> dict[str, list[Control]]:
    """Changes by which a comparison of objects, and nothing else, makes the solution fail."""
    waiting = {
        key: candidates(real.calls, key) + changed_objects(real.compared.get(key, ()), real.methods)
        for key in keys
    }
    found: dict[str, dict[int, list[Control]]] = {key: {} for key in keys}
    end = time.monotonic() + RECORDING_SECONDS / 2
    while time.monotonic() < end:
        for key, some in waiting.items():
            known = sum(map(bool, found[key].values()))
            if some and some[0].before is not None and known >= len(real.decided[key]):
                some.clear()  # each of its comparisons has a control by a value
        plan = {key: some.pop(0) for key, some in waiting.items() if some}
        if not plan:
            break
        watch = Recording(plan)
        statuses = {result.key: result.status for result in worlds.run(watch, plan).tests}
        for key, control in plan.items():
            where = _first_difference(real.decided[key], watch.decided.get(key, []))
            kept = found[key].setdefault(-1 if where is None else where, [])
            useful = where is not None and _is_new(control, kept)
            # `{Temp(5): 1}[wrong]` ends in an error, not in a check that does not hold.
            fails = statuses.get(key) in ("failed", "error")
            if useful and fails and key in watch.changed:
                kept.append(control)
            if _are_enough(found[key], len(real.decided[key])):
                waiting[key].clear()
    # One for each comparison before a second one of any.
    flat = {key: [*in_turn(kinds.values())][:MOST_CONTROLS] for key, kinds in found.items()}
    return {key: controls for key, controls in flat.items() if controls}


def _are_enough(found: dict[int, list[Control]], comparisons: int) -> bool:
    """For a test in which objects decide so many times."""
    kept = [len(some) for some in found.values() if some]
    one_of_each = len(kept) >= min(comparisons, MOST_CONTROLS)
    return one_of_each and (sum(kept) >= MOST_CONTROLS or min(kept) == _OF_ONE_COMPARISON)


def _is_new(control: Control, kept: list[Control]) -> bool:
    try:
        told = control.to_json()
    except ValueError:
        return False  # too large to be kept
    known = [(other.called, other.to_json()[2:]) for other in kept]
    return len(kept) < _OF_ONE_COMPARISON and (control.called, told[2:]) not in known


def _first_difference(real: Sequence[_Answer], changed: Sequence[_Answer]) -> int | None:
    """Where both answered, and not alike: a test that ended before it compared shows nothing."""
    for index, (one, other) in enumerate(zip(real, changed, strict=False)):
        if one != other:
            # What follows a new tie is for each solution to decide.
            return None if other[1] == TIE else index
    return None


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
    kept: dict[str, list[Control]] = {}
    for number in range(max(map(len, known.values()), default=0)):
        plan = {key: some[number] for key, some in known.items() if number < len(some)}
        watch = Watch(None, plan)
        wrong = blamed(plan, watch, worlds.run(watch, plan))
        for key, control in plan.items():
            if key not in wrong and (control.steady or key in watch.changed):
                kept.setdefault(key, []).append(control)
    return kept
