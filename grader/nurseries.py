"""The kernel's side of a nursery: hands a submission over, and ends it for certain."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
from typing import Any

from grader.protocol import (
    GradeRequest,
    Verdict,
    not_run,
    to_json,
    verdict_from_json,
)
from grader.runner import BEGUN, BROKEN, END, GONE, NO_SANDBOX
from grader.testing import endings
from grader.walls import bubblewrap
from grader.walls.sandbox import PACKETS, Walls
from grader.walls.zygotes import Imports

_LOG = logging.getLogger(__name__)
_START_SECONDS = 60.0
#: How long after its time limit a runner may take to tell the verdict.
_GRACE_SECONDS = 2.0
_END_SECONDS = 20.0
_MAX_ANSWER = 1 << 20
_MAX_MESSAGE = 1 << 16


class RunnerFailed(RuntimeError):
    """The runner did not start or ended without a verdict."""


class NurseryGone(RuntimeError):
    """The nursery has ended, or one of its zygotes; a new one may work."""


class Nursery:
    """A running nursery process."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self._process = process
        self._control = control
        self._number = 0
        self._taught: list[list[str]] = []

    async def ready(self) -> None:
        async with asyncio.timeout(_START_SECONDS):
            answer = await self._receive()
        if "failed" in answer:
            raise NurseryGone(answer["failed"])

    async def grade(self, request: GradeRequest) -> Verdict:
        self._number += 1
        line, far = socket.socketpair()
        with line:
            with far:
                message = {
                    "grade": self._number,
                    "memory_mb": request.limits.memory_mb,
                    "processes": request.limits.processes,
                }
                self._send(message, [far.fileno()])
                self._teach(request)
            gone = False
            try:
                await _begin(line, to_json(request).encode())
                async with asyncio.timeout(request.longest_seconds + _GRACE_SECONDS):
                    answer, rest = await _answer(line)
                    verdict = _verdict(answer, request) if answer else None
                    gone = GONE in (rest, await _rest(line))
            finally:
                # Where the runner did not say that the sandbox is gone, that is seen to now.
                self._send({"end": self._number, "sure": not gone}, [])
                late = not gone and await self._wait_for_end()
        if verdict is not None:
            return verdict
        if late:
            raise TimeoutError
        raise RunnerFailed("The runner ended without a verdict.")

    def _teach(self, request: GradeRequest) -> None:
        """While the first submission to a problem runs: its tests, for the submissions to come."""
        cells = [[test.source, test.filename] for test in request.tests if not test.suite]
        if cells and cells != self._taught:
            self._taught = cells
            if len(json.dumps(cells)) < _MAX_MESSAGE // 2:
                self._send({"learn": cells}, [])

    async def _wait_for_end(self) -> bool:
        """Until the runner is gone, and the student's process with it; whether it was too late."""
        async with asyncio.timeout(_END_SECONDS):
            while (told := await self._receive()).get("ended") != self._number:
                continue
        return bool(told["late"])

    def interrupt(self) -> None:
        self._send({"end": self._number, "sure": True}, [])

    def _send(self, message: dict[str, Any], descriptors: list[int]) -> None:
        try:
            socket.send_fds(self._control, [json.dumps(message).encode()], descriptors)
        except OSError:
            raise NurseryGone("The grader's nursery ended.") from None

    async def _receive(self) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        try:
            data = await loop.sock_recv(self._control, _MAX_MESSAGE)
        except OSError:
            data = b""
        if not data:
            raise NurseryGone("The grader's nursery ended.")
        answer: dict[str, Any] = json.loads(data)
        return answer

    def close(self) -> None:
        self._control.close()
        try:
            self._process.wait(1)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


async def _begin(line: socket.socket, request: bytes) -> None:
    """Hand the request over; a machine that is busy with others costs the student no time."""
    loop = asyncio.get_running_loop()
    line.setblocking(False)
    sign = b""
    try:
        async with asyncio.timeout(_START_SECONDS):
            await loop.sock_sendall(line, request)
            line.shutdown(socket.SHUT_WR)
            sign = await loop.sock_recv(line, len(BEGUN))
    except TimeoutError:
        raise NurseryGone("The sandbox did not start in time.") from None
    except ConnectionError:
        pass
    if sign != BEGUN:
        raise NurseryGone("The runner did not begin.")


async def _answer(line: socket.socket) -> tuple[bytes, bytes]:
    """The verdict, or what there is instead of it; and what came after it."""
    answer = bytearray()
    while END not in answer and len(answer) < _MAX_ANSWER and (part := await _rest(line)):
        answer += part
    verdict, _, rest = bytes(answer).partition(END)
    return verdict, rest


async def _rest(line: socket.socket) -> bytes:
    with contextlib.suppress(ConnectionError):
        return await asyncio.get_running_loop().sock_recv(line, _MAX_ANSWER)
    return b""


def _verdict(answer: bytes, request: GradeRequest) -> Verdict:
    if answer.startswith(NO_SANDBOX):
        raise NurseryGone(answer[1:].decode(errors="replace"))
    if answer.startswith(BROKEN):
        # For the operator only: it may tell of hidden tests.
        _LOG.error("%s", answer[1:].decode(errors="replace"))
        raise RunnerFailed("The grader has a fault of its own.")
    crash = endings.crash(answer.decode(errors="replace"), {t.filename for t in request.tests})
    if crash is not None:
        return Verdict(
            request_id=request.id,
            status="error",
            reason="bad_tests",
            message=crash,
            max_points=float(sum(test.weight for test in request.tests)),
            tests=not_run(request.tests),
        )
    return verdict_from_json(answer)


def start_nursery(walls: Walls, imports: Imports) -> Nursery:
    control, theirs = socket.socketpair(socket.AF_UNIX, PACKETS)
    with theirs:
        code = (
            f"import sys; sys.path[:0] = {json.dumps(sys.path)}\n"
            "from grader.nursery import main; main()"
        )
        process = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", "-X", "utf8", "-c", code),
                *(str(theirs.fileno()), json.dumps(dataclasses.asdict(walls)), imports),
            ],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={
                "PATH": "/usr/bin:/bin",
                "TMPDIR": tempfile.gettempdir(),
                **bubblewrap.environment(),
            },
            start_new_session=True,
        )
    control.setblocking(False)
    return Nursery(process, control)
