"""One machine, an account for each: what a student with a terminal gains from it, and what the
grader's account would gain if its walls fell. Nothing.
"""

import json
import pwd
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.api import matrix
from tests.api.client import PATIENCE
from tests.api.course import RIGHT, SECRET
from tests.conftest import fresh_database
from tests.hub import machine
from tests.hub.classroom import API, Classroom
from tests.hub.walls import ALL, GRADER, ME, OTHER, OURS, SERVICE, WORKER, Machine, furnished

# The class is started anew in it, which takes its time on a busy machine.
pytestmark = pytest.mark.timeout(300)
SECRETS = re.compile(r"TOKEN|KEY|SECRET|PASSWORD|DATABASE", re.IGNORECASE)


@pytest.fixture(scope="module")
def host(postgres_url: str, template: str) -> Iterator[Machine]:
    if why := machine.unfit(ALL):
        pytest.skip(why)
    with fresh_database(postgres_url, template) as url, furnished(url) as here:
        yield here


@pytest.fixture(scope="module")
def owned(host: Machine) -> dict[str, Any]:
    """The other student's work, with the canary in it."""
    attempt = host.room.relayed(
        OTHER,
        "POST",
        "problems/double/attempts",
        {"key": "7b0d5b1e-3b0a-4f57-9a3e-5e1b0c0f6a11", "code": matrix.CODE},
    ).json()
    note = Path(pwd.getpwnam(OTHER).pw_dir, "notes.txt")
    note.write_text(matrix.CANARY)
    shutil.chown(note, OTHER)
    return dict(attempt)


@pytest.fixture(scope="module")
def gained(host: Machine, owned: dict[str, Any]) -> dict[str, Any]:
    """All that the burglar brought home."""
    room = host.room
    calls = [*to_the_hub(room), *to_the_service(room, owned), *to_others(room)]
    return host.rob(ME, host.server(ME), calls)


@pytest.fixture(scope="module")
def graders_gain(host: Machine, owned: dict[str, Any]) -> dict[str, Any]:
    """The same with the account of the grader's kernel, as if its walls had fallen."""
    mine = ("grader", "starter", "grader kernel")
    return host.rob(GRADER, host.pid("grader kernel"), strangers(host.room, owned), but=mine)


@pytest.fixture(scope="module")
def services_gain(host: Machine, owned: dict[str, Any]) -> dict[str, Any]:
    """And with the service's."""
    return host.rob(SERVICE, host.pid("service"), [], but=("service",))


def call(url: str, method: str = "GET", **more: Any) -> dict[str, Any]:
    return {"url": url, "method": method, **more}


def to_the_hub(room: Classroom) -> list[dict[str, Any]]:
    hub, proxy = room.environment["HUB_BIND_URL"], room.environment["PROXY_API_URL"]
    scopes = [f"custom:pythonmastery:{name}" for name in ("teach", "admin")]
    tokens = [
        call(f"{hub}/hub/api/users/{login}/tokens", "POST", body={"scopes": wanted})
        for login in (ME, OTHER, "admin")
        for wanted in ([scopes[0]], [scopes[1]], ["inherit"], ["admin:users"])
    ]
    reads = ["users", f"users/{OTHER}", "users/admin", "services", "proxy", "groups", "info"]
    return [
        *tokens,
        *(call(f"{hub}/hub/api/{path}") for path in reads),
        call(f"{hub}/hub/api/users/{OTHER}/server", "DELETE"),
        call(f"{hub}/hub/api/shutdown", "POST", body={}),
        *(call(f"{proxy}/api/routes", token=token) for token in ("", room.url)),
        call(f"{proxy}/api/routes"),
        call(f"{proxy}/api/routes/user/{OTHER}", "POST", body={"target": "http://127.0.0.1:1"}),
    ]


def to_the_service(room: Classroom, owned: dict[str, Any]) -> list[dict[str, Any]]:
    """Every address that is for others only, and the other's attempt."""
    nobody = matrix.Owned(1, OTHER, "", owned["id"], owned["id"], 1, "x" * 43, "")
    return [
        call(f"{room.service}{API}{each.path}", each.method, body=each.body)
        for each in matrix.calls(nobody)
        if each.closed or each.owned
    ]


def strangers(room: Classroom, owned: dict[str, Any]) -> list[dict[str, Any]]:
    """The same with no token at all."""
    calls = [*to_the_hub(room), *to_the_service(room, owned)]
    return [{**each, "token": ""} for each in calls]


def to_others(room: Classroom) -> list[dict[str, Any]]:
    server = f"{room.url}/user/{OTHER}"
    return [
        call(f"{server}/api/contents"),
        call(f"{server}/api/kernels", "POST", body={}),
        call(f"{server}/api/terminals", "POST", body={}),
        call(f"{server}{API}attempts/1"),
    ]


def test_the_account_is_the_students_own(gained):
    assert gained["who"] == pwd.getpwnam(ME).pw_uid


