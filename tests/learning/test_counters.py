"""However learners, workers and regrades come after each other, counters equal a recomputation."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pythonmastery_ext.adaptive import service as adaptive
from pythonmastery_ext.analytics import keeping
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.db import partitions
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.progress import counters
from tests.conftest import fresh_database
from tests.learning.anew import Anew, AtProblem, OfLearner
from tests.learning.conftest import PROBLEMS, STATUSES, Classroom, open_course, outcome

LEARNERS = 2
REASONS = (None, None, "syntax_error", "exception")

verdicts = st.tuples(st.sampled_from(STATUSES), st.sampled_from(REASONS))
learners = st.integers(0, LEARNERS - 1)
problems = st.sampled_from(PROBLEMS)
sent = st.tuples(
    st.just("sent"),
    learners,
    problems,
    st.sampled_from(("submit", "submit", "submit", "check")),
    st.sampled_from((0, 0, 1, 2, 3, 5)),
    verdicts,
)
hints = st.tuples(st.just("hint"), learners, problems, st.integers(1, 4))
regrades = st.tuples(st.just("regrade"), st.integers(0, 99), verdicts)
acts = st.lists(st.one_of(sent, sent, sent, hints, regrades), min_size=1, max_size=12)

COUNTED = tuple(OfLearner().totals())
TABLES = {
    "user_stats": "user_id",
    "user_progress": "user_id, section_id",
    "problem_progress": "user_id, problem_id",
    "learner_day": "user_id, day",
}


class Runner:
    """One loop, one database and one course for all examples; each has learners of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        self._loop = asyncio.Runner()
        self.db = self._loop.run(self._open(url, folder))

    async def _open(self, url: str, folder: Path) -> Database:
        db = Database(url)
        await open_course(db, folder)
        async with db.transaction() as session:
            await partitions.ensure(session, now=datetime.now(UTC) - timedelta(days=31))
        return db

    def run(self, work: Any) -> None:
        self._loop.run(work)

    def close(self) -> None:
        self._loop.run(self.db.close())
        self._loop.close()


@pytest.fixture(scope="module")
def runner(
    postgres_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runner]:
    with fresh_database(postgres_url, template) as url:
        made = Runner(url, tmp_path_factory.mktemp("learning") / "course")
        yield made
        made.close()


@given(acts)
@settings(max_examples=10, deadline=None, phases=(Phase.explicit, Phase.generate))
def test_counters_and_views_equal_a_recomputation(runner: Runner, acts: list[Any]) -> None:
    runner.run(play_and_compare(runner.db, acts))


async def play_and_compare(db: Database, acts: list[Any]) -> None:
    room = Classroom(db)
    people = [await room.learner() for _ in range(LEARNERS)]
    await play(room, people, acts)
    await keeping.roll_up(db)
    await keeping.refresh(db)
    anew = await Anew.read(room)
    await compare_learners(room, anew, people)
    await compare_problems(room, anew)
    await compare_views(room, anew, people)
    await check_the_command(room, people)


async def play(room: Classroom, people: list[int], acts: list[Any]) -> None:
    done = []
    for kind, *what in acts:
        if kind == "sent":
            who, slug, how, days_ago, verdict = what
            attempt = await room.send(people[who], slug, kind=how, days_ago=days_ago)
            done.append((await room.verdict(attempt, outcome(*verdict))).id)
        elif kind == "hint":
            who, slug, order = what
            await room.hint(people[who], slug, order)
        elif done:
            which, verdict = what
            await room.regrade(done[which % len(done)], outcome(*verdict, milliseconds=7.0))


async def compare_learners(room: Classroom, anew: Anew, people: list[int]) -> None:
    for learner in people:
        found = await room.rows("select * from user_stats where user_id = :u", u=learner)
        want = anew.learners[learner].totals()
        have = found[0] if found else dict.fromkeys(COUNTED, 0) | {"last_active": None}
        assert {name: have[name] for name in COUNTED} == want
        await compare_progress(room, anew, learner)
        await compare_sections(room, anew, learner, want["longest_streak"])


