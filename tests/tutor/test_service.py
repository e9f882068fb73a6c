"""Asking and answering, on a real database and against Gemini's counterpart."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from pythonmastery_ext.audit.models import AuditEvent
from pythonmastery_ext.curriculum.models import Section
from pythonmastery_ext.errors import (
    CodeNotText,
    InvalidFields,
    ProblemLocked,
    Refusal,
    TooManyMessages,
    UnknownProblem,
)
from pythonmastery_ext.tutor import prompt, service
from pythonmastery_ext.tutor.models import AIInteraction
from pythonmastery_ext.tutor.schema import TutorMessageIn
from pythonmastery_ext.tutor.tutor import BUILT_IN, NO_KEY, STOPPED
from tests.counterparts.gemini import ANSWER, Counterpart
from tests.tutor.classroom import NAME, OTHER, PROBLEM, Classroom
from tests.tutor.conftest import MakeTutor
from tests.tutor.situations import result

SYNTAX = {
    "reason": "syntax_error",
    "message": "Python could not read line 1.",
    "error": {"type": "SyntaxError", "message": "expected ':'", "line": 1, "text": "if x"},
}


async def test_an_answer_is_stored_as_it_was_shown(room: Classroom, tutor: MakeTutor) -> None:
    shown = await room.ask(tutor(), problem=PROBLEM, code="x = 1", message="Why?")
    row = await room.row(shown.id)
    assert (shown.ai_response, shown.state, shown.source) == (ANSWER, "complete", "gemini")
    assert (row.ai_response, row.state, row.user_message) == (ANSWER, "complete", "Why?")
    assert (row.model, row.prompt_version) == ("good", prompt.VERSION)
    assert (row.input_tokens, row.output_tokens) == (321, 140)
    assert row.processing_time == 12.5
    assert {**(shown.context or {}), "about": {"errors": []}} == row.context_data
    assert row.context_data is not None
    assert row.context_data["material"]["code"] == "  1 x = 1"


async def test_the_question_is_stored_before_its_answer(room: Classroom, tutor: MakeTutor) -> None:
    draft = TutorMessageIn(message="Are you there?")
    asked, _ = await room.db.retry(service.asking(room.learner, draft, tutor()))
    row = await room.row(asked.id)
    assert (row.state, row.ai_response, row.user_message) == ("streaming", "", "Are you there?")


async def test_a_repeated_transaction_makes_one_question(room: Classroom, tutor: MakeTutor) -> None:
    work = service.asking(room.learner, TutorMessageIn(message="Once?"), tutor())
    (first, _), (second, _) = await room.db.retry(work), await room.db.retry(work)
    assert first.id == second.id
    async with room.db.transaction() as db:
        assert await db.scalar(select(func.count()).select_from(AIInteraction)) == 1


async def test_neither_solution_nor_hidden_tests_nor_names_are_sent_or_stored(
    room: Classroom, tutor: MakeTutor, gemini: Counterpart
) -> None:
    stored = result("Paid", visible="hidden", message="Rule 3?").model_dump()
    stored |= {"call": "CANARY_CALL", "expected": "CANARY_EXPECTED", "actual": "CANARY_ACTUAL"}
    await room.attempt(test_results=[stored], error_messages={"message": "0 of 9 tests pass."})
    shown = await room.ask(tutor(), problem=PROBLEM, code="def overdue_by_customer(a, b): ...")
    secrets = await room.secrets()
    assert len(secrets) > 10
    for text in (gemini.seen[0].text, shown.model_dump_json()):
        for secret in (*secrets, NAME, "wilhelmina", "CANARY"):
            assert secret not in text
            assert json.dumps(secret)[1:-1] not in text
        assert "Rule 3?" in text
        assert "0 of 9 tests pass." in text


async def test_the_conversation_so_far_is_sent_of_this_problem_and_this_learner_only(
    room: Classroom, tutor: MakeTutor, gemini: Counterpart
) -> None:
    one = tutor()
    await room.ask(one, problem=PROBLEM, message="First question")
    await room.ask(one, problem=OTHER, message="About tips")
    await room.ask(one, message="In general")
    await room.ask(one, problem=PROBLEM, message="By another", learner=room.other)
    await room.ask(one, problem=PROBLEM, message="Second question")
    turns = gemini.seen[-1].body["contents"]
    assert [turn["role"] for turn in turns] == ["user", "model", "user"]
    assert turns[0]["parts"][0]["text"] == "First question"
    assert turns[2]["parts"][0]["text"].endswith("Second question")


async def test_without_a_key_the_built_in_help_answers_and_nothing_is_sent(
    room: Classroom, tutor: MakeTutor, gemini: Counterpart
) -> None:
    one = tutor(None)
    shown = await room.ask(one, problem=PROBLEM, message_type="explanation", message="")
    assert (shown.source, shown.state, shown.model) == ("built_in", "complete", None)
    assert shown.context is None
    assert BUILT_IN in shown.ai_response
    assert NO_KEY not in shown.ai_response
    assert "press **Check**" in shown.ai_response
    assert not gemini.seen
    assert (one.available, one.model, one.status(3).remaining_today) == (False, None, 3)
    assert one.status().why == NO_KEY


@pytest.mark.parametrize("model", ["no-such-model", "empty"])
async def test_where_gemini_fails_the_built_in_help_answers_and_says_why(
    room: Classroom, tutor: MakeTutor, model: str
) -> None:
    shown = await room.ask(tutor(model), problem=PROBLEM)
    assert (shown.source, shown.state, shown.model) == ("built_in", "complete", None)
    assert "Gemini" in shown.ai_response
    assert "press **Check**" in shown.ai_response
    assert shown.context is not None


async def test_a_rate_limit_is_told_in_the_status(
    room: Classroom, tutor: MakeTutor, gemini: Counterpart
) -> None:
    gemini.retry_after = 40
    one = tutor("rate-limited")
    assert one.status().available
    shown = await room.ask(one)
    assert shown.source == "built_in"
    assert not one.available
    assert one.why is not None
    assert one.why in shown.ai_response


async def test_a_cut_answer_keeps_what_was_shown(room: Classroom, tutor: MakeTutor) -> None:
    shown = await room.ask(tutor("cut"))
    assert (shown.state, shown.source) == ("cut", "gemini")
    assert shown.ai_response
    assert ANSWER.startswith(shown.ai_response)


async def test_an_answer_that_the_learner_leaves_is_cut_at_what_was_shown(
    room: Classroom, tutor: MakeTutor
) -> None:
    shown = await room.ask(tutor(), stop_after=2)
    assert shown.state == "cut"
    assert shown.ai_response == ANSWER[:48]


async def test_a_blocked_answer_is_marked_and_says_so(room: Classroom, tutor: MakeTutor) -> None:
    shown = await room.ask(tutor("blocked"))
    assert (shown.state, shown.ai_response) == ("blocked", STOPPED)
    midway = await room.ask(tutor("blocked-midway"))
    assert midway.state == "blocked"
    assert ANSWER.startswith(midway.ai_response)


async def test_a_syntax_error_is_explained_at_once_without_gemini(
    room: Classroom, tutor: MakeTutor, gemini: Counterpart
) -> None:
    await room.attempt(code_submission="if x", error_messages=SYNTAX)
    fields = {"problem": PROBLEM, "message_type": "explanation", "message": "", "code": "if x"}
    shown = await room.ask(tutor(), **fields)
    assert "ends with a colon" in shown.ai_response
    assert (shown.state, shown.source) == ("complete", "built_in")
    assert shown.context is None
    assert not gemini.seen


async def test_the_day_has_a_number_of_questions(room: Classroom, tutor: MakeTutor) -> None:
    one = tutor(tutor_daily_messages=2)
    for _ in range(2):
        await room.ask(one)
    with pytest.raises(TooManyMessages) as refused:
        await room.ask(one)
    assert refused.value.retry_after is not None
    assert 86_000 < refused.value.retry_after <= 86_400
    assert "24 hours" in refused.value.message
    await room.ask(one, learner=room.other)
    async with room.db.transaction() as db:
        assert await service.remaining(db, room.learner, 2) == 0
        assert await service.remaining(db, room.other, 2) == 1


async def test_yesterdays_questions_do_not_count(room: Classroom, tutor: MakeTutor) -> None:
    one = tutor(tutor_daily_messages=1)
    await room.ask(one)
    now = datetime.now(UTC)
    # Within the month, whose partition is there on any day: the clock is what moves.
    async with room.db.transaction() as db:
        await service.check_day(db, room.learner, 1, now + timedelta(hours=25))
        with pytest.raises(TooManyMessages):
            await service.check_day(db, room.learner, 1, now + timedelta(hours=23))


async def test_questions_at_once_cannot_pass_the_number_together(
    room: Classroom, tutor: MakeTutor
) -> None:
    one = tutor(tutor_daily_messages=2)
    made = await asyncio.gather(*(room.ask(one) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(answer, TooManyMessages) for answer in made) == 4


async def test_a_number_of_zero_switches_the_tutor_off(room: Classroom, tutor: MakeTutor) -> None:
    with pytest.raises(TooManyMessages, match="no questions here"):
        await room.ask(tutor(tutor_daily_messages=0))


async def test_unknown_and_locked_problems_are_refused(room: Classroom, tutor: MakeTutor) -> None:
    with pytest.raises(UnknownProblem):
        await room.ask(tutor(), problem="no-such-problem")
    async with room.db.transaction() as db:
        await db.execute(
            update(Section)
            .where(Section.slug == "dates-money")
            .values(prerequisites=["first-steps"])
        )
    with pytest.raises(ProblemLocked):
        await room.ask(tutor(), problem=PROBLEM)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"message": " "}, InvalidFields),
        ({"message": "a\0b"}, InvalidFields),
        ({"message": "a", "code": "x\0"}, CodeNotText),
        ({"message": "a", "problem": "x\0"}, UnknownProblem),
    ],
)
def test_what_cannot_be_asked_is_refused(fields: dict[str, str], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        service.checked(TutorMessageIn(**fields))


async def test_asking_and_answering_are_recorded(room: Classroom, tutor: MakeTutor) -> None:
    shown = await room.ask(tutor(), problem=PROBLEM)
    async with room.db.transaction() as db:
        every = list(await db.scalars(select(AuditEvent).order_by(AuditEvent.id)))
    events = [event for event in every if event.target == f"tutor/messages/{shown.id}"]
    assert [event.kind for event in events] == ["tutor.asked", "tutor.answered"]
    assert {event.target for event in events} == {f"tutor/messages/{shown.id}"}
    assert not any(event.streamed for event in events)
