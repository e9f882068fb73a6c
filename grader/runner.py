"""One submission: holds the tests, drives the student's process, tells the verdict.

A process of its own, forked ahead of time and used once, so that whatever a student's data does to
it can be ended by killing it. Reads a request from its line, answers on the same.
"""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import threading
import traceback
from os import _exit
from typing import Any, NoReturn

from grader import bounds
from grader.profiles import controls
from grader.protocol import GradeRequest, request_from_json, to_json
from grader.remote import StudentTimeout
from grader.testing import endings
from grader.walls.box import Box
from grader.walls.sandbox import SandboxUnavailable, Walls

_STACK = 1 << 20
#: How long the tests themselves may go on after the student's time is over.
_GRACE_SECONDS = 0.5
_CHUNK = 1 << 20
#: First on the line: from now on the time of the submission passes.
BEGUN = b"+"
#: After the verdict; its JSON has no such byte.
END = b"\0"
#: Last: no process of the submission is left.
GONE = b"."
#: Instead of a verdict, with the reason after it: the sandbox could not be had.
NO_SANDBOX = b"?"
#: Or a traceback: the grader itself has a fault.
BROKEN = b"!"


def main(handover: socket.socket, zygote: socket.socket, walls: Walls, work: str) -> NoReturn:
    """In the forked process: wait for a submission, grade it, end."""
    os.chdir(work)
    ahead = _ahead(zygote, walls, work)
    # The line to the kernel.
    _, descriptors, _, _ = socket.recv_fds(handover, 1, 1)
    if not descriptors:
        _exit(0)
    line = socket.socket(fileno=descriptors[0])
    begun = BEGUN
    endings.tell_crashes(line.fileno())
    try:
        request = _read(line)
        first = ahead if ahead is not None and ahead.is_alive() else Box(zygote, walls, work)
        line.sendall(begun)
        begun = b""
        boxes = Boxes(first, zygote, walls, work)
        # The verdict is read while the student's process, which was killed, is taken down.
        line.sendall(grade(request, boxes) + END)
        boxes.wait()
        data = GONE
    except SandboxUnavailable as error:
        data = begun + NO_SANDBOX + str(error).encode()
    except Exception:
        data = begun + BROKEN + traceback.format_exc().encode(errors="replace")
    line.sendall(data)
    line.shutdown(socket.SHUT_WR)  # the kernel need not wait until this process has ended
    _exit(0)


def _ahead(zygote: socket.socket, walls: Walls, work: str) -> Box | None:
    try:
        return Box(zygote, walls, work)
    except SandboxUnavailable:
        return None  # tried again, and told, when there is a submission


class Boxes:
    """The student's processes of one submission."""

    def __init__(self, first: Box, zygote: socket.socket, walls: Walls, work: str) -> None:
        self.walls = walls
        self.work = work
        self._zygote = zygote
        self._ready = [first]
        self._taken: list[Box] = []

    def take(self) -> Box:
        box = self._ready.pop() if self._ready else Box(self._zygote, self.walls, self.work)
        self._taken.append(box)
        return box

    def wait(self) -> None:
        """Until those that were killed have ended."""
        for box in self._taken:
            box.wait()


def grade(request: bytes, boxes: Boxes) -> bytes:
    """A verdict; the processes are killed by then, and may not have ended yet."""
    told = request_from_json(request)
    _protect(told)
    if told.open_tests:
        tempfile.tempdir = boxes.work  # goes with the runner; the student's code finds it too
    seconds = told.limits.wall_seconds + _GRACE_SECONDS
    verdict = controls.grade(told, boxes.take, boxes.walls.level, lambda: _set_alarm(seconds))
    return to_json(verdict).encode()


def _read(line: socket.socket) -> bytes:
    parts = bytearray()
    while chunk := line.recv(_CHUNK):
        parts += chunk
    return bytes(parts)


def _protect(request: GradeRequest) -> None:
    """Bound this process too: a student's data must not make it grow without end."""
    threading.stack_size(_STACK)
    bounds.impose(request, _alarm)
    endings.refuse()
    signal.signal(signal.SIGALRM, _alarm)


def _alarm(*_: Any) -> None:
    raise StudentTimeout


def _set_alarm(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_REAL, seconds)
