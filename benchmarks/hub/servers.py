"""A student's own server: how long until it is usable, and what our part of it weighs."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
from playwright.sync_api import expect

from deploy.development.ending import WITH_PARENT
from tests.hub.classroom import Classroom
from tests.hub.visitor import Visitor
from tests.ports import free_port
from tests.ui import chromium

WITHOUT = "--ServerApp.jpserver_extensions={'pythonmastery_ext': False}"
SETTLE = 3.0


def lab_ready(room: Classroom, rounds: int) -> list[float]:
    """Milliseconds from the hub's button to the course in JupyterLab, each time somebody new."""
    taken = []
    with chromium.chromium() as browser:
        for number in range(rounds):
            login = f"newcomer-{number}"
            room.github.add(login)
            visitor = Visitor(browser, room, login)
            visitor.page.set_default_timeout(120_000)
            visitor.page.goto(f"{room.url}/hub/login?next=%2Fhub%2Fspawn")
            began = time.perf_counter()
            visitor.page.get_by_role("button", name=re.compile("Sign in with GitHub")).click()
            visitor.page.get_by_role("button", name=login, exact=True).click()
            course = visitor.page.get_by_role("region", name="PythonMastery course")
            expect(course.get_by_role("list", name="Sections")).to_be_visible(timeout=120_000)
            taken.append((time.perf_counter() - began) * 1000)
            visitor.close()
            room.stop_server(login)
    return taken


def weights(room: Classroom, login: str, rounds: int) -> tuple[list[float], list[float]]:
    """Proportional set size in MB of idle servers with and without our extension, by turns."""
    given = environment(room, login)
    with_us, plain = [], []
    for _ in range(rounds):
        with_us.append(weight(given, login))
        plain.append(weight(given, login, WITHOUT))
    return with_us, plain


def environment(room: Classroom, login: str) -> dict[str, str]:
    """As the hub gave it to this person's running server."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_text()
            lines = (process / "environ").read_text().split("\0")
        except OSError:
            continue
        found = dict(line.split("=", 1) for line in lines if "=" in line)
        if "jupyterhub.singleuser" in words and found.get("JUPYTERHUB_USER") == login:
            return found
    raise LookupError(f"{login} has no server")


def weight(given: dict[str, str], login: str, *options: str) -> float:
    url = f"http://127.0.0.1:{free_port()}/user/{login}/"
    words = [*WITH_PARENT, sys.executable, "-m", "jupyterhub.singleuser", *options]
    if os.geteuid() == 0:
        words.append("--allow-root")
    process = subprocess.Popen(
        words,
        env={**given, "JUPYTERHUB_SERVICE_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=Path.home(),
    )
    try:
        wait(url)
        # A page was served once, as to a student who then went away.
        httpx.get(f"{url}lab", trust_env=False)
        time.sleep(SETTLE)
        lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    finally:
        process.terminate()
        process.wait(30)


def wait(url: str) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}api", timeout=5, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(f"no answer from {url}")
