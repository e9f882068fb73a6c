"""One submission: holds the tests, drives the student's process, tells the verdict.

A process of its own, forked ahead of time and used once, so that whatever a student's data does to
it can be ended by killing it. Reads a request from its line, answers on the same.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import socket
import tempfile
import threading
import traceback
from typing import Any, NoReturn

from grader.profiles import controls
from grader.protocol import GradeRequest, request_from_json, to_json
from grader.remote import StudentTimeout
from grader.walls.box import Box
from grader.walls.sandbox import SandboxUnavailable, Walls

_MEMORY = 2 << 30
_STACK = 1 << 20
#: How long the tests themselves may go on after the student's time is over.
_GRACE_SECONDS = 0.5
#: Processor time for the tests' side beyond the time limit of the submission.
_SPARE_SECONDS = 2
_CHUNK = 1 << 20
#: First on the line: from now on the time of the submission passes.
BEGUN = b"+"
#: Then instead of a verdict, with the reason after it: the sandbox could not be had.
NO_SANDBOX = b"?"
#: Or a traceback: the grader itself has a fault.
BROKEN = b"!"


def main(handover: socket.socket, zygote: socket.socket, walls: Walls, work: str) -> NoReturn:
    """In the forked process: wait for a submission, grade it, end."""
    os.chdir(work)
    random.seed()
    ahead = _ahead(zygote, walls, work)
    # The line to the kernel.
    _, descriptors, _, _ = socket.recv_fds(handover, 1, 1)
    if not descriptors:
        os._exit(0)
    line = socket.socket(fileno=descriptors[0])
    begun = BEGUN
    try:
        request = _read(line)
        first = ahead if ahead is not None and ahead.is_alive() else Box(zygote, walls, work)
        line.sendall(begun)
        begun = b""
        data = grade(request, first, zygote, walls, work)
    except SandboxUnavailable as error:
        data = begun + NO_SANDBOX + str(error).encode()
    except Exception:
        data = begun + BROKEN + traceback.format_exc().encode(errors="replace")
    line.sendall(data)
    line.shutdown(socket.SHUT_WR)  # the kernel need not wait until this process has ended
    os._exit(0)


def _ahead(zygote: socket.socket, walls: Walls, work: str) -> Box | None:
    try:
        return Box(zygote, walls, work)
    except SandboxUnavailable:
        return None  # tried again, and told, when there is a submission


def grade(request: bytes, first: Box, zygote: socket.socket, walls: Walls, work: str) -> bytes:
    told = request_from_json(request)
    _protect(told)
    if told.open_tests:
        tempfile.tempdir = work  # goes with the runner; the student's code finds it too
    ready = [first]

    def take() -> Box:
        return ready.pop() if ready else Box(zygote, walls, work)

    seconds = told.limits.wall_seconds + _GRACE_SECONDS
    verdict = controls.grade(told, take, walls.level, lambda: _set_alarm(seconds))
    return to_json(verdict).encode()


def _read(line: socket.socket) -> bytes:
    parts = bytearray()
    while chunk := line.recv(_CHUNK):
        parts += chunk
    return bytes(parts)


def _protect(request: GradeRequest) -> None:
    """Bound this process too: a student's data must not make it grow without end."""
    threading.stack_size(_STACK)
    cpu = int(request.longest_seconds) + _SPARE_SECONDS
    wanted = ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, cpu))
    for what, value in wanted:
        hard = resource.getrlimit(what)[1]
        if hard == resource.RLIM_INFINITY or hard > value:
            resource.setrlimit(what, (value, hard))
    signal.signal(signal.SIGALRM, _alarm)


def _alarm(*_: Any) -> None:
    raise StudentTimeout


def _set_alarm(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_REAL, seconds)
