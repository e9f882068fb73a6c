"""What an admin changes holds, is recorded with who did it, and is asked of the hub first."""

import pytest

from tests.counterparts.hub import SUBMIT
from tests.panel.office import PREFIX, text


@pytest.fixture
def ada(desk):
    """Signed in, with a token for the API; nobody's server was stopped yet."""
    desk.browser("ada", "student").get("")
    desk.hub.stopped.clear()
    return desk.hub.token("ada", scopes=(SUBMIT,))


def test_a_write_ends_with_a_redirect_that_tells_once(desk, admin):
    page = admin.post("admin/features/leaderboard", message="Exams.", enabled="false")
    assert [step.status_code for step in page.history] == [303]
    assert "Leaderboard: off from now on." in text(page)
    assert "Leaderboard: off from now on." not in text(admin.get("admin/features"))
    admin.post("admin/features/leaderboard", enabled="true")


def test_a_locked_person_gets_nothing_until_unlocked(desk, admin, ada):
    number = desk.person("ada")
    assert desk.api(ada, "GET", "me/profile")[0] == 200
    page = admin.post(f"admin/people/{number}/lock")
    assert "ada is locked and signed out." in text(page)
    assert desk.hub.stopped == ["ada"]
    for path in ("me/profile", "status", "events"):
        status, told = desk.api(ada, "GET", path)
        assert (status, told["error"]["code"]) == (403, "account_suspended"), path
    assert "locked by an admin" in text(desk.browser("ada", "student").get("admin"))
    assert "Unlock" in text(page)
    admin.post(f"admin/people/{number}/unlock")
    assert desk.api(ada, "GET", "me/profile")[0] == 200
    actor = desk.person("grace")
    assert desk.recorded("user.suspended")[0][:2] == (actor, number)
    assert desk.recorded("user.unsuspended")[0][:2] == (actor, number)


def test_a_lock_ends_what_is_open_within_seconds(desk, admin, ada):
    number = desk.person("ada")
    headers = desk.headers(ada)
    with desk.http.stream("GET", desk.address("events"), headers=headers) as events:
        lines = events.iter_lines()
        assert next(lines).startswith(("id:", "event:"))
        admin.post(f"admin/people/{number}/lock")
        # Heartbeats would keep it open for ever.
        assert list(lines)
    admin.post(f"admin/people/{number}/unlock")


def test_a_lock_holds_though_the_server_was_not_stopped_and_says_so(desk, admin, ada):
    number = desk.person("ada")
    desk.hub.cannot_stop = True
    try:
        page = admin.post(f"admin/people/{number}/lock")
    finally:
        desk.hub.cannot_stop = False
    assert "did not stop their server" in text(page)
    assert desk.api(ada, "GET", "me/profile")[0] == 403
    admin.post(f"admin/people/{number}/unlock")


def test_nobody_locks_themselves_out(desk, admin):
    page = admin.post(f"admin/people/{desk.person('grace')}/lock")
    assert page.status_code == 403
    assert "You cannot lock yourself out" in text(page)
    assert admin.get("admin").status_code == 200


def test_a_role_is_the_hubs_and_cannot_be_changed_here(desk, admin):
    number = desk.person("student-4")
    assert "The hub decides" in text(admin.get(f"admin/people/{number}"))
    assert admin.post(f"admin/people/{number}", role="admin").status_code == 405
    assert desk.sql("select role from app_user where id = %s", number) == [("student",)]


def test_a_session_is_ended(desk, admin):
    owner = desk.person("student-6")
    ((session,),) = desk.sql("select id from session where user_id = %s", owner)
    back = f"{PREFIX}admin/sessions?person=student-6"
    page = admin.post(f"admin/sessions/{owner}/{session}/revoke", back=back)
    assert str(page.url).endswith(back)
    assert "No open sessions." in text(page)
    assert desk.recorded("session.revoked")[0][:3] == (desk.person("grace"), owner, str(session))


def test_a_limit_is_filled(desk, admin):
    person = desk.person("student-7")
    page = admin.post(f"admin/limits/{person}/submit/reset")
    assert "student-7 may do this again at once" in text(page)
    assert "60 of 60" in text(admin.get("admin/limits?person=student-7"))
    assert admin.post(f"admin/limits/{person}/nothing/reset").status_code == 404


def test_an_erasure_is_stopped_unless_its_owner_asked_for_it(desk, admin):
    page = text(admin.get("admin/requests"))
    assert "the erasure of student-2" in page
    assert "the erasure of student-1" not in page
    requests = dict(
        desk.sql("select username, r.id from data_request r join app_user u on u.id = user_id")
    )
    refused = admin.post(f"admin/requests/{requests['student-1']}/stop")
    assert refused.status_code == 403
    assert "only they can take it back" in text(refused)
    assert "stopped" in text(admin.post(f"admin/requests/{requests['student-2']}/stop"))
    assert desk.recorded("privacy.erasure.cancelled")[0][0] == desk.person("grace")
    assert admin.post(f"admin/requests/{requests['student-2']}/stop").status_code == 409


def test_a_problem_that_is_taken_out_is_closed_to_learners_and_comes_back(desk, admin, ada):
    assert desk.api(ada, "GET", "problems/double")[0] == 200
    assert "out of the course" in text(admin.post("admin/problems/double/take-out"))
    assert desk.api(ada, "GET", "problems/double")[0] == 404
    listed = desk.api(ada, "GET", "problems")[1]["problems"]
    assert "double" not in {each["slug"] for each in listed}
    admin.post("admin/problems/double/put-back")
    assert desk.api(ada, "GET", "problems/double")[0] == 200
    assert desk.recorded("problem.withheld")[0][2] == "problems/double"
    assert desk.recorded("problem.restored")[0][0] == desk.person("grace")


def test_the_hub_is_asked_before_each_write_and_what_it_took_back_is_gone_at_once(desk):
    fallen = desk.browser("fallen", "admin")
    assert fallen.get("admin").status_code == 200
    for owner in desk.hub.owners.values():
        if owner["name"] == "fallen":
            owner["scopes"] = [scope for scope in owner["scopes"] if "admin" not in scope]
    # Reading is believed for some seconds, writing is not.
    page = fallen.post("admin/features/tutor", enabled="false")
    assert page.status_code == 403
    assert desk.sql("select count(*) from feature where name = 'tutor' and not enabled") == [(0,)]


def test_without_the_hub_those_who_are_known_read_on_and_nobody_writes(desk, admin):
    before = len(desk.recorded("feature.changed"))
    desk.hub.instead = (500, b"{}")
    try:
        assert admin.get("admin/people").status_code == 200
        page = admin.post("admin/features/tutor", enabled="false")
        stranger = desk.browser("late", "admin").get("admin")
    finally:
        desk.hub.instead = None
    assert page.status_code == 503
    assert "JupyterHub cannot be reached" in text(page)
    assert page.headers["Retry-After"]
    assert stranger.status_code == 503
    assert len(desk.recorded("feature.changed")) == before
