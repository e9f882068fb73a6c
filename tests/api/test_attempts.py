"""Sending attempts in: exactly once, refused with a reason, graded with a verdict."""

from asyncio import gather
from uuid import uuid4

import pytest

from tests.api.client import Api
from tests.api.course import PARTLY, RIGHT, SECRET, WRONG


async def test_a_right_submission_passes_with_all_points(api: Api):
    attempt = await api.submit("double", RIGHT)
    assert (attempt["status"], attempt["points"], attempt["max_points"]) == ("passed", 6, 6)
    assert [test["status"] for test in attempt["tests"]] == ["passed"] * 4
    assert attempt["xp_gained"] == 18
    assert attempt["queue_position"] is None


async def test_a_wrong_submission_fails_and_says_why(api: Api):
    attempt = await api.submit("double", WRONG)
    assert (attempt["status"], attempt["points"]) == ("failed", 0)
    sample = next(test for test in attempt["tests"] if test["key"] == "t-two")
    assert (sample["expected"], sample["actual"]) == ("4", "None")


async def test_hidden_tests_show_their_name_and_nothing_of_their_inside(api: Api):
    attempt = await api.submit("double", WRONG)
    hidden = [test for test in attempt["tests"] if test["visible"] == "hidden"]
    assert {test["name"] for test in hidden} == {"Zero", "Large"}
    assert all(test[name] is None for test in hidden for name in ("call", "expected", "actual"))
    assert str(SECRET) not in str(attempt)


async def test_a_part_of_the_tests_gives_a_part_of_the_points(api: Api):
    attempt = await api.submit("double", PARTLY)
    assert (attempt["status"], attempt["points"]) == ("partial", 2)
    assert attempt["xp_gained"] == 3


async def test_a_check_runs_the_sample_tests_only_and_counts_for_nothing(api: Api):
    attempt = await api.submit("double", RIGHT, kind="check")
    assert (attempt["status"], attempt["max_points"], attempt["xp_gained"]) == ("passed", 2, 0)
    assert {test["key"] for test in attempt["tests"]} == {"t-two", "t-five"}
    assert (await api("GET", "progress"))[1]["solved"] == 0


async def test_a_syntax_error_is_told_and_costs_nothing(api: Api):
    attempt = await api.submit("double", "def double(n:\n")
    assert attempt["reason"] == "syntax_error"
    assert attempt["error"]["line"] == 1
    assert (await api.submit("double", RIGHT))["xp_gained"] == 18


async def test_a_double_click_makes_one_attempt(api: Api):
    key = str(uuid4())
    answers = await gather(*(api.send("double", RIGHT, key=key) for _ in range(50)))
    assert len({answer["id"] for _, answer in answers}) == 1
    assert sorted(status for status, _ in answers) == [200] * 49 + [202]
    page = (await api("GET", "problems/double/attempts"))[1]
    assert len(page["attempts"]) == 1


async def test_the_same_key_later_gives_the_stored_verdict(api: Api):
    key = str(uuid4())
    first = (await api.send("double", RIGHT, key=key))[1]
    await api.graded(first["id"])
    status, again = await api.send("double", RIGHT, key=key)
    assert (status, again["id"], again["status"]) == (200, first["id"], "passed")


@pytest.mark.parametrize("other", [{"code": WRONG}, {"code": RIGHT, "kind": "check"}])
async def test_a_key_cannot_be_used_for_something_else(api: Api, other: dict[str, str]):
    key = str(uuid4())
    await api.send("double", RIGHT, key=key)
    status, answer = await api.send("double", key=key, **other)
    assert (status, answer["error"]["code"]) == (409, "key_reused")


async def test_many_at_once_never_have_more_than_three_waiting(api: Api):
    slow = "import time\ntime.sleep(1)\n" + RIGHT
    answers = await gather(*(api.send("double", f"{slow}# {n}\n") for n in range(20)))
    taken = [answer for status, answer in answers if status == 202]
    refused = [answer for status, answer in answers if status == 429]
    assert len(taken) + len(refused) == 20
    # On a busy machine some have their verdict before the last one is sent.
    told = await gather(*(api("GET", f"attempts/{attempt['id']}") for attempt in taken))
    done = sum(attempt["status"] != "waiting" for _, attempt in told)
    assert 3 <= len(taken) <= 3 + done < 20
    assert {answer["error"]["code"] for answer in refused} == {"too_many_waiting"}
    assert all(answer["error"]["retry_after"] for answer in refused)
    for attempt in taken:
        assert (await api.graded(attempt["id"]))["status"] == "passed"


