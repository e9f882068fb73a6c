"""Who is who: GitHub's number, not the login; addresses that are verified; and who has left."""

import json

import httpx

from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.keyfile import KeyFile
from tests.conftest import SESSION_DIR

ROW = "select id, github_id, username, avatar_url, role from app_user where username = %s"


def row(room, login):
    with room.database() as db:
        return db.execute(ROW, [login]).fetchone()


def tell(room, login, token, **known):
    """As the hub does."""
    known = {
        "github_id": 1,
        "login": login,
        "name": None,
        "avatar_url": None,
        "email": None,
    } | known
    return httpx.put(
        f"{room.service}/pythonmastery/api/v1/hub/people/{login}",
        content=json.dumps(known),
        headers={"Authorization": f"token {token}"},
        trust_env=False,
    )


def test_the_row_has_githubs_number_and_face(room):
    account = room.github.add("marie", name="Marie")
    room.sign_in("marie")
    _, number, _, face, role = row(room, "marie")
    assert (number, role) == (account.id, "student")
    assert face == f"{room.github.url}/u/{account.id}"


def test_a_renamed_login_keeps_what_was_theirs(room):
    account = room.github.add("grace")
    room.sign_in("grace")
    before, old_token = row(room, "grace")[0], room.api_token("grace")
    room.github.add("somebody")
    account.login = "grace-hopper"
    room.sign_in("grace-hopper")
    assert row(room, "grace-hopper")[0] == before
    assert row(room, "grace") is None
    # A server that was started before goes on as the same person.
    status = room.ask(old_token, "GET", "status").json()
    assert status["learner"]["username"] == "grace-hopper"


def test_a_login_that_somebody_else_takes_over_is_refused_with_a_sentence(room):
    first = room.github.add("alan")
    room.sign_in("alan")
    first.login = "alan-turing"
    room.github.add("alan")
    _, page = room.try_sign_in("alan")
    assert page.status_code == 403
    assert "The name alan belongs to another GitHub account" in page.text
    # Also once the first one has come back under the new name: the files are under the old one.
    room.sign_in("alan-turing")
    assert room.try_sign_in("alan")[1].status_code == 403
    assert row(room, "alan-turing")[1] == first.id


def test_only_a_verified_address_is_kept_and_it_is_sealed(room):
    keyring = Keyring(KeyFile(SESSION_DIR / "keys.json").keys)
    room.github.add("ada", emails={"ada@example.org": False})
    room.github.add("emmy", emails={"emmy@example.org": True, "other@example.org": True})
    room.github.add("rosa", emails={"rosa@example.org": False, "second@example.org": True})
    for login in ("ada", "emmy", "rosa"):
        room.sign_in(login)
    with room.database() as db:
        kept = dict(
            db.execute(
                "select username, email_blind from app_user where username in ('ada','emmy','rosa')"
            ).fetchall()
        )
        plain = db.execute("select count(*) from app_user where email is not null").fetchone()
        texts = db.execute("select string_agg(app_user::text, '') from app_user").fetchone()
    assert kept == {"ada": None, "emmy": keyring.blind("emmy@example.org"), "rosa": None}
    assert plain == (0,)
    assert "example.org" not in texts[0]


def test_an_address_that_is_given_up_is_forgotten(room):
    account = room.github.add("lise")
    room.sign_in("lise")
    account.emails = {}
    room.sign_in("lise")
    with room.database() as db:
        found = db.execute(
            "select email_sealed, email_blind from app_user where username = 'lise'"
        ).fetchone()
    assert found == (None, None)


def test_only_the_hub_itself_may_say_who_somebody_is(room):
    for token in (room.api_token("admin"), room.api_token("student"), room.hub_token, "x"):
        assert tell(room, "student", token).status_code in (401, 403)
    assert row(room, "student")[1] != 1
    # And the service's own token is nobody: it reads nothing.
    assert room.ask(room.service_token, "GET", "me/profile").status_code == 403


def test_whoever_is_deleted_in_the_hub_is_erased_after_the_usual_wait(room):
    room.github.add("paul")
    session = room.call(
        "paul", "POST", "me/sessions", {"label": "x", "kind": "cli", "scopes": ["submit"]}
    )
    assert room.ask(session["token"], "GET", "me/profile").status_code == 200
    assert room.hub("DELETE", "users/paul").status_code == 204
    with room.database() as db:
        found = db.execute(
            "select kind, state, due_at > now() + interval '6 days' from data_request"
            " join app_user on app_user.id = user_id where username = 'paul'"
        ).fetchone()
    assert found == ("erase", "cooling", True)
    assert room.ask(session["token"], "GET", "me/profile").status_code == 401
