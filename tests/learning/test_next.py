"""Which problem comes next, after what the learner prefers."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from pythonmastery_ext.adaptive.recommending import following
from pythonmastery_ext.adaptive.schema import NextOut
from tests.learning.conftest import Classroom

#: Beside them the author's numbers of the course say nothing.
DIFFICULTIES = {"double-again": -1.5, "double-more": 1.0}


async def next_of(room: Classroom, learner: int) -> NextOut:
    async with room.db.transaction() as db:
        return await following(db, learner)


async def prefers(room: Classroom, learner: int, preference: str) -> None:
    async with room.db.transaction() as db:
        await db.execute(
            text(
                "insert into user_profile (user_id, difficulty_preference) values (:u, :p)"
                " on conflict (user_id) do update set difficulty_preference = :p"
            ),
            {"u": learner, "p": preference},
        )


@pytest.fixture
async def ada(room: Classroom) -> int:
    """Has solved one problem of three; of the others one is easy and one is hard."""
    ada = await room.learner()
    await room.submit(ada)
    async with room.db.transaction() as db:
        for slug, mean in DIFFICULTIES.items():
            await db.execute(
                text(
                    "insert into item_difficulty (problem_id, mean, variance, responses)"
                    " select id, :mean, 0.1, 30 from problem where slug = :slug"
                ),
                {"slug": slug, "mean": mean},
            )
    return ada


async def test_who_prefers_easier_or_harder_problems_gets_them(room: Classroom, ada: int) -> None:
    for preference, slug, said in (
        ("easier", "double-again", "you asked for easier problems"),
        ("harder", "double-more", "you asked for harder problems"),
    ):
        await prefers(room, ada, preference)
        told = await next_of(room, ada)
        assert (told.problem, told.preference) == (slug, preference)
        assert said in (told.why or "")
        assert told.chance is not None


async def test_the_wanted_chance_is_lower_for_who_wants_it_harder(
    room: Classroom, ada: int
) -> None:
    wanted = [(await next_of(room, ada)).wanted]
    for preference in ("easier", "balanced", "harder"):
        await prefers(room, ada, preference)
        wanted.append((await next_of(room, ada)).wanted)
    assert wanted[0] == wanted[2]
    assert wanted[1] > wanted[2] > wanted[3]


async def test_what_was_begun_comes_before_what_would_suit(room: Classroom, ada: int) -> None:
    await prefers(room, ada, "harder")
    await room.submit(ada, "double-again", "failed")
    told = await next_of(room, ada)
    assert (told.problem, told.why) == ("double-again", "You have begun this one.")


async def test_after_a_failure_nothing_far_above_what_was_solved_is_proposed(
    room: Classroom,
) -> None:
    """The model would go up: beside its doubt about a new learner, hard ones look hardly harder."""
    bob = await room.learner()
    async with room.db.transaction() as db:
        await db.execute(
            text(
                "update problem set difficulty_score = case slug"
                " when 'double' then 4 when 'double-again' then 1 when 'double-more' then 1"
                " else 2 end"
            )
        )
        for slug, mean in (("double", -1.0), ("double-again", -1.5), ("double-more", -1.5)):
            await db.execute(
                text(
                    "insert into item_difficulty (problem_id, mean, variance, responses)"
                    " select id, :mean, 0.1, 30 from problem where slug = :slug"
                ),
                {"slug": slug, "mean": mean},
            )
    await room.submit(bob, "double-again", "failed")
    told = await next_of(room, bob)
    assert told.problem == "double-more"
    assert "one of the easiest left, as one of this section is still open" in (told.why or "")
    await room.submit(bob, "double-more")
    # There is no other.
    assert (await next_of(room, bob)).problem == "double"
    # Nobody who has failed at nothing is held back.
    amy = await room.learner()
    await room.submit(amy, "double-again")
    told = await next_of(room, amy)
    assert (told.problem, "still open" in (told.why or "")) == ("double", False)


async def test_of_a_new_learner_nothing_is_claimed(room: Classroom) -> None:
    told = await next_of(room, await room.learner())
    assert (told.problem, told.chance) == ("double", None)
    assert told.why == "The first open problem of “Numbers”."
