"""Reading conversations back, rating answers, and what a crash leaves."""

from datetime import timedelta
from uuid import uuid4

import pytest

from pythonmastery_ext.errors import InvalidFields, UnknownMessage, UnknownProblem
from pythonmastery_ext.tutor import conversation, service
from pythonmastery_ext.tutor.conversation import Wanted
from pythonmastery_ext.tutor.schema import TutorMessageIn, TutorPage
from tests.tutor.classroom import OTHER, PROBLEM, Classroom
from tests.tutor.conftest import MakeTutor

LONG = timedelta(hours=1)
NOW = timedelta(seconds=-1)


async def page(
    room: Classroom, wanted: Wanted, abandoned_after: timedelta = LONG, learner: int | None = None
) -> TutorPage:
    async with room.db.transaction() as db:
        return await conversation.page(db, learner or room.learner, wanted, abandoned_after)


async def test_pages_go_back_without_gap_or_repetition(room: Classroom, tutor: MakeTutor) -> None:
    one = tutor(None)
    asked = [(await room.ask(one, problem=PROBLEM, message=f"Q{n}")).id for n in range(5)]
    first = await page(room, Wanted(problem=PROBLEM, limit=2))
    assert first.before is not None
    second = await page(room, Wanted(problem=PROBLEM, before=first.before, limit=2))
    third = await page(room, Wanted(problem=PROBLEM, before=second.before, limit=2))
    read = [message.id for each in (first, second, third) for message in each.messages]
    assert read == asked[::-1]
    assert third.before is None


async def test_conversations_are_apart(room: Classroom, tutor: MakeTutor) -> None:
    one = tutor(None)
    await room.ask(one, problem=PROBLEM, message="here")
    await room.ask(one, problem=OTHER, message="there")
    await room.ask(one, message="anywhere")
    for wanted, text in ((PROBLEM, "here"), (OTHER, "there"), (None, "anywhere")):
        messages = (await page(room, Wanted(problem=wanted))).messages
        assert [message.user_message for message in messages] == [text]
        assert messages[0].problem == wanted
    assert not (await page(room, Wanted(problem=PROBLEM), learner=room.other)).messages


@pytest.mark.parametrize("slug", ["nothing-here", "a\0b"])
async def test_an_unknown_problem_has_no_conversation(room: Classroom, slug: str) -> None:
    with pytest.raises(UnknownProblem):
        await page(room, Wanted(problem=slug))


@pytest.mark.parametrize("before", [str(uuid4()), "yesterday"])
async def test_a_before_that_no_page_gave_is_refused(room: Classroom, before: str) -> None:
    with pytest.raises(InvalidFields):
        await page(room, Wanted(before=before))


async def test_the_last_rating_counts(room: Classroom, tutor: MakeTutor) -> None:
    shown = await room.ask(tutor(None), problem=PROBLEM)
    for rating in (2, 5):
        async with room.db.transaction() as db:
            rated = await conversation.rate(db, room.learner, str(shown.id), rating)
        assert (rated.rating, rated.problem) == (rating, PROBLEM)
    assert (await room.row(shown.id)).response_quality == 5


async def test_nobody_rates_what_is_not_theirs_or_not_answered(
    room: Classroom, tutor: MakeTutor
) -> None:
    shown = await room.ask(tutor(None))
    draft = TutorMessageIn(message="Still there?")
    waiting, _ = await room.db.retry(service.asking(room.learner, draft, tutor(None)))
    cases = [
        (room.other, str(shown.id)),
        (room.learner, str(waiting.id)),
        (room.learner, str(uuid4())),
        (room.learner, "no-id"),
    ]
    for learner, message in cases:
        with pytest.raises(UnknownMessage):
            async with room.db.transaction() as db:
                await conversation.rate(db, learner, message, 3)


async def test_an_answer_that_a_crash_left_open_reads_as_cut(
    room: Classroom, tutor: MakeTutor
) -> None:
    draft = TutorMessageIn(message="Hello?")
    asked, _ = await room.db.retry(service.asking(room.learner, draft, tutor(None)))
    assert [m.state for m in (await page(room, Wanted(), LONG)).messages] == ["streaming"]
    assert [m.state for m in (await page(room, Wanted(), NOW)).messages] == ["cut"]
    assert (await room.row(asked.id)).state == "streaming"


async def test_a_start_ends_the_answers_that_a_crash_left_open(
    room: Classroom, tutor: MakeTutor
) -> None:
    one = tutor(None)
    done = await room.ask(one)
    asked, _ = await room.db.retry(service.asking(room.learner, TutorMessageIn(message="?"), one))
    async with room.db.transaction() as db:
        assert await conversation.mend(db, LONG) == 0
        assert await conversation.mend(db, NOW) == 1
        assert await conversation.mend(db, NOW) == 0
    assert (await room.row(asked.id)).state == "cut"
    assert (await room.row(done.id)).state == "complete"