@pytest.mark.parametrize(
    ("code", "status", "name"),
    [
        ("", 422, "code_empty"),
        (" \n\t", 422, "code_empty"),
        ("x = '\0'", 422, "code_not_text"),
        ("# " + "é" * 32768, 413, "code_too_large"),
        ("# " + "x" * 4_000_000, 413, "code_too_large"),
        ("# " + "x" * 20_000_000, 413, "body_too_large"),
    ],
)
async def test_code_that_cannot_be_graded_is_refused_with_a_reason(
    api: Api, code: str, status: int, name: str
):
    answer = await api.send("double", code)
    assert (answer[0], answer[1]["error"]["code"]) == (status, name)
    assert (await api("GET", "problems/double/attempts"))[1]["attempts"] == []


async def test_half_a_surrogate_pair_is_refused_and_not_a_fault_of_ours(api: Api):
    body = b'{"key": "%s", "code": "x = \\"\\ud800\\""}' % str(uuid4()).encode()
    status, answer = await api("POST", "problems/double/attempts", content=body)
    assert (status, answer["error"]["code"]) == (422, "code_not_text")


@pytest.mark.parametrize("body", [b"", b"nope", b"[]", b"1", b"\xff\xfe", b"[" * 100_000])
async def test_a_body_that_is_no_json_object_is_told_so(api: Api, body: bytes):
    status, answer = await api("POST", "problems/double/attempts", content=body)
    assert (status, answer["error"]["code"]) == (400, "not_json")


async def test_wrong_fields_are_named(api: Api):
    body = {"key": "no", "kind": "guess", "more": 1}
    status, answer = await api("POST", "problems/double/attempts", json=body)
    assert (status, answer["error"]["code"]) == (422, "invalid_fields")
    named = {field["field"] for field in answer["error"]["fields"]}
    assert named == {"key", "kind", "code", "more"}


@pytest.mark.parametrize("slug", ["nothing", "Double", "a%00b", "%C3%A9", "a" * 300])
async def test_an_unknown_problem_is_not_found(api: Api, slug: str):
    for path in ("", "/attempts", "/hints", "/notebook"):
        status, answer = await api("GET", f"problems/{slug}{path}")
        assert status == 404, answer
    assert (await api.send(slug, RIGHT))[0] == 404


async def test_an_unknown_attempt_is_not_found(api: Api):
    for name in ("x", str(uuid4()), "01890000-0000-7000-8000-000000000000", "%00"):
        status, answer = await api("GET", f"attempts/{name}")
        assert (status, answer["error"]["code"]) == (404, "unknown_attempt")


async def test_history_is_newest_first_and_pages(api: Api):
    sent = [(await api.submit("double", WRONG + f"# {n}\n"))["id"] for n in range(5)]
    got, before = [], ""
    for _ in range(3):
        page = (await api("GET", f"problems/double/attempts?limit=2&before={before}"))[1]
        got += [attempt["id"] for attempt in page["attempts"]]
        before = page["before"]
    assert got == sent[::-1]
    assert before is None


@pytest.mark.parametrize("limit", ["0", "-1", "101", "x", "1e2"])
async def test_a_page_has_one_to_a_hundred_attempts(api: Api, limit: str):
    status, answer = await api("GET", f"problems/double/attempts?limit={limit}")
    assert (status, answer["error"]["code"]) == (422, "invalid_fields")


async def test_two_learners_do_not_see_each_others_attempts(two: tuple[Api, Api]):
    one, other = two
    attempt = await one.submit("double", RIGHT)
    status, answer = await other("GET", f"attempts/{attempt['id']}")
    assert (status, answer["error"]["code"]) == (404, "unknown_attempt")
    assert (await other("GET", "problems/double/attempts"))[1]["attempts"] == []
    assert (await other("GET", "progress"))[1]["xp"] == 0


async def test_two_learners_may_use_the_same_key(two: tuple[Api, Api]):
    key = str(uuid4())
    answers = await gather(*(api.send("double", RIGHT, key=key) for api in two))
    assert [status for status, _ in answers] == [202, 202]
    assert answers[0][1]["id"] != answers[1][1]["id"]
