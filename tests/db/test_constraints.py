"""What the schema refuses, whatever the program does."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.attempts.models import SubmissionKey
from pythonmastery_ext.curriculum import models as curriculum
from pythonmastery_ext.db.ids import new_id
from pythonmastery_ext.limits.models import RateLimit
from pythonmastery_ext.progress.models import Achievement, ProblemProgress, UserProgress, UserStats
from tests.db.rows import a_problem, a_question, a_user, an_analysis, an_attempt

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def a_test_case(version, **columns):
    values = {"key": "t", "name": "t", "order_index": 1, "source": "", "weight": 1, **columns}
    return curriculum.TestCase(
        problem_id=version.problem_id, version_id=version.id, is_sample=True, **values
    )


def a_hint(version, order):
    return curriculum.Hint(
        problem_id=version.problem_id,
        version_id=version.id,
        hint_order=order,
        kind="nudge",
        hint_text="Look.",
        unlock_condition={},
    )


def a_key(user, **columns):
    made, now = new_id()
    values = {"key": made, "body_sha": bytes(32), **columns}
    return SubmissionKey(user_id=user.id, attempt_id=made, submitted_at=now, **values)


def changed(row, **columns):
    for name, value in columns.items():
        setattr(row, name, value)
    return row


REFUSED = {
    "ck_app_user_role": lambda user, version: User(username="eve", role="emperor"),
    "uq_app_user_username": lambda user, version: User(username="ada"),
    "ck_problem_attempt_status": lambda user, version: an_attempt(
        user, version, status="lost", graded_at=NOW
    ),
    "ck_problem_attempt_kind": lambda user, version: an_attempt(user, version, kind="guess"),
    "ck_problem_attempt_graded": lambda user, version: an_attempt(user, version, status="passed"),
    "ck_problem_attempt_counts": lambda user, version: an_attempt(user, version, hints_used=-1),
    "ck_problem_attempt_measures": lambda user, version: an_attempt(
        user, version, execution_time=-0.001
    ),
    "ck_problem_attempt_points": lambda user, version: an_attempt(user, version, points=11),
    "ck_problem_attempt_results": lambda user, version: an_attempt(user, version, test_results={}),
    "ck_submission_key_body_sha": lambda user, version: a_key(user, body_sha=b"x"),
    "ck_problem_progress_counts": lambda user, version: ProblemProgress(
        user_id=user.id, problem_id=version.problem_id, submits=1, failed=2
    ),
    "ck_user_progress_counts": lambda user, version: UserProgress(
        user_id=user.id, section_id=1, xp_earned=-1
    ),
    "ck_user_stats_counts": lambda user, version: UserStats(user_id=user.id, xp=-1),
    "ck_user_stats_passed": lambda user, version: UserStats(user_id=user.id, attempts=1, passed=2),
    "ck_learning_analytics_counts": lambda user, version: changed(
        an_analysis(user, version), help_requests=-1
    ),
    "ck_achievement_achievement_type": lambda user, version: Achievement(
        user_id=user.id, achievement_type=""
    ),
    "ck_rate_limit_counts": lambda user, version: RateLimit(
        user_id=user.id, action="x", tokens=0, rate=1, burst=0, last_used=NOW
    ),
    "ck_hint_hint_text": lambda user, version: changed(a_hint(version, 1), hint_text=""),
    "ck_ai_interaction_response_quality": lambda user, version: a_question(
        user, response_quality=6
    ),
    "ck_ai_interaction_state": lambda user, version: a_question(user, state="lost"),
    "ck_ai_interaction_source": lambda user, version: a_question(user, source="rumour"),
    "ck_ai_interaction_message_type": lambda user, version: a_question(user, message_type="poem"),
    "ck_test_case_weight": lambda user, version: a_test_case(version, weight=11),
    "ck_hint_hint_order": lambda user, version: a_hint(version, 5),
    "ck_user_progress_completion_percentage": lambda user, version: UserProgress(
        user_id=user.id, section_id=1, completion_percentage=101
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_wrong_row_is_refused(db, name):
    async with db.transaction() as session:
        user, version = await a_user(session), await a_problem(session)
    with pytest.raises(IntegrityError) as caught:
        await db.retry(lambda session: add(session, REFUSED[name](user, version)))
    assert caught.value.orig.diag.constraint_name == name


async def test_a_submission_key_is_used_once(db):
    async with db.transaction() as session:
        user = await a_user(session)
    key = new_id()[0]
    await db.retry(lambda session: add(session, a_key(user, key=key)))
    with pytest.raises(IntegrityError):
        await db.retry(lambda session: add(session, a_key(user, key=key)))


async def test_what_belongs_to_a_person_goes_with_them(db):
    async with db.transaction() as session:
        user, version = await a_user(session), await a_problem(session)
        session.add_all([an_attempt(user, version), a_question(user)])
    async with db.transaction() as session:
        await session.execute(text("delete from app_user"))
    async with db.transaction() as session:
        assert await session.scalar(text("select count(*) from problem_attempt")) == 0
        assert await session.scalar(text("select count(*) from ai_interaction")) == 0
        assert await session.scalar(text("select count(*) from problem")) == 1


async def test_history_reads_an_index_and_no_whole_partition(db):
    """With sequential scans made dear, a plan that still has one has no index to use."""
    async with db.transaction() as session:
        await session.execute(text("set local enable_seqscan = off"))
        for query in (
            "select * from problem_attempt where user_id = 1 and problem_id = 1"
            " order by submitted_at desc limit 20",
            "select * from problem_attempt where user_id = 1 order by submitted_at desc limit 20",
            "select * from problem_attempt where status is null and user_id = 1",
            "select * from audit_event where learner_id = 1 and id > 5 and streamed order by id",
        ):
            plan = "\n".join(await session.scalars(text(f"explain {query}")))
            assert "Seq Scan" not in plan, plan
            assert "Index" in plan or "Bitmap" in plan


async def add(session, row):
    session.add(row)
    await session.flush()
