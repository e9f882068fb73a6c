"""Starts `pythonmastery lab` as a learner would, in folders of its own."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ports import free_port

TOKEN = "labserver-token"
#: Seconds; generous, because the machine that runs the tests may be busy.
PATIENCE = 100.0
API = "pythonmastery/api/v1"
#: Settings of whoever runs the tests must not reach the server.
OURS = ("JUPYTER", "PYTHONMASTERY", "GEMINI", "GOOGLE")


@dataclass(frozen=True)
class LabServer:
    url: str
    home: Path
    log: Path
    process: subprocess.Popen[bytes]
    #: Seconds from the start of the process to the first answer of JupyterLab.
    answered_after: float

    @property
    def lab(self) -> str:
        return f"{self.url}/lab?token={TOKEN}&reset"

    def get(self, path: str, *, timeout: float = 10) -> Any:
        return self.call("GET", path, timeout=timeout)

    def call(self, method: str, path: str, body: Any = None, *, timeout: float = 10) -> Any:
        request = urllib.request.Request(  # noqa: S310 - loopback, our own address
            f"{self.url}/{API}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {TOKEN}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
            return json.load(answer)

    def agree(self) -> None:
        """As a learner who has agreed that their questions go to the tutor."""
        asked = self.call("GET", "tutor/consent")
        self.call("PUT", "tutor/consent", {"agreed": True, "version": asked["version"]})

    def wait_ready(self, seconds: float = PATIENCE) -> dict[str, Any]:
        """Waits until the product behind JupyterLab is ready."""
        end = time.monotonic() + seconds
        status: Any = None
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                status = self.get("status")
                if status["ready"] and status["grader"]["state"] == "ready":
                    return dict(status)
            except (urllib.error.URLError, ConnectionError, TimeoutError) as problem:
                status = repr(problem)
            time.sleep(0.1)
        raise AssertionError(f"not ready: {status}\n{self.log.read_text()[-6000:]}")

    def verdict(self, attempt_id: str, seconds: float = PATIENCE) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            attempt = self.get(f"attempts/{attempt_id}")
            if attempt["status"] != "waiting":
                return dict(attempt)
            time.sleep(0.05)
        raise AssertionError(f"attempt {attempt_id} is still waiting")


@contextmanager
def lab_server(
    home: Path,
    *options: str,
    python: str = sys.executable,
    environment: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[LabServer]:
    """`pythonmastery lab` in a home; give the same one again to come back another day."""
    home.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    log = home / f"lab-{port}.log"
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith(OURS)},
        "HOME": str(home),
        "PYTHONMASTERY_DATA_DIR": str(home / "data"),
        **(environment or {}),
    }
    words = [python, "-m", "pythonmastery_ext.cli", "lab", "--no-browser", f"--port={port}"]
    words += [f"--IdentityProvider.token={TOKEN}", "--ServerApp.port_retries=0", *options]
    began = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(words, env=env, stdout=out, stderr=out, cwd=home)
    try:
        answered = wait_answer(process, port, log, began)
        yield LabServer(f"http://127.0.0.1:{port}", home, log, process, answered)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def wait_answer(process: subprocess.Popen[bytes], port: int, log: Path, began: float) -> float:
    while time.monotonic() < began + PATIENCE:
        if process.poll() is not None:
            raise AssertionError(f"lab ended with {process.returncode}:\n{log.read_text()[-6000:]}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=5):
                return time.monotonic() - began
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise AssertionError(f"lab does not answer:\n{log.read_text()[-6000:]}")
