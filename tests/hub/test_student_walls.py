"""One machine, an account for each: what a student with a terminal gains from it. Nothing."""

import json
import os
import pwd
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from sqlalchemy import make_url

from pythonmastery_ext.db.keyfile import KeyFile
from tests.api import matrix
from tests.api.client import PATIENCE
from tests.api.course import RIGHT, SECRET, make_course
from tests.conftest import fresh_database
from tests.hub import burglar, machine
from tests.hub.classroom import API, Classroom, Own, classroom

# The class is started anew in it, which takes its time on a busy machine.
pytestmark = pytest.mark.timeout(300)
SERVICE = "pm-walls-service"
ME, OTHER = "student", "pm-walls-other"
LOGINS = [ME, OTHER, "instructor", "admin"]


@dataclass(frozen=True)
class Machine:
    room: Classroom
    folder: Path
    python: Path

    def server(self, login: str) -> int:
        """Pid of this person's server."""
        owned = [each for each in psutil.process_iter(["username"]) if each.username() == login]
        return min(owned, key=psutil.Process.create_time).pid

    def environment(self, login: str) -> dict[str, str]:
        text = Path(f"/proc/{self.server(login)}/environ").read_text()
        return dict(line.split("=", 1) for line in text.split("\0") if line)


@pytest.fixture(scope="module")
def host(postgres_url: str, template: str) -> Iterator[Machine]:
    if why := machine.unfit(LOGINS):
        pytest.skip(why)
    with (
        machine.folder_for_all() as folder,
        machine.accounts(SERVICE, LOGINS),
        fresh_database(postgres_url, template) as url,
    ):
        python = machine.python_for_all(folder)
        (folder / "hub").mkdir(mode=0o700)
        own = Own(SERVICE, str(python / "bin/python"), service_settings(folder))
        settings = {
            "SPAWNER": "localprocess",
            "PATH": f"{python}/bin:{os.environ['PATH']}",
        }
        with classroom(folder / "hub", url, folder / "service/course", own, **settings) as room:
            room.github.add(OTHER, name="Somebody else")
            for login in (ME, OTHER):
                room.start_server(login)
            yield Machine(room, folder, python)


def service_settings(folder: Path) -> dict[str, str]:
    """Its folder, which holds all that is secret; only its account can open it."""
    place = folder / "service"
    place.mkdir()
    make_course(place / "course")
    KeyFile(place / "keys.json").make()
    machine.hand_over(place, SERVICE)
    return {
        "HOME": str(place),
        "PYTHONMASTERY_DATA_DIR": str(place / "data"),
        "PYTHONMASTERY_ENCRYPTION_KEYS_FILE": str(place / "keys.json"),
        "TMPDIR": "/tmp",
    }


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
    done = subprocess.run(
        [str(host.python / "bin/python"), "-c", Path(burglar.__file__).read_text()],
        input=json.dumps(plan(host, owned)),
        env=host.environment(ME),
        cwd=pwd.getpwnam(ME).pw_dir,
        user=ME,
        group=pwd.getpwnam(ME).pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def plan(on: Machine, owned: dict[str, Any]) -> dict[str, Any]:
    room, database = on.room, make_url(on.room.database_url)
    homes = [pwd.getpwnam(name).pw_dir for name in (OTHER,)]
    hub_pid = room.processes["hub"].pid
    return {
        "places": [str(on.folder / "service"), str(on.folder / "hub"), *homes, "/root"],
        "pids": {
            "service": room.processes["service"].pid,
            "hub": hub_pid,
            "proxy": child_of(hub_pid),
            "another's server": on.server(OTHER),
        },
        "database": {
            "host": database.host,
            "port": database.port,
            "users": [database.username, "postgres"],
        },
        "calls": [*to_the_hub(room), *to_the_service(room, owned), *to_others(room)],
    }


def child_of(pid: int) -> int:
    return next(each.pid for each in psutil.Process(pid).children() if each.name() == "node")


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
    room = host.room
    keys = json.loads((host.folder / "service/keys.json").read_text())
    secrets = {
        "the service's token": room.service_token,
        "the hub's token": room.hub_token,
        "the proxy's token": proxy_token(host),
        "the token of another's server": host.environment(OTHER)["JUPYTERHUB_API_TOKEN"],
        "the database's password": make_url(room.database_url).password,
        "a hidden test": str(SECRET),
        "another's work": matrix.CANARY,
        "the keys": keys["blind"],
        **{f"key {number}": key for number, key in keys["keys"].items()},
    }
    text = json.dumps(gained)
    assert [what for what, secret in secrets.items() if str(secret) in text] == []


def proxy_token(on: Machine) -> str:
    text = Path(f"/proc/{child_of(on.room.processes['hub'].pid)}/environ").read_text()
    return dict(line.split("=", 1) for line in text.split("\0") if line)["CONFIGPROXY_AUTH_TOKEN"]


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
    private = {pwd.getpwnam(name).pw_uid for name in (SERVICE, OTHER)}
    reached = [Path(path) for path, told in gained["sockets"].items() if told.startswith("gained")]
    assert [path for path in reached if path.stat().st_uid in private] == []
    assert any("PermissionError" in told for told in gained["sockets"].values())


def test_no_word_that_a_student_can_find_opens_the_database(gained):
    assert set(gained["database"].values()) == {"OperationalError"}


def test_the_servers_environment_holds_one_token_of_its_own(gained):
    secret = re.compile(r"TOKEN|KEY|SECRET|PASSWORD|DATABASE", re.IGNORECASE)
    names = {name for name in gained["environment"] if secret.search(name)}
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
