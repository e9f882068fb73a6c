"""Real servers for the tests of the API, each a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.api.client import TLS
from tests.ports import free_port

TOKEN = "jupyter-token"


@contextmanager
def jupyter(log: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Jupyter Server with our extension only; yields its address."""
    port = free_port()
    words = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"]
    words += [f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]
    words += ["--ServerApp.jpserver_extensions={'pythonmastery_ext': True}"]
    words += [f"--ServerApp.root_dir={log.parent}"]
    with process(words, log, environment):
        yield answering(f"http://127.0.0.1:{port}/", log)


@contextmanager
def authority(log: Path, environment: Mapping[str, str]) -> Iterator[str]:
    port = free_port()
    words = [sys.executable, "-m", "pythonmastery_ext.cli", "serve", f"--port={port}"]
    with process(words, log, environment):
        yield answering(f"http://127.0.0.1:{port}/", log)


@contextmanager
def process(
    words: list[str], log: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out:
        started = subprocess.Popen(
            words,
            # Each is a service of its own: who was erased in one is not in the other's list.
            env={
                **os.environ,
                "PYTHONMASTERY_PRIVACY_DIR": str(log.parent / "privacy"),
                **environment,
            },
            stdout=out,
            stderr=out,
            cwd=Path.cwd(),
        )
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(20)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def answering(root: str, log: Path) -> str:
    """The address, once something answers there."""
    end = time.monotonic() + 100
    while time.monotonic() < end:
        try:
            httpx.get(root + "pythonmastery/api/v1/status", timeout=5, trust_env=False, verify=TLS)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return root
    raise AssertionError(f"no answer from {root}:\n{log.read_text()[-4000:]}")


def wait_ready(root: str, token: str, log: Path) -> None:
    end = time.monotonic() + 100
    told = ""
    while time.monotonic() < end:
        answer = httpx.get(
            root + "pythonmastery/api/v1/status",
            headers={"Authorization": f"token {token}"},
            timeout=10,
            trust_env=False,
            verify=TLS,
        )
        told = answer.text
        if answer.status_code == 200 and answer.json()["ready"]:
            return
        time.sleep(0.1)
    raise AssertionError(f"not ready: {told}\n{log.read_text()[-4000:]}")
