"""The same submission again and again, each time in a new process, with this or that changed."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from grader.grading import Grading
from grader.profiles import dice
from grader.profiles.profile import Profile
from grader.protocol import GradeRequest, Level, Verdict
from grader.remote.changing import Changed, Plan
from grader.remote.watching import Watch
from grader.testing import namespace
from grader.walls import leftovers

if TYPE_CHECKING:
    from grader.walls.box import Box

STILL_YES = "this test has to fail, but your code still says yes: look at how it compares objects."
UNSTEADY = "This test passed, but your code did not get through it a second time."


class Worlds:
    def __init__(
        self,
        request: GradeRequest,
        take: Callable[[], Box],
        level: Level,
        start_clock: Callable[[], None],
    ) -> None:
        self.request = request
        self.profile = Profile.from_json(request.profile) if request.profile else Profile()
        self._take = take
        self._level = level
        self._start_clock = start_clock
        self._runs = 0

    def run(self, watch: Watch, plan: Plan, *, no_others: bool = False) -> Verdict:
        """Tests that the plan changes are run as hidden ones: nobody may see their values.

        no_others: those tests alone.
        """
        request = self.request
        for name in request.test_modules:
            namespace.forget(name)  # they hold objects of the process before
        if self._runs and self._level != "full":
            _renew(Path.cwd(), self._runs)
        self._runs += 1
        changed = {key.partition("::")[0] for key in plan}
        tests = tuple(
            dataclasses.replace(test, visible="hidden") if test.key in changed else test
            for test in request.tests
            if test.key in changed or not no_others
        )
        request = dataclasses.replace(request, tests=tests)
        dice.settle("")
        return Grading(request, self._take, self._level, watch).run(self._start_clock)


def _renew(folder: Path, number: int) -> None:
    """Where the walls are weaker, processes share a folder: nothing is passed on in it.

    Nor by it: an emptied folder keeps its attributes, its rights and its size.
    """
    old = folder.rename(folder.with_name(f"{folder.name}-{number}"))
    leftovers.remove(old)
    folder.mkdir()
    folder.chmod(0o777)  # as `work_folder` does
    os.chdir(folder)


def blamed(plan: Plan, watch: Watch, verdict: Verdict) -> dict[str, str]:
    """The tests of the plan that did not fail as they have to, with what there is to say."""
    statuses = {result.key: result.status for result in verdict.tests}
    told = {key: _blame(watch.changes.of(key), statuses.get(key, "not_run")) for key in plan}
    return {key: words for key, words in told.items() if words}


def _blame(changed: Changed, status: str) -> str:
    # The new value may be one of a hidden test, so it is not told.
    if changed.missed:
        return f"With {changed.told} {STILL_YES}"
    if status == "passed":
        return f"With {changed.told} {STILL_YES}" if changed.still_yes else ""
    # What fails though nothing is changed so far has failed as it was written.
    return UNSTEADY if status == "not_run" or not changed.may_fail else ""
