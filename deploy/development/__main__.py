"""A class on this machine: `make hub`.

A JupyterHub, its proxy, the PythonMastery service with a database of its own, and a GitHub that
knows three people, all on loopback. Ctrl-C ends it, and so does the end of whoever started it; what
was done in it is kept for the next time.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from deploy.development.ending import WITH_PARENT, end_below, end_with_parent, go_through
from pythonmastery_ext.db.keyfile import KeyFile

ROOT = Path(__file__).resolve().parents[2]
#: Where each part listens unless the environment says otherwise.
PLACES = {
    "BIND_URL": "http://127.0.0.1:8000",
    "PROXY_API_URL": "http://127.0.0.1:8001",
    "HUB_BIND_URL": "http://127.0.0.1:8081",
    "GITHUB_URL": "http://127.0.0.1:8010",
    "PYTHONMASTERY_SERVICE_URL": "http://127.0.0.1:10101",
}
OF_PROXY = ("BIND_URL", "PROXY_API_URL")
ADDRESS = (os.environ.get("BIND_URL") or PLACES["BIND_URL"]).rstrip("/")
READY = f"{ADDRESS}/services/pythonmastery/healthz/ready"
PATIENCE = 120.0
#: Seconds until the service and the GitHub of a hub that was killed are gone.
MOMENT = 10.0
WELCOME = f"""
A class is open at {ADDRESS}

  Sign in as     and you are
  student        somebody who learns: JupyterLab with the course
  instructor     somebody who teaches: {ADDRESS}/services/pythonmastery/teach
  admin          somebody who runs it: {ADDRESS}/services/pythonmastery/admin

Ctrl-C ends it.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the class is kept")
    folder = parser.parse_args().folder.resolve()
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if taken := still_taken(folder):
        say("\n".join(taken))
        return 1
    log = folder / "hub.log"
    say(f"Starting the hub, its proxy, the service and a GitHub; their log is {log}")
    end_with_parent()
    # The path of a kernel's socket may have 107 letters, and a clone may lie deep.
    runtime = tempfile.mkdtemp(prefix="pm-", dir="/tmp")
    hub = start(folder, log, runtime)
    try:
        if not wait_ready(hub):
            say(f"It did not start. The end of its log:\n{log.read_text()[-3000:]}")
            return 1
        say(WELCOME)
        return hub.wait()
    except KeyboardInterrupt:
        say("\nEnding the class.")
        return 0
    finally:
        go_through()
        stop(hub, folder)
        shutil.rmtree(runtime, ignore_errors=True)


def still_taken(folder: Path) -> list[str]:
    """What a class of ours that crashed had started is ending: it is given a moment."""
    end = time.monotonic() + (MOMENT if (folder / "hub.log").exists() else 0.0)
    while (taken := taken_ports(folder)) and time.monotonic() < end:
        time.sleep(0.1)
    return taken


def taken_ports(folder: Path) -> list[str]:
    """A sentence for each; the proxy of a hub that crashed is taken over by the next one."""
    left = proxy_left(folder)
    found = []
    for name, usual in PLACES.items():
        place = urlsplit(os.environ.get(name) or usual)
        if (left and name in OF_PROXY) or place.hostname is None or place.port is None:
            continue
        with socket.socket(socket.AF_INET6 if ":" in place.hostname else socket.AF_INET) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((place.hostname, place.port))
            except OSError:
                found.append(
                    f"Port {place.port} is taken; end what listens there, or choose another with "
                    f"{name}={place.scheme}://{place.hostname}:…"
                )
    return found


def proxy_left(folder: Path) -> bool:
    try:
        os.kill(int((folder / "jupyterhub-proxy.pid").read_text()), 0)
    except (OSError, ValueError):
        return False
    return True


def start(folder: Path, log: Path, runtime: str) -> subprocess.Popen[bytes]:
    keys = folder / "keys.json"
    if not keys.exists():
        KeyFile(keys).make()
    environment = os.environ | {
        "PYTHONMASTERY_HUB": "development",
        "PYTHONMASTERY_DATA_DIR": str(folder / "data"),
        "PYTHONMASTERY_ENCRYPTION_KEYS_FILE": str(keys),
        "HOMES": str(folder / "homes"),
        "RUNTIME": runtime,
    }
    with log.open("wb") as out:
        return subprocess.Popen(
            [
                *(*WITH_PARENT, sys.executable, "-m", "jupyterhub"),
                f"--config={ROOT / 'jupyterhub_config.py'}",
            ],
            env=environment,
            cwd=folder,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            # Ctrl-C is for us, who then end the hub in order.
            start_new_session=True,
        )


def wait_ready(hub: subprocess.Popen[bytes]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and hub.poll() is None:
        try:
            if httpx.get(READY, timeout=5, trust_env=False).is_success:
                return True
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    return False


def stop(hub: subprocess.Popen[bytes], folder: Path) -> None:
    if hub.poll() is None:
        hub.terminate()
    try:
        hub.wait(90)
    except subprocess.TimeoutExpired:
        os.killpg(hub.pid, signal.SIGKILL)
        hub.wait()
        end_below(folder)
    # A hub that crashed leaves the students' servers, which cannot do without our folder in /tmp.
    end_below(folder / "homes")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
