"""One machine with an account for each part of the product, and a burglar in any of them."""

import json
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import make_url

from pythonmastery_ext.db.keyfile import KeyFile
from tests.api import matrix
from tests.api.course import make_course
from tests.hub import burglar, machine
from tests.hub.classroom import PATIENCE, Classroom, Own, classroom

SERVICE, WORKER, GRADER = "pm-walls-service", "pm-walls-worker", "pm-walls-grader"
OURS = (SERVICE, WORKER, GRADER)
ME, OTHER = "student", "pm-walls-other"
LOGINS = [ME, OTHER, "instructor", "admin"]
ALL = [*OURS, *LOGINS]
#: Roles that the service takes on for its requests; nobody signs in as one.
FENCED = ("pythonmastery_web", "pythonmastery_instructor")
#: Has the form of none, so that nobody takes it for one.
GEMINI = "no-key-of-gemini-but-as-secret"


@dataclass
class Machine:
    room: Classroom
    folder: Path
    python: Path
    #: Of the worker and of the starter of graders.
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def server(self, login: str) -> int:
        """Pid of this person's server."""
        return min(owned_by(login), key=psutil.Process.create_time).pid

    def pid(self, name: str) -> int:
        if name == "proxy":
            return child_of(self.room.processes["hub"].pid, "node")
        if name == "grader kernel":
            return child_of(self.processes["starter"].pid, "python")
        return (self.room.processes | self.processes)[name].pid

    def environment(self, pid: int) -> dict[str, str]:
        text = Path(f"/proc/{pid}/environ").read_text()
        return dict(line.split("=", 1) for line in text.split("\0") if line)

    def secrets(self) -> dict[str, str]:
        """What nobody but the service, and whoever it was given by, may know."""
        keys = json.loads((self.folder / "service/keys.json").read_text())
        return {
            "the service's token": self.room.service_token,
            "the hub's token": self.room.hub_token,
            "the proxy's token": self.environment(self.pid("proxy"))["CONFIGPROXY_AUTH_TOKEN"],
            "the token of another's server": self.environment(self.server(OTHER))[
                "JUPYTERHUB_API_TOKEN"
            ],
            "the database's password": str(make_url(self.room.database_url).password),
            "the Gemini key": GEMINI,
            "another's work": matrix.CANARY,
            "the keys": keys["blind"],
            **{f"key {number}": key for number, key in keys["keys"].items()},
        }

    def rob(
        self, account: str, like: int, calls: list[dict[str, Any]], *, but: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """What a burglar with this account and the environment of this process brings home.

        They know every place, process and address; `but`: what is their own.
        """
        database = make_url(self.room.database_url)
        places = {name: self.folder / name for name in ("service", "hub", "worker", "grader")}
        places |= {name: Path(pwd.getpwnam(name).pw_dir) for name in (OTHER,)}
        names = ("service", "hub", "proxy", "worker", "starter", "grader kernel")
        pids = {name: self.pid(name) for name in names if name not in but}
        plan = {
            "places": [*(str(place) for name, place in places.items() if name not in but), "/root"],
            "pids": {**pids, "another's server": self.server(OTHER)},
            "database": {
                "host": database.host,
                "port": database.port,
                "users": [database.username, "postgres", *FENCED],
            },
            "calls": calls,
        }
        done = subprocess.run(
            [str(self.python / "bin/python"), "-c", Path(burglar.__file__).read_text()],
            input=json.dumps(plan),
            env=self.environment(like),
            cwd="/",
            user=account,
            group=pwd.getpwnam(account).pw_gid,
            extra_groups=[],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))


def owned_by(login: str) -> list[psutil.Process]:
    """Asked once for all: one that has ended since has no user any more."""
    return [each for each in psutil.process_iter(["username"]) if each.info["username"] == login]


def child_of(pid: int, name: str) -> int:
    children = psutil.Process(pid).children()
    return next(each.pid for each in children if each.name().startswith(name))


@contextmanager
def furnished(database_url: str) -> Iterator[Machine]:
    """The class with a worker and a grader of their own, and two students' servers."""
    with machine.folder_for_all() as folder, machine.accounts(OURS, LOGINS):
        machine.join(WORKER, GRADER)
        python = machine.python_for_all(folder)
        (folder / "hub").mkdir(mode=0o700)
        own = Own(SERVICE, str(python / "bin/python"), service_settings(folder))
        settings = {
            "SPAWNER": "localprocess",
            "PATH": f"{python}/bin:{os.environ['PATH']}",
        }
        with classroom(
            folder / "hub", database_url, folder / "service/course", own, **settings
        ) as room:
            here = Machine(room, folder, python)
            try:
                start_grader(here)
                start_worker(here)
                room.github.add(OTHER, name="Somebody else")
                for login in (ME, OTHER):
                    room.start_server(login)
                yield here
            finally:
                for process in reversed(here.processes.values()):
                    process.terminate()
                    process.wait(30)


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
        "PYTHONMASTERY_WORKER": "false",
        "GEMINI_API_KEY": GEMINI,
        # Nobody listens there.
        "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9",
        "TMPDIR": "/tmp",
    }


def start_grader(on: Machine) -> None:
    place = own_folder(on, "grader", GRADER, 0o750)
    socket = place / "starter"
    words = ["-P", "-m", "grader.starter", f"--socket={socket}"]
    on.processes["starter"] = begin(on, words, GRADER, [], place, {})
    wait(socket.exists, on.folder / "hub/grader.log")


def start_worker(on: Machine) -> None:
    place = own_folder(on, "worker", WORKER, 0o700)
    known = {
        "PYTHONMASTERY_DATABASE_URL": on.room.database_url,
        "PYTHONMASTERY_DATA_DIR": str(place),
        # It needs none, beyond that there is one.
        "PYTHONMASTERY_COURSE_DIR": str(place),
        "PYTHONMASTERY_GRADER_SOCKET": str(on.folder / "grader/starter"),
    }
    words = ["-m", "pythonmastery_ext.cli", "worker"]
    on.processes["worker"] = begin(on, words, WORKER, [GRADER], place, known)
    log = on.folder / "hub/worker.log"
    wait(lambda: "waiting for attempts" in log.read_text(), log)


def own_folder(on: Machine, name: str, account: str, mode: int) -> Path:
    place = on.folder / name
    place.mkdir()
    shutil.chown(place, account, account)
    place.chmod(mode)
    return place


def begin(
    on: Machine, words: list[str], account: str, more: list[str], place: Path, env: dict[str, str]
) -> "subprocess.Popen[bytes]":
    with (on.folder / f"hub/{place.name}.log").open("ab") as out:
        return subprocess.Popen(
            [str(on.python / "bin/python"), *words],
            user=account,
            group=account,
            extra_groups=more,
            env={"PATH": os.environ["PATH"], "HOME": str(place), **env},
            cwd="/",
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


def wait(holds: Any, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)