def test_no_secret_came_home(host, gained):
    secrets = {**host.secrets(), "a hidden test": str(SECRET)}
    text = json.dumps(gained)
    assert [what for what, secret in secrets.items() if secret in text] == []


def test_files_of_the_service_the_hub_and_other_students_are_closed(gained):
    assert gained["files"]
    assert {path: told for path, told in gained["files"].items() if told != "PermissionError"} == {}


def test_nothing_is_seen_of_other_processes_but_their_words(gained):
    open_ = {name for name, told in gained["processes"].items() if told.startswith("gained")}
    assert {name for name in open_ if not name.endswith("/cmdline")} == set()


def test_others_processes_can_be_neither_traced_nor_stopped(host, gained):
    assert set(gained["hands on"].values()) == {"PermissionError"}
    assert all(process.poll() is None for process in host.room.processes.values())


def test_sockets_of_graders_and_of_others_kernels_are_closed(host, gained):
    private = {pwd.getpwnam(name).pw_uid for name in (*OURS, OTHER)}
    reached = [Path(path) for path, told in gained["sockets"].items() if told.startswith("gained")]
    assert [path for path in reached if path.stat().st_uid in private] == []
    assert any("PermissionError" in told for told in gained["sockets"].values())


def test_no_word_that_a_student_can_find_opens_the_database(gained):
    assert set(gained["database"].values()) == {"OperationalError"}


def test_the_servers_environment_holds_one_token_of_its_own(gained):
    names = {name for name in gained["environment"] if SECRETS.search(name)}
    assert names <= {"JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN"}


def test_the_hub_the_proxy_and_others_servers_refuse_its_token(host, gained):
    service = host.room.service
    allowed = {"/hub/api/info"}
    for each in gained["calls"]:
        if not each["url"].startswith(service) and urlsplit(each["url"]).path not in allowed:
            assert each["status"] in (401, 403, 404), each


def test_the_service_takes_it_for_one_learner_and_no_more(host, gained):
    answers = [each for each in gained["calls"] if each["url"].startswith(host.room.service)]
    assert len(answers) > 10
    for each in answers:
        assert each["status"] in (401, 403, 404), each


def test_a_student_cannot_mint_a_token_that_teaches(host):
    room = host.room
    browser = room.sign_in(ME)
    for scope in ("teach", "admin"):
        answer = browser.post(
            f"/hub/api/users/{ME}/tokens",
            json={"scopes": [f"custom:pythonmastery:{scope}"]},
            headers={"X-XSRFToken": browser.cookies["_xsrf"]},
        )
        assert answer.status_code in (400, 403), answer.text


def test_an_honest_submission_goes_on_working(host, gained):
    room = host.room
    sent = room.relayed(
        ME,
        "POST",
        "problems/double/attempts",
        {"key": "7b0d5b1e-3b0a-4f57-9a3e-5e1b0c0f6a12", "code": RIGHT},
    ).json()
    end = time.monotonic() + PATIENCE
    while (found := room.relayed(ME, "GET", f"attempts/{sent['id']}").json())[
        "status"
    ] == "waiting":
        assert time.monotonic() < end
        time.sleep(0.05)
    assert found["status"] == "passed", found


def test_the_grader_gains_nothing_of_the_service_the_worker_or_the_students(host, graders_gain):
    told = graders_gain
    assert told["who"] == pwd.getpwnam(GRADER).pw_uid
    assert [what for what, one in host.secrets().items() if one in json.dumps(told)] == []
    closed = {"PermissionError"}
    assert set(told["files"].values()) == closed
    assert set(told["hands on"].values()) == closed
    open_ = {name for name, what in told["processes"].items() if what.startswith("gained")}
    assert {name for name in open_ if not name.endswith("/cmdline")} == set()
    assert set(told["database"].values()) == {"OperationalError"}
    assert {each["status"] for each in told["calls"]} <= {401, 403, 404}
    assert len(told["calls"]) > 10


def test_the_grader_is_given_no_more_than_where_it_may_write(host):
    names = set(host.environment(host.pid("grader kernel")))
    assert not {name for name in names if name.startswith(("PYTHONMASTERY_", "GEMINI", "PG"))}
    assert not SECRETS.search(" ".join(names))


def test_the_service_has_no_hand_on_the_grader_or_the_worker(host, services_gain):
    told = services_gain
    assert told["who"] == pwd.getpwnam(SERVICE).pw_uid
    assert set(told["files"].values()) == {"PermissionError"}
    assert set(told["hands on"].values()) == {"PermissionError"}
    open_ = {name for name, what in told["processes"].items() if what.startswith("gained")}
    assert {name for name in open_ if not name.endswith("/cmdline")} == set()
    private = {pwd.getpwnam(name).pw_uid for name in (WORKER, GRADER)}
    reached = [Path(path) for path, what in told["sockets"].items() if what.startswith("gained")]
    assert [path for path in reached if path.stat().st_uid in private] == []
    assert all(process.poll() is None for process in host.processes.values())
