"""Nothing of a learner's goes to Gemini before they have agreed, nor after they took it back."""

import pytest
from sqlalchemy import delete, select, update

from pythonmastery_ext.errors import ConsentNeeded, InvalidFields
from pythonmastery_ext.tutor import consent
from pythonmastery_ext.tutor.models import AIConsent, AIInteraction
from pythonmastery_ext.tutor.tutor import DECLINED
from tests.counterparts.gemini import Counterpart
from tests.tutor.classroom import PROBLEM, Classroom
from tests.tutor.conftest import MakeTutor

BROKEN = {"reason": "syntax_error", "error": {"type": "SyntaxError", "message": "expected ':'"}}


@pytest.fixture
async def unasked(room: Classroom) -> Classroom:
    async with room.db.transaction() as db:
        await db.execute(delete(AIConsent))
    return room


async def decide(room: Classroom, *, agreed: bool) -> None:
    async with room.db.transaction() as db:
        await consent.decide(db, room.learner, consent.VERSION, agreed=agreed)


async def test_before_an_answer_to_the_question_nothing_is_sent_or_stored(
    unasked: Classroom, tutor: MakeTutor, gemini: Counterpart
) -> None:
    with pytest.raises(ConsentNeeded, match="Say first"):
        await unasked.ask(tutor(), problem=PROBLEM)
    assert gemini.seen == []
    async with unasked.db.transaction() as db:
        assert (await db.scalars(select(AIInteraction))).all() == []


async def test_after_a_no_the_built_in_help_answers_and_nothing_is_sent(
    unasked: Classroom, tutor: MakeTutor, gemini: Counterpart
) -> None:
    await decide(unasked, agreed=False)
    shown = await unasked.ask(tutor(), problem=PROBLEM)
    assert (shown.source, shown.state, shown.context) == ("built_in", "complete", None)
    assert DECLINED in shown.ai_response
    assert gemini.seen == []


async def test_a_yes_can_be_taken_back(
    unasked: Classroom, tutor: MakeTutor, gemini: Counterpart
) -> None:
    one = tutor()
    await decide(unasked, agreed=True)
    assert (await unasked.ask(one)).source == "gemini"
    await decide(unasked, agreed=False)
    assert (await unasked.ask(one)).source == "built_in"
    assert len(gemini.seen) == 1


async def test_one_learners_yes_is_nobody_elses(
    unasked: Classroom, tutor: MakeTutor, gemini: Counterpart
) -> None:
    await decide(unasked, agreed=True)
    with pytest.raises(ConsentNeeded):
        await unasked.ask(tutor(), learner=unasked.other)
    assert gemini.seen == []


async def test_a_changed_text_is_asked_anew(unasked: Classroom, tutor: MakeTutor) -> None:
    await decide(unasked, agreed=True)
    async with unasked.db.transaction() as db:
        await db.execute(update(AIConsent).values(version="2020-01"))
        assert (await consent.shown(db, unasked.learner, needed=True)).agreed is None
    with pytest.raises(ConsentNeeded):
        await unasked.ask(tutor())
    async with unasked.db.transaction() as db:
        with pytest.raises(InvalidFields, match=r"missing or wrong"):
            await consent.decide(db, unasked.learner, "2020-01", agreed=True)


async def test_what_never_leaves_this_machine_needs_no_answer(
    unasked: Classroom, tutor: MakeTutor, gemini: Counterpart
) -> None:
    without_key = await unasked.ask(tutor(None))
    assert without_key.source == "built_in"
    await unasked.attempt(error_messages=BROKEN, code_submission="if x")
    shown = await unasked.ask(
        tutor(), problem=PROBLEM, code="if x", message="", message_type="explanation"
    )
    assert shown.source == "built_in"
    assert gemini.seen == []


async def test_each_answer_is_kept_with_its_text_and_time(unasked: Classroom) -> None:
    for agreed in (True, True, False):
        await decide(unasked, agreed=agreed)
    async with unasked.db.transaction() as db:
        rows = (await db.scalars(select(AIConsent).order_by(AIConsent.id))).all()
    assert [(row.agreed, row.version) for row in rows] == [
        (True, consent.VERSION),
        (False, consent.VERSION),
    ]
