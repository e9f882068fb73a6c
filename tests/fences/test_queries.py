"""What web handlers do for a learner works inside the fence, and shows nobody else's rows."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts import profiles, sessions
from pythonmastery_ext.accounts.schema import ProfileIn, SessionIn
from pythonmastery_ext.adaptive import recommending, skills
from pythonmastery_ext.attempts import history
from pythonmastery_ext.attempts import service as attempts
from pythonmastery_ext.attempts.schema import AttemptIn
from pythonmastery_ext.config import Settings
from pythonmastery_ext.curriculum import pages
from pythonmastery_ext.curriculum import service as curriculum
from pythonmastery_ext.curriculum.course import read_course
from pythonmastery_ext.curriculum.loader import load_course
from pythonmastery_ext.db import tables
from pythonmastery_ext.db.encryption import Keyring, Keys
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import Refusal
from pythonmastery_ext.hints import service as hints
from pythonmastery_ext.identity import Learner
from pythonmastery_ext.privacy import service as privacy
from pythonmastery_ext.progress import standing
from pythonmastery_ext.tutor import consent, conversation
from pythonmastery_ext.tutor import service as tutor
from pythonmastery_ext.tutor.schema import TutorMessageIn
from pythonmastery_ext.tutor.tutor import Tutor
from tests.api.course import make_course
from tests.db.rows import a_user

#: In all that Bob writes.
MARK = "of-bob-only"
LONG = timedelta(minutes=5)


@dataclass
class Room:
    db: Database
    keyring: Keyring
    tutor: Tutor
    ada: int
    bob: int
    attempt: UUID
    message: UUID
    session: int


Act = Callable[[AsyncSession, Room, int], Awaitable[Any]]


def draft(code: str = "def double(n):\n    return 2 * n\n") -> AttemptIn:
    return AttemptIn(key=uuid4(), code=f"{code}# {MARK}\n")


async def ask(db: AsyncSession, room: Room, learner: int) -> BaseModel:
    question = TutorMessageIn(message=MARK, problem="double")
    return (await tutor.asking(learner, question, room.tutor)(db))[1]


async def change(db: AsyncSession, room: Room, learner: int) -> BaseModel:
    return await profiles.change(db, room.keyring, learner, ProfileIn(bio=MARK))


async def submit(db: AsyncSession, room: Room, learner: int) -> BaseModel:
    return (await attempts.submit(db, learner, "double", draft(), 99))[0]


async def sign_in(db: AsyncSession, room: Room, learner: int) -> BaseModel:
    wanted = SessionIn(label=MARK)
    return (await sessions.create(db, learner, wanted, "student", actor=learner))[0]


async def erase(db: AsyncSession, room: Room, learner: int) -> None:
    await privacy.request_erasure(db, Learner(learner, "x", None, "student"), "x", 7)


ACTS: dict[str, Act] = {
    "course": lambda db, room, who: curriculum.course(db, who),
    "page": lambda db, room, who: pages.page(db, who, "double", "here"),
    "submit": submit,
    "attempt": lambda db, room, who: history.one(db, who, room.attempt),
    "history": lambda db, room, who: history.page(db, who, "double", None, 9),
    "hints": lambda db, room, who: hints.hints(db, who, "double"),
    "ask": ask,
    "conversation": lambda db, room, who: conversation.page(
        db, who, conversation.Wanted(problem="double"), LONG
    ),
    "rate": lambda db, room, who: conversation.rate(db, who, str(room.message), 1),
    "remaining": lambda db, room, who: tutor.remaining(db, who, 50),
    "consent": lambda db, room, who: consent.decide(db, who, consent.VERSION, agreed=True),
    "profile": lambda db, room, who: profiles.profile(db, room.keyring, who),
    "change profile": change,
    "sign in": sign_in,
    "sessions": lambda db, room, who: sessions.listing(db, who),
    "revoke": lambda db, room, who: sessions.revoke(db, who, room.session, actor=who),
    "next": lambda db, room, who: recommending.following(db, who),
    "skill": lambda db, room, who: skills.skill(db, who),
    "stats": lambda db, room, who: standing.stats(db, who),
    "achievements": lambda db, room, who: standing.earned(db, who),
    "popular": lambda db, room, who: standing.popular(db),
    "export": lambda db, room, who: privacy.request_export(db, who),
    "erase": erase,
}
#: Only with something that Bob has made before.
OF_BOB = {"attempt", "rate", "revoke"}


@pytest.fixture
async def room(db: Database, tmp_path) -> Room:
    tables.metadata()
    async with db.transaction() as session:
        await load_course(session, read_course(make_course(tmp_path)))
        ada, bob = [(await a_user(session, name)).id for name in ("ada", "bob")]
    keyring = Keyring(lambda: Keys(keys={1: bytes(32)}, current=1, blind=bytes(32)))
    helper = Tutor(Settings(course_dir=str(tmp_path)))
    made = Room(db, keyring, helper, ada, bob, uuid4(), uuid4(), 0)
    async with db.transaction(as_learner=bob) as session:
        made.attempt = (await submit(session, made, bob)).id
        made.message = (await ask(session, made, bob)).id
        made.session = (await sign_in(session, made, bob)).id
        await change(session, made, bob)
    async with db.transaction() as session:
        row = await session.get_one(conversation.AIInteraction, history_key(made.message))
        row.state = "complete"
    return made


def history_key(message: UUID) -> dict[str, Any]:
    return {"id": message, "created_at": history.attempt_time(message)}


async def test_all_of_it_works_in_ones_own_name(room):
    for act in ACTS.values():
        async with room.db.transaction(as_learner=room.bob) as session:
            await act(session, room, room.bob)


async def attempted(act: Act, room: Room) -> object:
    """By Ada for Bob; what was refused, by a service or by the database."""
    try:
        async with room.db.transaction(as_learner=room.ada) as session:
            return await act(session, room, room.bob)
    except Refusal as refusal:
        return refusal
    except ProgrammingError as error:
        return error.orig and error.orig.__class__
    except psycopg.errors.InsufficientPrivilege as error:
        return error.__class__


async def test_with_the_fence_only_nothing_of_another_is_seen_or_done(room):
    """As if the handler had asked for the wrong person: only the fence is in the way."""
    for name, act in ACTS.items():
        answer = await attempted(act, room)
        assert MARK not in repr(answer), name
        assert name not in OF_BOB or isinstance(answer, Refusal), name
    async with room.db.transaction() as session:
        for model in (history.ProblemAttempt, conversation.AIInteraction, sessions.Session):
            assert await session.scalar(select(func.count()).select_from(model)) == 1
        row = await session.get_one(conversation.AIInteraction, history_key(room.message))
        assert row.response_quality is None
