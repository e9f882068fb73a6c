"""One submission: holds the tests, drives the student's process, tells the verdict.

A process of its own, started ahead of time and used once, so that whatever a student's data does
to it can be ended by killing it. Reads a request from standard input, answers on standard output.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import sys
import tempfile
import threading
import time
from typing import Any

from grader import confinement
from grader.grading import Grading
from grader.protocol import Level, request_from_json, to_json
from grader.remote import StudentTimeout
from grader.sandbox import Walls, command, environment

_MEMORY = 3 << 30
_STACK = 1 << 20
#: How long the tests themselves may go on after the student's time is over.
_GRACE_SECONDS = 0.5


class Box:
    """The student's process."""

    def __init__(self, walls: Walls, work: str) -> None:
        self.sock, theirs = socket.socketpair()
        out, out_end = os.pipe()
        err, err_end = os.pipe()
        self.pipes = [out, err]
        for pipe in self.pipes:
            os.set_blocking(pipe, False)
        line = command(walls, work, theirs.fileno())
        self.pid = _spawn(line, theirs.fileno(), out_end, err_end)
        self._walls = walls
        for descriptor in (out_end, err_end):
            os.close(descriptor)
        theirs.close()

    def wait_until_ready(self) -> None:
        if self.sock.recv(1) != b"+":
            raise RuntimeError("the sandbox did not start")

    def end(self) -> int:
        """Kill it with all it started; its peak memory in bytes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        _, _, used = os.wait4(self.pid, 0)
        return used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)

    def ended_by(self, seconds: float) -> int:
        """The signal that ended a process which closed its connection; 0 if none did."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None:
                # bubblewrap tells a signal as a shell does.
                by_shell = ended.si_code == os.CLD_EXITED
                return max(0, ended.si_status - 128) if by_shell else ended.si_status
            time.sleep(0.005)
        return 0


def _spawn(line: list[str], sock: int, out: int, err: int) -> int:
    import subprocess

    process = subprocess.Popen(
        line,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        pass_fds=[sock],
        env=environment(),
        start_new_session=True,
    )
    process.returncode = 0  # waited for by us, with its resource usage
    return process.pid


def _protect() -> None:
    """Bound this process too: a student's data must not make it grow without end."""
    threading.stack_size(_STACK)
    for what, value in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, _MEMORY)):
        hard = resource.getrlimit(what)[1]
        if hard == resource.RLIM_INFINITY or hard > value:
            resource.setrlimit(what, (value, hard))


def _alarm(*_: Any) -> None:
    raise StudentTimeout


def main() -> None:
    confinement.die_with_parent()
    level: Any = sys.argv[1]
    walls = Walls(level=_level(level), drop=sys.argv[2] == "drop", why="")
    work = sys.argv[3]
    os.chdir(work)
    answer = os.dup(1)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    box = Box(walls, work)
    box.wait_until_ready()
    os.write(answer, b"+")
    request = request_from_json(sys.stdin.buffer.read())
    _protect()
    signal.signal(signal.SIGALRM, _alarm)
    if request.open_tests:
        tempfile.tempdir = work  # goes with the runner; the student's code finds it too
    grading = Grading(request, box, walls.level)
    verdict = grading.run(lambda: _set_alarm(request.limits.wall_seconds + _GRACE_SECONDS))
    data = to_json(verdict).encode()
    while data:
        data = data[os.write(answer, data) :]
    os._exit(0)


def _set_alarm(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _level(text: str) -> Level:
    if text == "full":
        return "full"
    return "degraded" if text == "degraded" else "own"


if __name__ == "__main__":
    main()
