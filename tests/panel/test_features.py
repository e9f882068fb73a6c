"""What is switched off is off for learners, with a sentence, and comes back."""

from uuid import uuid4

import pytest

from tests.counterparts.hub import SUBMIT
from tests.panel.office import text


@pytest.fixture
def ada(desk):
    desk.browser("ada", "student").get("")
    return desk.hub.token("ada", scopes=(SUBMIT,))


@pytest.fixture
def switched(desk, admin):
    """Switches one off; all are on again at the end."""

    def switch(name, **fields):
        page = admin.post(f"admin/features/{name}", enabled="false", **fields)
        assert page.status_code == 200, text(page)

    yield switch
    for name in ("submitting", "tutor", "leaderboard", "sign_ups"):
        admin.post(f"admin/features/{name}", enabled="true", message="")


def submit(desk, token, key):
    body = {"key": key, "kind": "submit", "code": "def double(n):\n    return 2 * n\n"}
    return desk.api(token, "POST", "problems/double/attempts", body)


def test_submitting_is_paused_in_the_admins_words_and_nothing_is_lost(desk, ada, switched, admin):
    key = str(uuid4())
    switched("submitting", message="Back at <b>14:00</b>.")
    status, told = submit(desk, ada, key)
    assert (status, told["error"]["code"]) == (409, "submitting_paused")
    assert told["error"]["message"] == "Back at <b>14:00</b>."
    assert told["error"]["retry_after"]
    admin.post("admin/features/submitting", enabled="true")
    assert submit(desk, ada, key)[0] == 202


def test_the_tutor_takes_no_questions(desk, ada, switched):
    switched("tutor")
    status, told = desk.api(ada, "POST", "tutor/messages", {"message": "Why?"})
    assert (status, told["error"]["code"]) == (403, "tutor_off")
    tutor = desk.api(ada, "GET", "status")[1]["tutor"]
    assert not tutor["available"]
    assert "switched off" in tutor["why"]


def test_the_leaderboard_is_gone(desk, ada, switched):
    assert desk.api(ada, "GET", "leaderboard")[0] == 200
    switched("leaderboard")
    assert desk.api(ada, "GET", "leaderboard")[1]["error"]["code"] == "leaderboard_off"


def test_new_people_are_turned_away_and_old_ones_come_in(desk, ada, switched):
    switched("sign_ups", message="The course is full.")
    stranger = desk.hub.token("newcomer", scopes=(SUBMIT,))
    status, told = desk.api(stranger, "GET", "problems")
    assert (status, told["error"]["message"]) == (403, "The course is full.")
    assert desk.api(ada, "GET", "problems")[0] == 200
    assert desk.sql("select count(*) from app_user where username = 'newcomer'") == [(0,)]
    page = desk.browser("newcomer", "instructor").get("")
    assert page.status_code == 403
    assert "The course is full." in text(page)


def test_the_cap_of_questions_is_changed_while_it_runs(desk, admin, ada):
    assert "hold from now on" in text(admin.post("admin/tutor", enabled="true", amount="1"))
    assert desk.api(ada, "GET", "status")[1]["tutor"]["remaining_today"] == 1
    asked = desk.http.post(
        desk.address("tutor/messages"), json={"message": "Why?"}, headers=desk.headers(ada)
    )
    assert asked.status_code == 200
    status, told = desk.api(ada, "POST", "tutor/messages", {"message": "Why?"})
    assert (status, told["error"]["code"]) == (429, "too_many_messages")
    assert admin.post("admin/tutor", enabled="true", amount="").status_code == 200
    assert desk.api(ada, "GET", "status")[1]["tutor"]["remaining_today"] == 49


@pytest.mark.parametrize("amount", ["-1", "10001", "many", "1.5"])
def test_a_cap_that_cannot_be_is_told_beside_its_field(admin, amount):
    page = admin.post("admin/tutor", enabled="true", amount=amount)
    assert page.status_code == 422
    assert 'id="amount-problem"' in page.text
    assert f'value="{amount}"' in page.text


def test_words_that_are_too_long_are_told_and_an_unknown_feature_is_not_there(admin):
    page = admin.post("admin/features/tutor", enabled="false", message="x" * 301)
    assert page.status_code == 422
    assert 'id="tutor-problem"' in page.text
    assert admin.post("admin/features/gravity", enabled="false").status_code == 404
