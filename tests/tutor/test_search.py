"""Instructors see how often learners ask about an error, and nothing of who asks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from pythonmastery_ext.attempts.schema import ErrorDetail
from pythonmastery_ext.db import partitions
from pythonmastery_ext.db.ids import new_id
from pythonmastery_ext.errors import InvalidFields, UnknownProblem
from pythonmastery_ext.tutor import about, search
from pythonmastery_ext.tutor.context import SeenVerdict, TutorContext
from pythonmastery_ext.tutor.models import AIInteraction
from pythonmastery_ext.tutor.schema import ConversationsPage
from pythonmastery_ext.tutor.search import Wanted
from tests.tutor.classroom import OTHER, PROBLEM, Classroom
from tests.tutor.conftest import MakeTutor

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


def context(message: str = "", error: str | None = None) -> TutorContext:
    seen = None
    if error is not None:
        seen = SeenVerdict(
            kind="submit",
            status="failed",
            reason="exception",
            message=None,
            tests=(),
            error=ErrorDetail(type=error, message="'ada'"),
            stdout=None,
            code="",
        )
    return TutorContext(message_type="question", message=message, verdict=seen)


@pytest.mark.parametrize(
    ("message", "error", "errors"),
    [
        ("Why?", None, []),
        ("Why?", "KeyError", ["KeyError"]),
        ("What is a KeyError, and a ValueError?", "IndexError", ["IndexError", "KeyError"]),
        ("KeyError KeyError Wilhelmina MyError", None, ["KeyError"]),
    ],
)
def test_a_question_is_about_the_last_error_and_those_that_it_names(message, error, errors):
    assert about.facts(context(message, error))["errors"][:2] == errors


def test_nothing_that_a_learner_wrote_is_among_the_facts():
    facts = about.facts(context("I am Wilhelmina, and this KeyError annoys me", "KeyError"))
    assert facts == {"errors": ["KeyError"], "status": "failed", "reason": "exception"}


async def test_facts_are_stored_with_each_question_and_shown_to_nobody(
    room: Classroom, tutor: MakeTutor
) -> None:
    for one in (tutor(None), tutor()):
        shown = await room.ask(one, problem=PROBLEM, message="What is a KeyError?")
        row = await room.row(shown.id)
        assert row.context_data is not None
        assert row.context_data[about.KEY]["errors"] == ["KeyError"]
        assert about.KEY not in (shown.context or {})


async def a_question(
    room: Classroom, tutor: MakeTutor, days_ago: int, rating: int | None = None, **fields: Any
) -> None:
    shown = await room.ask(tutor(None), message="KeyError?", **fields)
    made, moment = new_id(NOW - timedelta(days=days_ago))
    async with room.db.transaction() as db:
        await db.execute(
            update(AIInteraction)
            .where(AIInteraction.id == shown.id)
            .values(id=made, created_at=moment, response_quality=rating)
        )


@pytest.fixture
async def asked(room: Classroom, tutor: MakeTutor) -> Classroom:
    """Three days with questions, one of them with two problems; and one long ago."""
    async with room.db.transaction() as db:
        await partitions.ensure(db, 3, NOW - timedelta(days=60))
    await a_question(room, tutor, 0, rating=1, problem=PROBLEM)
    await a_question(room, tutor, 0, rating=5, problem=PROBLEM)
    await a_question(room, tutor, 0, problem=PROBLEM, learner=room.other)
    await a_question(room, tutor, 0)
    await a_question(room, tutor, 3, problem=OTHER)
    await a_question(room, tutor, 10, problem=PROBLEM)
    await a_question(room, tutor, 60, problem=PROBLEM)
    return room


async def looked(room: Classroom, error: str = "KeyError", **wanted: Any) -> ConversationsPage:
    async with room.db.transaction() as db:
        return await search.conversations(db, Wanted(error=error, **wanted), NOW)


async def test_questions_are_counted_by_day_and_problem(asked: Classroom) -> None:
    found = (await looked(asked)).found
    told = [(row.day.day, row.problem, row.questions, row.learners, row.rated_low) for row in found]
    assert told == [
        (15, None, 1, 1, 0),
        (15, PROBLEM, 3, 2, 1),
        (12, OTHER, 1, 1, 0),
        (5, PROBLEM, 1, 1, 0),
    ]
    assert not (await looked(asked, "ValueError")).found
    assert len((await looked(asked, days="90")).found) == 5
    assert len((await looked(asked, problem=PROBLEM)).found) == 2


async def test_pages_of_counts_go_back_without_gap_or_repetition(asked: Classroom) -> None:
    whole = (await looked(asked, days="90")).found
    read, before = [], None
    while True:
        page = await looked(asked, days="90", before=before, limit=2)
        read += page.found
        before = page.before
        if before is None:
            break
    assert read == whole


async def test_what_cannot_be_counted_is_refused(room: Classroom) -> None:
    for wanted in (
        {"error": ""},
        {"error": "Key Error"},
        {"error": "K\0"},
        {"days": "0"},
        {"days": "367"},
        {"days": "ten"},
        {"before": "yesterday.3"},
        {"before": "2026-03-15"},
        {"before": "2026-03-15.x"},
    ):
        with pytest.raises(InvalidFields):
            await looked(room, **wanted)
    with pytest.raises(UnknownProblem):
        await looked(room, problem="nothing-here")
