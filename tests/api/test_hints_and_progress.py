"""Hints open in order by the authority's counts; progress, XP and locks follow from verdicts."""

import psycopg
import pytest

from pythonmastery_ext.db.engine import psycopg_dsn
from tests.api.client import Api
from tests.api.conftest import Stack
from tests.api.course import PARTLY, RIGHT, SECRET, WRONG


async def hints(api: Api, slug: str = "double") -> list[dict[str, object]]:
    status, answer = await api("GET", f"problems/{slug}/hints")
    assert status == 200, answer
    return list(answer["hints"])


async def open_hint(api: Api, order: int | str) -> tuple[int, dict]:
    return await api("POST", f"problems/double/hints/{order}")


async def test_at_first_no_hint_is_open_and_each_says_what_opens_it(api: Api):
    found = await hints(api)
    assert [hint["state"] for hint in found] == ["locked"] * 4
    assert all(hint["text"] is None and hint["unlock"] for hint in found)
    assert found[0]["opens_at"] is not None
    assert found[2]["opens_at"] is None


async def test_a_failed_submission_makes_a_hint_available_and_opening_shows_its_text(api: Api):
    await api.submit("double", WRONG)
    assert (await hints(api))[0]["state"] == "available"
    status, answer = await open_hint(api, 1)
    assert (status, answer["hints_used"]) == (200, 1)
    assert answer["hints"][0]["text"] == "Hint 1 of double."
    assert answer["hints"][1]["text"] is None


async def test_a_check_is_no_failed_attempt(api: Api):
    await api.submit("double", WRONG, kind="check")
    assert (await open_hint(api, 1))[0] == 403


async def test_hints_open_in_order(api: Api):
    await api.submit("double", WRONG)
    status, answer = await open_hint(api, 2)
    assert (status, answer["error"]["code"]) == (403, "hint_locked")
    assert "Open hint 1 first" in answer["error"]["message"]
    assert (await open_hint(api, 1))[0] == 200
    assert (await open_hint(api, 2))[0] == 200


async def test_a_hint_can_wait_for_a_certain_test_to_fail(api: Api):
    await api.submit("double", WRONG)
    for order in (1, 2, 3):
        assert (await open_hint(api, order))[0] == 200
    status, answer = await open_hint(api, 4)
    assert (status, answer["error"]["code"]) == (403, "hint_locked")
    assert str(SECRET) not in str(await hints(api))


async def test_opening_a_hint_again_changes_nothing(api: Api):
    await api.submit("double", WRONG)
    for _ in range(3):
        status, answer = await open_hint(api, 1)
        assert (status, answer["hints_used"]) == (200, 1)


@pytest.mark.parametrize("order", ["0", "5", "x", "-1", "01", "%00"])
async def test_there_are_only_the_hints_of_the_problem(api: Api, order: str):
    status, answer = await open_hint(api, order)
    assert (status, answer["error"]["code"]) == (404, "unknown_hint")


async def test_time_alone_opens_hints_by_the_clock_of_the_authority(api: Api, stack: Stack):
    await api("GET", "problems/double")
    assert (await open_hint(api, 1))[0] == 403
    with psycopg.connect(psycopg_dsn(stack.database_url), autocommit=True) as connection:
        connection.execute(
            "update problem_progress set opened_at = opened_at - interval '4 minutes'"
        )
    assert (await open_hint(api, 1))[0] == 200
    assert (await open_hint(api, 2))[0] == 403


async def test_hints_are_counted_in_the_attempts_that_come_after_them(api: Api):
    first = await api.submit("double", WRONG)
    await open_hint(api, 1)
    await open_hint(api, 2)
    second = await api.submit("double", RIGHT)
    assert (first["hints_used"], second["hints_used"]) == (0, 2)
    assert second["xp_gained"] == 15
    assert (await api("GET", "problems/double"))[1]["aided"] is True


async def test_partial_points_are_topped_up_when_it_passes_and_never_taken_back(api: Api):
    gained = [(await api.submit("double", code))["xp_gained"] for code in (PARTLY, WRONG, PARTLY)]
    assert gained == [3, 0, 0]
    passed = await api.submit("double", RIGHT)
    assert passed["xp_gained"] == 13
    again = await api.submit("double", RIGHT)
    assert again["xp_gained"] == 0
    worse = await api.submit("double", WRONG)
    assert worse["xp_gained"] == 0
    page = (await api("GET", "problems/double"))[1]
    assert (page["state"], page["xp"], page["best_points"]) == ("solved", 16, 6)


async def test_progress_adds_up(api: Api):
    await api.submit("double", RIGHT)
    await api.submit("double-again", PARTLY)
    progress = (await api("GET", "progress"))[1]
    assert (progress["xp"], progress["level"], progress["next_level_xp"]) == (21, 1, 50)
    assert (progress["solved"], progress["total"]) == (1, 4)
    numbers = next(part for part in progress["sections"] if part["section"] == "numbers")
    assert (numbers["completion_percentage"], numbers["xp"]) == (33.33, 21)
    assert numbers["last_activity"]


async def test_a_section_opens_when_half_of_its_prerequisite_is_solved(api: Api):
    status, answer = await api("GET", "problems/double-late")
    assert (status, answer["error"]["code"]) == (403, "problem_locked")
    assert "2 problems in “Numbers”" in answer["error"]["message"]
    assert (await api.send("double-late", RIGHT))[0] == 403
    assert (await api("GET", "problems/double-late/notebook"))[0] == 403
    assert (await api("GET", "problems/double-late/hints"))[0] == 403
    await api.submit("double", RIGHT)
    assert "1 more problem in" in (await api("GET", "problems/double-late"))[1]["error"]["message"]
    await api.submit("double-again", RIGHT)
    assert (await api("GET", "problems/double-late"))[0] == 200
    assert (await api.submit("double-late", RIGHT))["status"] == "passed"


async def test_the_course_says_what_is_open_done_and_next(api: Api):
    await api.submit("double", RIGHT)
    await api("GET", "problems/double-again")
    course = (await api("GET", "problems"))[1]
    states = {problem["slug"]: problem["state"] for problem in course["problems"]}
    assert states == {
        "double": "solved",
        "double-again": "started",
        "double-more": "new",
        "double-late": "locked",
    }
    assert course["next"] == "double-again"
    assert [section["locked"] is None for section in course["sections"]] == [True, False]


async def test_a_problem_page_holds_no_secret(api: Api):
    _, page = await api("GET", "problems/double")
    _, notebook = await api("GET", "problems/double/notebook")
    for answer in (page, notebook):
        assert str(SECRET) not in str(answer)
        assert "return n * 2" not in str(answer)
        assert "Hint 1" not in str(answer)
    assert page["debrief"] is None
    assert page["notebook_path"] == notebook["path"] == "PythonMastery/numbers/double-1.0.0.ipynb"
    await api.submit("double", RIGHT)
    assert (await api("GET", "problems/double"))[1]["debrief"] == "Well done: you doubled."
