"""`make hub`: a class in one command, which leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.hub.classroom import ROOT
from tests.ports import free_port

PATIENCE = 90.0
PLACES = (
    *("BIND_URL", "HUB_BIND_URL", "PROXY_API_URL", "GITHUB_URL"),
    "PYTHONMASTERY_SERVICE_URL",
)


@pytest.fixture
def places(tmp_path):
    return {name: f"http://127.0.0.1:{free_port()}" for name in PLACES}


@pytest.fixture
def come_in(tmp_path, places):
    """Starts the class, which ends with the test, and signs this person in."""
    started = []
    callback = {"OAUTH_CALLBACK_URL": places["BIND_URL"] + "/hub/oauth_callback"}
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTHONMASTERY")}

    def come_in(login):
        with (tmp_path / "make-hub.log").open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "deploy.development", str(tmp_path)],
                env=kept | places | callback,
                cwd=ROOT,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        started.append(process)
        wait_welcome(tmp_path, process)
        page = sign_in(places, login)
        assert (page.status_code, page.url.path) == (200, "/hub/home")
        return process

    yield come_in
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def wait_welcome(folder, process):
    end = time.monotonic() + PATIENCE
    while "A class is open" not in (told := (folder / "make-hub.log").read_text()):
        assert process.poll() is None, told
        assert time.monotonic() < end, told
        time.sleep(0.1)


def wait_ended(places):
    """Nobody listens any more."""
    end = time.monotonic() + PATIENCE
    ports = {urlsplit(place).port for place in places.values()}
    while ports:
        assert time.monotonic() < end, ports
        for port in list(ports):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) != 0:
                    ports.remove(port)
        time.sleep(0.1)


def sign_in(places, login):
    with httpx.Client(trust_env=False, timeout=30) as browser:
        page = browser.get(places["BIND_URL"] + "/hub/oauth_login?next=/hub/home")
        chosen = browser.post(page.headers["location"], data={"login": login})
        return browser.get(chosen.headers["location"], follow_redirects=True)


def test_a_port_that_is_taken_is_told_before_anything_starts(tmp_path, places):
    with socket.create_server(("127.0.0.1", urlsplit(places["BIND_URL"]).port)) as other:
        ended = subprocess.run(
            [sys.executable, "-m", "deploy.development", str(tmp_path)],
            env=os.environ | places,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        port = other.getsockname()[1]
    assert ended.returncode == 1
    assert ended.stdout.startswith(f"Port {port} is taken; end what listens there")
    assert not (tmp_path / "hub.log").exists()


@pytest.mark.timeout(300)
def test_a_class_in_one_command_survives_a_crash_and_ends_with_ctrl_c_or_its_killed_parent(
    come_in, places
):
    process = come_in("student")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) == 1
    os.kill(int(children[0]), signal.SIGKILL)
    assert process.wait(60) != 0
    # At once: what it had started goes by itself, and the next one takes over the proxy.
    process = come_in("instructor")
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    wait_ended(places)
    # Nobody could end it in order.
    process = come_in("admin")
    process.kill()
    wait_ended(places)
