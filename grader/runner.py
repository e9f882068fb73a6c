"""Holds the tests, drives the student's process, tells the verdict: one submission at a time.

A process of its own, forked ahead of time, so that whatever a student's data does to it can be
ended by killing it. Reads a request from its line, answers on the same, and ends; or, where the
kernel allows it (`grader.reusable`) and nothing of the submission is left (`grader.traces`), waits
for another one to the same suite. The student's process is always a new one.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import os
import signal
import socket
import struct
import sys
import tempfile
import threading
import traceback
import weakref
from os import _exit
from typing import Any, NoReturn

from grader import bounds
from grader.grading import Grading
from grader.profiles import controls
from grader.protocol import GradeRequest, Verdict, request_from_json
from grader.remote import StudentTimeout
from grader.requests import again_from_json
from grader.testing import endings
from grader.traces import Before, Traces, is_plain
from grader.verdicts.fitting import fitted
from grader.walls.box import Box
from grader.walls.sandbox import SandboxUnavailable, Walls

_STACK = 1 << 20
#: How long the tests themselves may go on after the student's time is over.
_GRACE_SECONDS = 0.5
_CHUNK = 1 << 20
#: Of a number that is shown: the longest that the wire carries has some fewer.
_MOST_DIGITS = 40_000
#: Before each request: whether the runner may serve another one, and the number of bytes.
HEAD = struct.Struct("<?I")
#: First on the line: from now on the time of the submission passes.
BEGUN = b"+"
#: After the verdict; its JSON has no such byte.
END = b"\0"
#: Last: no process of the submission is left.
GONE = b"."
#: In its place: nothing else is left of it either, and the runner waits for the next.
STAYS = b"*"
#: Instead of a verdict, with the reason after it: the sandbox could not be had.
NO_SANDBOX = b"?"
#: Or a traceback: the grader itself has a fault.
BROKEN = b"!"


def main(
    handover: socket.socket, zygote: socket.socket, walls: Walls, work: str, before: Before
) -> NoReturn:
    """In the forked process: wait for submissions, grade them, end."""
    os.chdir(work)
    boxes = Boxes(zygote, walls, work)
    boxes.make_ready()
    # The line to the kernel.
    _, descriptors, _, _ = socket.recv_fds(handover, 1, 1)
    if not descriptors:
        _exit(0)
    line = socket.socket(fileno=descriptors[0])
    endings.tell_crashes(line.fileno())
    own = {0, 1, 2, handover.fileno(), zygote.fileno(), line.fileno()}
    runner = Runner(line, boxes, Traces(before, own))
    while runner.serve():
        boxes.make_ready()
    line.shutdown(socket.SHUT_WR)  # the kernel need not wait until this process has ended
    _exit(0)


class Boxes:
    """The student's processes of one submission, and one that waits for it."""

    def __init__(self, zygote: socket.socket, walls: Walls, work: str) -> None:
        self.walls = walls
        self.work = work
        self._zygote = zygote
        self._ready: Box | None = None
        self._taken: list[Box] = []

    def make_ready(self, box: Box | None = None) -> None:
        with contextlib.suppress(SandboxUnavailable):  # told when there is a submission
            self._ready = box or self._new()

    def check(self) -> None:
        """Raises SandboxUnavailable where there is none for the submission."""
        if self._ready is None or not self._ready.is_alive():
            self._ready = self._new()

    def take(self) -> Box:
        box, self._ready = self._ready or self._new(), None
        self._taken.append(box)
        return box

    def _new(self) -> Box:
        return Box(self._zygote, self.walls, self.work)

    def wait(self) -> None:
        """Until those that were killed have ended."""
        for box in self._taken:
            box.wait()
        self._taken.clear()


class Runner:
    def __init__(self, line: socket.socket, boxes: Boxes, traces: Traces) -> None:
        self._line = line
        self._boxes = boxes
        self._traces = traces
        #: What all submissions to the suite share.
        self._known: GradeRequest | None = None
        self._served = False

    def serve(self) -> bool:
        """One submission; whether there may be another one."""
        head = self._read(HEAD.size)
        if len(head) < HEAD.size:
            return False  # nobody asks any more
        lasting, size = HEAD.unpack(head)
        # For one that waited with all it needs time passes at once.
        begun, stays = BEGUN if self._known is None else b"", False
        try:
            request = self._told(self._read(size))
            self._boxes.check()
            self._line.sendall(begun)
            begun = b""
            stays = self._grade_and_forget(request) if lasting else self._grade(request)
            data = STAYS if stays else GONE
        except SandboxUnavailable as error:
            data = begun + NO_SANDBOX + str(error).encode()
        except Exception:
            data = begun + BROKEN + traceback.format_exc().encode(errors="replace")
        self._line.sendall(data)
        return stays

    def _told(self, data: bytes) -> GradeRequest:
        if self._known is not None:
            return again_from_json(self._known, data)
        request = request_from_json(data)
        self._known = dataclasses.replace(request, id="", code="")
        return request

    def _grade(self, request: GradeRequest) -> bool:
        self._line.sendall(grade(request, self._boxes))
        self._boxes.wait()
        return False

    def _grade_and_forget(self, request: GradeRequest) -> bool:
        """The verdict is read, and the process is cleared, while the student's is taken down."""
        if self._served:
            bounds.renew(request)
        else:
            protect(request, lasting=True)
        self._served = True
        self._traces.begin(request)
        # What the tests set in context variables, as `decimal` has them, ends with the context.
        plain, *gone = contextvars.Context().run(self._verdict, request)
        unprotect()
        left = self._traces.clear(*gone) if plain else "no plain value"
        self._boxes.wait()
        return not (left or self._traces.descriptors())

    def _verdict(self, request: GradeRequest) -> tuple[bool, weakref.ref[Any]]:
        """Whether it was an ordinary grading, of plain values only; and all there is of it."""
        grading = Grading(request, self._boxes.take, self._boxes.walls.level)
        verdict = grading.run(lambda: _set_alarm(request))
        self._line.sendall(_bytes(verdict))
        return is_plain(verdict, grading), weakref.ref(grading)

    def _read(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size and (chunk := self._line.recv(min(size - len(parts), _CHUNK))):
            parts += chunk
        return bytes(parts)


def grade(request: GradeRequest, boxes: Boxes) -> bytes:
    """A verdict; the processes are killed by then, and may not have ended yet."""
    protect(request)
    if request.open_tests:
        tempfile.tempdir = boxes.work  # goes with the runner; the student's code finds it too
    level = boxes.walls.level
    return _bytes(controls.grade(request, boxes.take, level, lambda: _set_alarm(request)))


def _bytes(verdict: Verdict) -> bytes:
    return fitted(verdict).encode() + END


def protect(request: GradeRequest, *, lasting: bool = False) -> None:
    """Bound this process too: a student's data must not make it grow without end."""
    threading.stack_size(_STACK)
    bounds.impose(request, _alarm, lasting=lasting)
    endings.refuse()
    sys.set_int_max_str_digits(_MOST_DIGITS)
    signal.signal(signal.SIGALRM, _alarm)


def unprotect() -> None:
    """Until the next submission no time passes."""
    signal.setitimer(signal.ITIMER_PROF, 0)


def _alarm(*_: Any) -> None:
    raise StudentTimeout


def _set_alarm(request: GradeRequest) -> None:
    signal.setitimer(signal.ITIMER_REAL, request.limits.wall_seconds + _GRACE_SECONDS)
