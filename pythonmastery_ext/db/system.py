"""What the embedded server needs of the operating system: locks, ports, processes, secret files."""

import contextlib
import fcntl
import os
import socket
import subprocess
import time
from pathlib import Path

HOST = "127.0.0.1"
PORT_TRIES = 10

#: Servers that this very process started: their end has to be collected by us.
_children: set[int] = set()


def lock_file(file: Path) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_secret(file: Path, secret: str) -> None:
    """Created unreadable to others, rather than made so afterwards."""
    file.unlink(missing_ok=True)
    fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w") as stream:
        stream.write(secret)


def free_port(preferred: int | None) -> int:
    """The preferred port if nothing else has it, otherwise one that is free.

    Asked for a while: what is left of a killed server holds its port for a moment.
    """
    for _ in range(PORT_TRIES if preferred else 0):
        if port := _bind(preferred or 0):
            return port
        time.sleep(0.05)
    if port := _bind(0):
        return port
    raise OSError(f"no free port on {HOST}")


def _bind(port: int) -> int | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    return None


def is_server_of(data: Path, pid: int) -> bool:
    """Whether this process is the server of this folder, which is what it works in."""
    reap(pid)
    if not Path("/proc/self").exists():
        return "postgres" in _name_from_ps(pid)
    try:
        return Path(f"/proc/{pid}/cwd").samefile(data)
    except PermissionError:
        # Root without the capability to look, as in many containers.
        return Path(f"/proc/{pid}/comm").read_text().startswith("postgres")
    except OSError:
        return False


def remember_child(pid: int) -> None:
    """Remembers a process that we started and do not otherwise wait for."""
    _children.add(pid)


def reap(pid: int) -> None:
    """An ended child keeps its number until its parent has asked about it."""
    if pid not in _children:
        return
    try:
        ended, _ = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        ended = pid
    if ended:
        _children.discard(pid)


def _name_from_ps(pid: int) -> str:
    shown = subprocess.run(
        ["ps", "-o", "comm=", "-p", str(pid)],  # noqa: S607 - the system's own
        capture_output=True,
        text=True,
        check=False,
    )
    return shown.stdout
