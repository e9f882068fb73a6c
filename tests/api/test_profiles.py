"""The profile of a class problem: recorded before its first attempt, kept, and used."""

from pathlib import Path
from uuid import UUID, uuid4

import psutil
import pytest
from sqlalchemy import func, select, update

from pythonmastery_ext.accounts.service import learner_for
from pythonmastery_ext.attempts import history, service
from pythonmastery_ext.attempts.schema import AttemptIn, AttemptOut
from pythonmastery_ext.curriculum.course import read_course
from pythonmastery_ext.curriculum.loader import load_course
from pythonmastery_ext.curriculum.models import ProblemProfile
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.grading import publishing
from pythonmastery_ext.grading.client import GradingClient
from pythonmastery_ext.grading.publishing import Profiles
from pythonmastery_ext.identity import Person
from pythonmastery_ext.worker import Worker
from tests.api.client import until
from tests.api.course import make_course
from tests.content.course import edit

SOLUTION = """\
class Money:
    def __init__(self, amount):
        self.amount = amount

    ### BEGIN SOLUTION
    def __add__(self, other):
        return Money(self.amount + other.amount)

    def __eq__(self, other):
        return self.amount == other.amount
    ### END SOLUTION
"""
TESTS = {
    "t-two": "assert Money(1) + Money(1) == Money(2)",
    "t-five": "assert Money(2) + Money(3) == Money(5)",
    "t-zero": "assert Money(0) + Money(0) == Money(0)",
    "t-large": "assert Money(987654) + Money(1) == Money(987655)",
}
RIGHT = """\
from dataclasses import dataclass

@dataclass
class Money:
    amount: int
    def __add__(self, other):
        return Money(other.amount + self.amount)
"""
ALWAYS_EQUAL = """\
class Money:
    def __init__(self, amount): self.amount = amount
    def __add__(self, other): return self
    def __eq__(self, other): return isinstance(other, Money)
"""


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = make_course(tmp_path / "course") / "01-numbers" / "double.ipynb"
    edit(path, "answer", source=SOLUTION, entry=["Money"])
    edit(path, problem={"allow_imports": ["dataclasses"]})
    for key, source in TESTS.items():
        edit(path, key, source=source)
    return path


async def publish(db: Database, notebook: Path) -> None:
    async with db.transaction() as session:
        await load_course(session, read_course(notebook.parents[1]))


async def recorded(db: Database) -> list[dict]:
    async with db.transaction() as session:
        return list(await session.scalars(select(ProblemProfile.profile)))


async def graded(db: Database, grading: GradingClient, code: str) -> AttemptOut:
    async with db.transaction() as session:
        learner = (await learner_for(session, Person("ada"))).id
    draft = AttemptIn(key=uuid4(), kind="submit", code=code)
    made = await db.retry(lambda session: service.submit(session, learner, "double", draft, 100))
    attempt: UUID = made[0].id
    await Worker(db, grading).grade(str(attempt))
    async with db.transaction() as session:
        return await history.one(session, learner, attempt)


async def test_the_first_attempt_at_a_class_problem_finds_or_makes_its_profile(
    db: Database, notebook: Path, grading: GradingClient
) -> None:
    await publish(db, notebook)

    right = await graded(db, grading, RIGHT)
    wrong = await graded(db, grading, ALWAYS_EQUAL)

    (profile,) = await recorded(db)
    assert profile["classes"]["Money"] == ["add", "eq"]
    assert set(profile["controls"]) == set(TESTS)
    assert right.status == "passed", right
    assert [test.key for test in wrong.tests if test.points] in ([], ["t-zero"])


async def test_publishing_records_the_profiles_of_class_problems_and_of_no_others(
    db: Database, notebook: Path, grading: GradingClient
) -> None:
    await publish(db, notebook)

    await Profiles(db, grading).publish()
    await Profiles(db, grading).publish()

    assert len(await recorded(db)) == 1


async def test_new_content_of_a_version_is_recorded_anew(
    db: Database, notebook: Path, grading: GradingClient
) -> None:
    await publish(db, notebook)
    await Profiles(db, grading).publish()
    edit(notebook, "t-zero", source="assert Money(4) == Money(4)")

    await publish(db, notebook)
    async with db.transaction() as session:
        left = await session.scalar(select(func.count()).select_from(ProblemProfile))
    await Profiles(db, grading).publish()

    assert left == 0
    assert "t-zero" in (await recorded(db))[0]["controls"]


@pytest.mark.parametrize("old", [{"version": 1}, {"python": "3.0"}])
async def test_a_profile_of_an_earlier_grader_or_another_python_is_recorded_anew_once(
    db: Database, notebook: Path, grading: GradingClient, old: dict
) -> None:
    await publish(db, notebook)
    await Profiles(db, grading).publish()
    (profile,) = await recorded(db)
    async with db.transaction() as session:
        await session.execute(update(ProblemProfile).values(profile=profile | old))

    made = Profiles(db, grading)
    await made.publish()
    assert await recorded(db) == [profile]

    # Of a grader with a Python of its own the next one is no newer.
    async with db.transaction() as session:
        await session.execute(update(ProblemProfile).values(profile=profile | old))
    await made.publish()
    assert await recorded(db) == [profile | old]


async def test_a_problem_whose_solution_does_not_pass_is_graded_without_a_profile(
    db: Database, notebook: Path, grading: GradingClient
) -> None:
    edit(notebook, "t-zero", source="assert Money(4) == Money(5)")
    await publish(db, notebook)

    found = await graded(db, grading, RIGHT)

    assert found.status == "partial"
    assert await recorded(db) == []


async def test_numpy_and_pandas_are_loaded_ahead_where_a_problem_uses_them(
    db: Database, notebook: Path, grading: GradingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "TABLES_AFTER", 0.0)
    await publish(db, notebook)
    async with db.transaction() as session:
        without = await publishing._use_tables(session)
    edit(notebook, "t-zero", source="import pandas as pd\nassert Money(4) == Money(4)")
    await publish(db, notebook)

    await publishing.expect_tables(db, grading)

    async def loading() -> bool:
        family = psutil.Process().children(recursive=True)
        return any("tables" in each.cmdline() for each in family)

    assert not without
    assert await until(loading)
