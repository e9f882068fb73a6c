"""Attempts that are in an archive go on counting when a later one is graded again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pythonmastery_ext import upkeep
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.db import partitions
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.partitions import Month
from tests.learning.conftest import Classroom, open_course, outcome

LONG_AGO = 70
STANDING = """
    select p.submits, p.failed, p.best_points, p.max_points, p.xp, p.solved_try, p.aided,
           p.tries, p.solved_at is not null as solved,
           s.xp as all_xp, s.attempts, s.passed, s.solved as all_solved, s.first_time, s.unaided,
           s.active_days, u.completion_percentage, u.xp_earned,
           e.evidence, e.solved_at is not null as learned, d.ability_mean,
           array(select completion_rate::text from learning_analytics a where a.user_id = p.user_id
                 order by created_at) as analytics
    from problem_progress p join user_stats s using (user_id) join user_progress u using (user_id)
    join adaptive_episode e using (user_id, problem_id) join adaptive_difficulty d using (user_id)
    where user_id = :learner
"""


class Case(NamedTuple):
    """How attempts went, and what becomes of the last one."""

    archived: list[str]
    there: list[str]
    regraded_to: str


CASES = (
    Case(["passed"], ["failed"], "partial"),
    Case(["failed", "passed"], ["passed"], "failed"),
    Case(["failed"], ["passed"], "failed"),
    Case(["partial"], ["passed"], "failed"),
    Case(["partial"], ["partial"], "failed"),
    Case(["partial"], ["failed"], "passed"),
    Case(["failed"], ["partial", "passed"], "failed"),
    Case([], ["partial", "passed"], "failed"),
)


@pytest.fixture
async def room(db: Database, tmp_path: Path) -> Classroom:
    await open_course(db, tmp_path / "course")
    async with db.transaction() as session:
        await partitions.ensure(session, 3, datetime.now(UTC) - timedelta(days=LONG_AGO))
    return Classroom(db)


async def test_a_regraded_learner_stands_as_if_nothing_were_archived(
    room: Classroom, tmp_path: Path
) -> None:
    expected, last = [], []
    for case in CASES:
        ada, ben = [await sent(room, case) for _ in range(2)]
        await room.regrade(ben.id, outcome(case.regraded_to))
        expected.append(await standing(room, ben.user_id))
        last.append(ada)
    before = Month.of(datetime.now(UTC) - timedelta(days=31))
    moved = [line async for line in upkeep.archive(room.db, before, tmp_path / "archive")]
    gone = 2 * sum(len(case.archived) for case in CASES)
    assert any(f": {gone} rows in" in line for line in moved)

    for case, want, ada in zip(CASES, expected, last, strict=True):
        await room.regrade(ada.id, outcome(case.regraded_to))
        found = await standing(room, ada.user_id)
        want["analytics"] = want["analytics"][-len(found["analytics"]) :]
        assert found == want, case


async def sent(room: Classroom, case: Case) -> ProblemAttempt:
    """The last of a new learner's attempts."""
    learner = await room.learner()
    for status in case.archived:
        await room.submit(learner, status=status, days_ago=LONG_AGO)
    return [await room.submit(learner, status=status) for status in case.there][-1]


async def standing(room: Classroom, learner: int) -> dict[str, Any]:
    return await room.row(STANDING, learner=learner)
