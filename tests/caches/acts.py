"""Changes through the real services, named so that another process can be told to make them."""

import os
from pathlib import Path
from uuid import uuid4

from pythonmastery_ext import startup
from pythonmastery_ext.accounts import people, profiles
from pythonmastery_ext.accounts.schema import ProfileIn
from pythonmastery_ext.accounts.service import learner_for
from pythonmastery_ext.analytics import keeping
from pythonmastery_ext.attempts import service as attempts
from pythonmastery_ext.attempts.schema import AttemptIn
from pythonmastery_ext.curriculum.course import read_course
from pythonmastery_ext.db import tables
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.keyfile import KeyFile
from pythonmastery_ext.grading import publishing
from pythonmastery_ext.grading.client import Outcome
from pythonmastery_ext.identity import Person
from pythonmastery_ext.worker import _begin, _finish

KEYRING = Keyring(KeyFile(Path(os.environ["PYTHONMASTERY_ENCRYPTION_KEYS_FILE"])).keys)
POINTS = 6
tables.metadata()


async def load(db: Database, folder: str) -> None:
    course = read_course(Path(folder))
    await db.retry(lambda session: startup._load(session, course))


async def come(db: Database, name: str) -> int:
    async with db.transaction() as session:
        return (await learner_for(session, Person(name), KEYRING)).id


async def change_profile(db: Database, learner: int, **fields: object) -> None:
    async with db.transaction(as_learner=learner) as session:
        await profiles.change(session, KEYRING, learner, ProfileIn.model_validate(fields))


async def tell(db: Database, learner: int, bio: str) -> None:
    await change_profile(db, learner, bio=bio)


async def join(db: Database, learner: int) -> None:
    await change_profile(db, learner, leaderboard_opt_in=True, leaderboard_name="display_name")


async def rename(db: Database, name: str, shown: str) -> None:
    """As the provider of the sign-in tells it."""
    async with db.transaction() as session:
        await learner_for(session, Person(name, shown), KEYRING)


async def solve(db: Database, learner: int, slug: str) -> None:
    """A submission and its verdict, as from a worker."""
    draft = AttemptIn(key=uuid4(), code="def double(n):\n    return n * 2\n")
    async with db.transaction(as_learner=learner) as session:
        attempt, _ = await attempts.submit(session, learner, slug, draft, max_waiting=3)
    async with db.transaction() as session:
        begun = await _begin(session, attempt.id)
    assert begun is not None
    outcome = Outcome(status="passed", points=POINTS, tests=[], details={}, execution_time_ms=1.0)
    async with db.transaction() as session:
        await _finish(session, begun[0], outcome)


async def solve_and_sum_up(db: Database, learner: int, slug: str) -> None:
    await solve(db, learner, slug)
    await keeping.roll_up(db)


async def make_instructor(db: Database, name: str) -> None:
    async with db.transaction() as session:
        await people.set_role(session, name, "instructor", actor=None)


async def keep_profile(db: Database, version: int) -> None:
    """What the grader recorded of a class problem's right solutions."""
    async with db.transaction() as session:
        await publishing._keep(session, version, {"classes": []})
