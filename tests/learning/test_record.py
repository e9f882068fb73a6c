"""What one verdict leaves behind: sums, days, achievements, skill and analytics."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from pythonmastery_ext.adaptive import model
from pythonmastery_ext.adaptive.skills import skill
from pythonmastery_ext.analytics import keeping, quality
from pythonmastery_ext.db import partitions
from pythonmastery_ext.db.ids import new_id
from pythonmastery_ext.progress.streak import Streak
from pythonmastery_ext.tutor.models import AIInteraction
from pythonmastery_ext.worker import _finish
from tests.learning.conftest import PROBLEMS, Classroom, outcome

ROW = "select * from {} where user_id = :u"


async def types(room: Classroom, learner: int) -> list[str]:
    query = "select achievement_type from achievement where user_id = :u order by id"
    return [row["achievement_type"] for row in await room.rows(query, u=learner)]


async def mine(room: Classroom, table: str, learner: int) -> list[dict[str, Any]]:
    return await room.rows(ROW.format(table), u=learner)


async def test_a_verdict_that_is_recorded_twice_counts_once(room: Classroom) -> None:
    ada = await room.learner()
    attempt = await room.send(ada)
    await asyncio.gather(*(room.verdict(attempt, outcome("passed")) for _ in range(4)))
    (stats,) = await mine(room, "user_stats", ada)
    assert (stats["attempts"], stats["solved"], stats["xp"]) == (1, 1, 18)
    assert await types(room, ada) == ["first_pass"]
    assert len(await mine(room, "learning_analytics", ada)) == 1
    assert len(await mine(room, "adaptive_episode", ada)) == 1
    (earned,) = await room.rows("select * from audit_event where kind = 'achievement.earned'")
    assert (earned["learner_id"], earned["target"], earned["streamed"]) == (ada, "first_pass", True)


async def test_checks_our_faults_and_syntax_errors_leave_nothing_behind(room: Classroom) -> None:
    ada = await room.learner()
    await room.submit(ada, status="passed", kind="check")
    await room.submit(ada, status="error")
    await room.verdict(await room.send(ada), outcome("failed", "syntax_error"))
    for table in ("user_stats", "learner_day", "achievement", "adaptive_episode"):
        assert await mine(room, table, ada) == []
    assert await mine(room, "learning_analytics", ada) == []


async def test_a_streak_is_of_days_in_utc_on_which_code_was_sent(room: Classroom) -> None:
    async with room.db.transaction() as db:
        await partitions.ensure(db, now=datetime.now(UTC) - timedelta(days=20))
    ada = await room.learner()
    for days_ago, slug in ((3, "double"), (2, "double-again")):
        await room.submit(ada, slug, days_ago=days_ago)
    (stats,) = await mine(room, "user_stats", ada)
    assert (stats["streak_days"], stats["longest_streak"], stats["active_days"]) == (2, 2, 2)
    # A verdict that comes late closes the gap that it would have left.
    late = await room.send(ada, "double-more", days_ago=1)
    await room.submit(ada, "double-late", "partial")
    await room.verdict(late, outcome("passed"))
    (stats,) = await mine(room, "user_stats", ada)
    assert (stats["streak_days"], stats["longest_streak"]) == (4, 4)
    assert {row["streak_days"] for row in await mine(room, "user_progress", ada)} == {4}


def test_a_missed_day_ends_a_streak_and_nothing_else() -> None:
    monday = datetime(2026, 3, 2, tzinfo=UTC).date()
    days = [monday + timedelta(days=n) for n in (0, 1, 2, 4, 4)]
    streak = Streak()
    for day in days:
        streak = streak.on(day)
    assert (streak.days, streak.longest, streak.active_days) == (1, 3, 4)
    last = days[-1]
    running = [streak.running(last + timedelta(days=n)) for n in range(3)]
    assert running == [1, 1, 0]


async def test_a_section_is_achieved_once_and_kept_after_a_regrade(room: Classroom) -> None:
    ada = await room.learner()
    sent = [await room.submit(ada, slug) for slug in PROBLEMS]
    assert await types(room, ada) == ["first_pass", "section_completed:numbers"]
    await room.regrade(sent[0].id, outcome("failed"))
    (section,) = await mine(room, "user_progress", ada)
    assert float(section["completion_percentage"]) == 66.67
    await room.regrade(sent[0].id, outcome("passed"))
    assert await types(room, ada) == ["first_pass", "section_completed:numbers"]


async def test_solving_it_after_five_failures_is_an_achievement(room: Classroom) -> None:
    ada = await room.learner()
    for _ in range(5):
        await room.submit(ada, status="failed")
    await room.submit(ada)
    assert "unstuck" in await types(room, ada)


async def test_one_episode_for_a_problem_however_often_it_is_tried(room: Classroom) -> None:
    ada = await room.learner()
    await room.submit(ada, status="failed")
    (begun,) = await mine(room, "adaptive_episode", ada)
    await room.submit(ada, "double-again")
    await room.submit(ada, status="failed")
    await room.submit(ada)
    await room.submit(ada, status="failed")
    first, second = sorted(await mine(room, "adaptive_episode", ada), key=lambda e: e["number"])
    assert (begun["evidence"], first["evidence"]) == (0.0, model.evidence(3, 0))
    assert (first["skills"], first["predicted"]) == (["functions"], begun["predicted"])
    learner = model.Learner.new()
    for one in (first, second):
        task = model.Task(
            model.Gaussian(one["item_mean"], one["item_variance"]),
            model.Gaussian(one["skills_mean"], one["skills_variance"]),
            one["skills"],
        )
        learner, _ = model.learn(learner, task, one["evidence"])
    (state,) = await mine(room, "adaptive_difficulty", ada)
    assert state["ability_mean"] == pytest.approx(learner.ability.mean)
    assert state["skills"]["functions"][0] == pytest.approx(learner.skills["functions"].mean)
    assert (state["responses"], state["performance_trend"]["window"]) == (2, 2)
    assert state["recent"] == [[one["evidence"], one["predicted"]] for one in (first, second)]


async def test_problems_learn_from_an_episode_once_when_it_has_ended(room: Classroom) -> None:
    people = [await room.learner() for _ in range(3)]
    await room.submit(people[0], status="failed")
    await room.submit(people[1])
    await keeping.calibrate(room.db)
    await keeping.calibrate(room.db)
    item = await room.row("select * from item_difficulty")
    assert item["responses"] == 1
    assert item["mean"] < model.item_prior(2).mean
    assert item["variance"] < model.item_prior(2).variance
    await room.rows("update adaptive_episode set begun_at = now() - interval '2 days' returning 1")
    await keeping.calibrate(room.db)
    harder = await room.row("select * from item_difficulty")
    assert (harder["responses"], harder["mean"] > item["mean"]) == (2, True)
    await room.submit(people[2])
    episode = (await mine(room, "adaptive_episode", people[2]))[0]
    assert episode["item_mean"] == pytest.approx(harder["mean"])


async def test_analytics_tell_how_somebody_came_to_the_solution(room: Classroom) -> None:
    ada = await room.learner()
    await room.submit(ada, status="failed", kind="check")
    await room.submit(ada, status="partial")
    await room.hint(ada, "double", 1)
    await room.submit(ada)
    await room.submit(ada, status="failed")
    rows = sorted(await mine(room, "learning_analytics", ada), key=lambda row: row["created_at"])
    assert [row["errors_made"] for row in rows] == [2, 2, 2]
    assert [row["help_requests"] for row in rows] == [0, 1, 1]
    assert [float(row["completion_rate"]) for row in rows] == [0.5, 1.0, 0.0]
    assert [row["code_quality_score"] for row in rows] == [None, 100, None]


async def test_pauses_are_not_work_and_guesses_are_not_engagement(room: Classroom) -> None:
    ada = await room.learner()
    sent = [await room.submit(ada, status="failed") for _ in range(5)]
    rows = await room.rows("select * from learning_analytics order by created_at")
    assert [row["engagement_level"] for row in rows[-2:]] == ["low", "low"]
    minutes = (60, 55, 30, 28, 0)
    async with room.db.transaction() as db:
        for attempt, ago in zip(sent, minutes, strict=True):
            await db.execute(
                text("update problem_attempt set submitted_at = now() - :ago where id = :id"),
                {"ago": timedelta(minutes=ago), "id": attempt.id},
            )
        # What was summed up is not true any more, as for a learner of an earlier release.
        await db.execute(
            text("update problem_progress set opened_at = now() - interval '1 hour', tries = null")
        )
    last = await room.submit(ada)
    row = await room.row("select * from learning_analytics where id = :id", id=last.id)
    # Five minutes, ten of twenty-five, two, ten of twenty-eight.
    assert row["session_duration"] == pytest.approx(27 * 60, abs=20)
    assert row["engagement_level"] == "high"


def test_quality_is_relative_to_the_reference() -> None:
    plain = "def f(n):\n    return [x for x in range(n) if x % 2]\n"
    tangled = (
        "def f(n):\n    a = []\n    for x in range(n):\n        if x % 2 and x > 0 or x == 1:\n"
        "            if x not in a:\n                a.append(x)\n    return a\n"
    )
    assert quality.score(plain, plain) == 100
    assert quality.score("def f(n): return g(n)\n", plain) == 100
    assert quality.score(tangled, plain) == 50
    assert quality.score("def f(", plain) is None
    assert quality.score("x = 1\n" * 4000, plain) is None
    assert quality.score("x = " + "(" * 500 + ")" * 500, plain) is None
    assert quality.score("x = " + "-" * 9000 + "1", plain) is None


async def test_a_learner_from_before_there_were_counters_is_counted_in_full(
    room: Classroom,
) -> None:
    ada = await room.learner()
    await room.submit(ada, "double", "failed")
    await room.submit(ada, "double-again")
    for table in ("user_stats", "learner_day", "adaptive_episode", "adaptive_difficulty"):
        await room.rows(f"delete from {table} returning 1")  # noqa: S608 - names of ours
    await room.submit(ada, "double")
    (stats,) = await mine(room, "user_stats", ada)
    assert (stats["attempts"], stats["solved"], stats["active_days"]) == (3, 2, 1)
    assert len(await mine(room, "adaptive_episode", ada)) == 2


async def test_recomputing_mends_whatever_was_lost(room: Classroom) -> None:
    ada = await room.learner()
    for slug in PROBLEMS:
        await room.submit(ada, slug, "failed")
        await room.submit(ada, slug)
    tables = ("user_stats", "problem_progress", "user_progress", "learner_day", "achievement")
    before = {table: await mine(room, table, ada) for table in tables}
    for table in (*tables[2:], "adaptive_difficulty", "item_difficulty"):
        await room.rows(f"delete from {table} returning 1")  # noqa: S608 - names of ours
    await room.rows("update user_stats set xp = 1, longest_streak = 9 returning 1")
    await room.rows("update problem_progress set xp = 3, solved_try = null returning 1")
    assert await keeping.recompute(room.db) == 1
    for table in tables:
        again = await mine(room, table, ada)
        for row in [*again, *before[table]]:
            for made in ("id", "earned_at"):
                row.pop(made, None)
        assert sorted(map(str, again)) == sorted(map(str, before[table])), table
    assert len(await room.rows("select * from item_difficulty where responses = 1")) == 3
    assert (await room.row("select * from user_performance_summary"))["total_xp"] == 48


async def test_the_skill_state_is_read_anew_after_each_verdict(room: Classroom) -> None:
    ada = await room.learner()

    async def seen() -> Any:
        async with room.db.transaction() as db:
            return await skill(db, ada)

    before = await seen()
    assert (before.problems, before.confidence, before.skills) == (0, 0.0, [])
    await room.submit(ada)
    after = await seen()
    assert (after.problems, after.skills[0].skill) == (1, "functions")
    assert after.level > before.level
    assert after.skills[0].low < after.skills[0].chance < after.skills[0].high


@pytest.mark.parametrize(("status", "most"), [("failed", 22), ("passed", 34)])
async def test_a_verdict_takes_a_bounded_number_of_statements(
    room: Classroom, status: str, most: int
) -> None:
    """However much a learner has behind them: no statement for each of many rows."""
    ada = await room.learner()
    for slug in PROBLEMS[:2]:
        for _ in range(4):
            await room.submit(ada, slug, "failed")
    attempt = await room.send(ada, "double-more")
    said: list[str] = []
    engine = room.db._engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    await room.db.retry(lambda db: _finish(db, attempt, outcome(status)))
    assert len(said) <= most, "\n".join(said)


async def asks(room: Classroom, learner: int, problem: int) -> None:
    async with room.db.transaction(as_learner=learner) as db:
        made, now = new_id()
        db.add(
            AIInteraction(
                id=made,
                created_at=now,
                user_id=learner,
                problem_id=problem,
                message_type="question",
                user_message="Why?",
                state="streaming",
                source="built_in",
            )
        )


async def test_questions_to_the_tutor_are_counted_as_they_are_asked(room: Classroom) -> None:
    ada, problem = await room.learner(), await room.problem("double")
    await room.submit(ada, status="failed")
    for _ in range(2):
        await asks(room, ada, problem)
    second = await room.submit(ada, status="failed")
    # As after an upgrade: then the next verdict looks for them.
    await room.rows("update problem_progress set questions = null returning 1")
    await asks(room, ada, problem)
    third = await room.submit(ada)
    (at,) = await mine(room, "problem_progress", ada)
    helped = {
        row["id"]: row["help_requests"] for row in await mine(room, "learning_analytics", ada)
    }
    assert (helped[second.id], helped[third.id], at["questions"]) == (2, 3, 3)
