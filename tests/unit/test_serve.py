"""What keeps the authority from starting is one line, and nothing is started before it."""

import os
import socket
import subprocess
import sys

HUB = {"JUPYTERHUB_API_URL": "http://127.0.0.1:1/hub/api"}


def serve(*options: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "pythonmastery_ext.cli", "serve", *options]
    return subprocess.run(
        words, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = serve(f"--port={port}", environment=HUB)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"cannot listen on 127.0.0.1, port {port}" in line
    assert "--port" in line


def test_a_number_that_is_no_port():
    done = serve("--port=123456", environment=HUB)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "port 123456" in line


def test_without_a_hub_nobody_could_sign_in():
    done = serve(environment={})
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "JUPYTERHUB_API_URL" in line