async def compare_progress(room: Classroom, anew: Anew, learner: int) -> None:
    rows = await room.rows("select * from problem_progress where user_id = :u", u=learner)
    names = [one.name for one in fields(AtProblem) if one.name not in ("section", "last")]
    for row in rows:
        at = anew.learners[learner].problems.get(row["problem_id"], AtProblem(0))
        if not at.submits:
            # How many points there are to have is known before anything is sent.
            at.max_points = row["max_points"]
        assert {name: row[name] for name in names} == {name: getattr(at, name) for name in names}
    have = {row["problem_id"] for row in rows}
    assert set(anew.learners[learner].problems) <= have


async def compare_sections(room: Classroom, anew: Anew, learner: int, longest: int) -> None:
    published = await room.rows("select section_id, count(*) from problem group by 1")
    total = {row["section_id"]: row["count"] for row in published}
    mine = list(anew.learners[learner].problems.values())
    rows = await room.rows("select * from user_progress where user_id = :u", u=learner)
    assert {at.section for at in mine} <= {row["section_id"] for row in rows}
    for row in rows:
        here = [at for at in mine if at.section == row["section_id"]]
        solved = sum(at.solved_at is not None for at in here)
        assert float(row["completion_percentage"]) == round(
            100 * solved / total[row["section_id"]], 2
        )
        assert row["xp_earned"] == sum(at.xp for at in here)
        assert row["streak_days"] == longest
        if here:
            assert row["last_activity"] == max(at.last for at in here)


async def compare_problems(room: Classroom, anew: Anew) -> None:
    assert await room.rows("select * from problem_change") == []
    for row in await room.rows("select * from problem_stats"):
        del row["updated_at"]
        assert row == {"problem_id": row["problem_id"], **anew.problem(row["problem_id"])}


async def compare_views(room: Classroom, anew: Anew, people: list[int]) -> None:
    for row in await room.rows(
        "select * from user_performance_summary where user_id = any(:people)", people=people
    ):
        want, totals = (
            anew.summed("user_id", row["user_id"]),
            anew.learners[row["user_id"]].totals(),
        )
        assert (row["total_attempts"], row["max_streak"], row["total_xp"]) == (
            want["count"],
            totals["longest_streak"],
            totals["xp"],
        )
        close(row, success_rate=want["passed"], avg_execution_time=want["time"])
    for row in await room.rows("select * from problem_difficulty_stats"):
        want = anew.summed("problem_id", row["problem_id"])
        assert (row["attempt_count"], row["difficulty_score"]) == (want["count"], 2)
        close(
            row,
            pass_rate=want["passed"],
            avg_execution_time=want["time"],
            avg_hints_used=want["hints"],
        )


def close(row: dict[str, Any], **wanted: float | None) -> None:
    for name, want in wanted.items():
        have = None if row[name] is None else float(row[name])
        assert have == pytest.approx(want), name


async def check_the_command(room: Classroom, people: list[int]) -> None:
    """What mends counters finds nothing to mend, and the skill state is what a replay makes."""
    before = await snapshot(room)
    skills = await states(room, people)
    async with room.db.transaction() as db:
        await counters.mend_all(db)
    assert await snapshot(room) == before
    for learner in people:
        async with room.db.transaction() as db:
            await audit.lock(db, learner)
            await adaptive.recount(db, learner)
    assert await states(room, people) == skills


async def snapshot(room: Classroom) -> dict[str, Any]:
    return {
        table: await room.rows(f"select * from {table} order by {key}")  # noqa: S608 - no input
        for table, key in TABLES.items()
    }


async def states(room: Classroom, people: list[int]) -> list[dict[str, Any]]:
    query = (
        "select user_id, current_skill_level, next_problem_difficulty, confidence_score,"
        " performance_trend, ability_mean, ability_variance, responses, skills, recent"
        " from adaptive_difficulty where user_id = any(:people) order by user_id"
    )
    return await room.rows(query, people=people)
