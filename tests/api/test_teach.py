"""What instructors may look for over the whole course, and nobody else."""

from collections.abc import AsyncIterator

import pytest

from pythonmastery_ext.accounts import people
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.identity import HUB_SCOPE
from tests.api.client import Api, until
from tests.api.conftest import Stack
from tests.api.course import RIGHT, SECRET, WRONG
from tests.counterparts.hub import SUBMIT, Hub

SEARCHES = ("teach/tests?kind=zero", "teach/conversations?error=KeyError")


@pytest.fixture
async def pair(
    two: tuple[Api, Api], relay_stack: Stack, hub: Hub
) -> AsyncIterator[tuple[Api, Api]]:
    """A student and an instructor, whose token is one for teaching."""
    student, other = two
    await other("GET", "problems")
    token = hub.token("b", scopes=(SUBMIT, HUB_SCOPE + "teach"))
    instructor = Api(relay_stack.authority, token, "authority")
    db = Database(relay_stack.database_url)
    await set_role(db, "instructor")

    async def allowed() -> bool:
        return (await instructor("GET", SEARCHES[0]))[0] == 200

    await until(allowed)
    yield student, instructor
    await set_role(db, "student")
    await db.close()
    await instructor.close()


async def set_role(db: Database, role: str) -> None:
    async with db.transaction() as session:
        await people.set_role(session, "b", role, actor=None)


async def test_searches_are_for_those_who_teach(pair: tuple[Api, Api]) -> None:
    student, instructor = pair
    for search in SEARCHES:
        status, refused = await student("GET", search)
        assert (status, refused["error"]["code"]) == (403, "not_allowed")
        assert (await instructor("GET", search))[0] == 200


async def test_an_instructor_finds_hidden_tests_by_name_only(pair: tuple[Api, Api]) -> None:
    _, instructor = pair
    status, page = await instructor("GET", f"teach/tests?value={SECRET}&call=double&limit=1")
    assert status == 200
    (found,) = page["tests"]
    assert (found["problem"], found["key"], found["visible"]) == ("double", "t-large", "hidden")
    assert str(SECRET) not in str(found)
    assert page["after"] is not None


async def test_an_instructor_sees_that_learners_asked_and_not_who(pair: tuple[Api, Api]) -> None:
    student, instructor = pair
    question = {"problem": "double", "message": "Why is it a KeyError?"}
    async with student.http.stream("POST", "tutor/messages", json=question) as answer:
        assert answer.status_code == 200
        await answer.aread()
    _, page = await instructor("GET", "teach/conversations?error=KeyError&problem=double")
    (found,) = page["found"]
    del found["day"]
    assert found == {
        "problem": "double",
        "error": "KeyError",
        "questions": 1,
        "learners": 1,
        "rated_low": 0,
    }


async def test_a_search_that_asks_for_nothing_is_refused(pair: tuple[Api, Api]) -> None:
    _, instructor = pair
    for search in ("teach/tests", "teach/conversations", "teach/tests?kind=zero&limit=0"):
        assert (await instructor("GET", search))[0] == 422


async def test_a_class_is_shown_by_learner_and_problem(pair: tuple[Api, Api]) -> None:
    student, instructor = pair
    address = "teach/sections/numbers/matrix"
    await student("GET", "problems/double")
    await student.submit("double", WRONG)
    assert (await student("GET", address))[0] == 403
    status, page = await instructor("GET", address)
    assert status == 200
    column = [problem["slug"] for problem in page["problems"]].index("double")
    (row,) = (row for row in page["learners"] if row["username"] == "a")
    cell = row["cells"][column]
    assert (cell["state"], cell["tries"], cell["best"] < 1) == ("tried", 1, True)
    assert [name for name, each in zip(page["problems"], row["cells"], strict=True) if each] == [
        page["problems"][column]
    ]
    await student.submit("double", RIGHT)
    _, page = await instructor("GET", f"{address}?sort=-done")
    cell = page["learners"][0]["cells"][column]
    assert (cell["state"], cell["tries"], cell["best"]) == ("solved", 2, 1.0)
    assert (await instructor("GET", "teach/sections/nowhere/matrix"))[0] == 404
    for query in ("sort=email", "limit=0", "after=nowhere"):
        assert (await instructor("GET", f"{address}?{query}"))[0] == 422
