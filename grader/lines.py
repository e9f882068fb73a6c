"""The line between the kernel and a runner, as the kernel uses it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket

from grader.protocol import GradeRequest, Verdict, not_run, verdict_from_json
from grader.runner import BEGUN, BROKEN, END, NO_SANDBOX
from grader.testing import endings

_LOG = logging.getLogger(__name__)
START_SECONDS = 60.0
_MAX_ANSWER = 1 << 20


class RunnerFailed(RuntimeError):
    """The runner did not start or ended without a verdict."""


class NurseryGone(RuntimeError):
    """The nursery has ended, or one of its zygotes; a new one may work."""


async def begin(line: socket.socket, request: bytes, *, again: bool = False) -> None:
    """Hand the request over; a machine that is busy with others costs the student no time.

    again: to a runner that waits with a sandbox; if it has ended, that is seen at the answer.
    """
    loop = asyncio.get_running_loop()
    line.setblocking(False)
    sign = b""
    with contextlib.suppress(BlockingIOError, ConnectionError):
        request = request[line.send(request) :]
    if again and not request:
        return
    try:
        async with asyncio.timeout(START_SECONDS):
            await loop.sock_sendall(line, request)
            if again:
                return
            sign = await loop.sock_recv(line, len(BEGUN))
    except TimeoutError:
        raise NurseryGone("The sandbox did not start in time.") from None
    except ConnectionError:
        pass
    if sign != BEGUN:
        raise NurseryGone("The runner did not begin.")


async def answer(line: socket.socket) -> tuple[bytes, bytes]:
    """The verdict, or what there is instead of it; and what came after it."""
    told = bytearray()
    while END not in told and len(told) < _MAX_ANSWER and (part := await rest(line)):
        told += part
    found, _, after = bytes(told).partition(END)
    return found, after


async def rest(line: socket.socket) -> bytes:
    with contextlib.suppress(ConnectionError):
        return await asyncio.get_running_loop().sock_recv(line, _MAX_ANSWER)
    return b""


def verdict(told: bytes, request: GradeRequest) -> Verdict:
    if told.startswith(NO_SANDBOX):
        raise NurseryGone(told[1:].decode(errors="replace"))
    if told.startswith(BROKEN):
        # For the operator only: it may tell of hidden tests.
        _LOG.error("%s", told[1:].decode(errors="replace"))
        raise RunnerFailed("The grader has a fault of its own.")
    crash = None
    if not told.startswith(b"{"):
        crash = endings.crash(told.decode(errors="replace"), {t.filename for t in request.tests})
    if crash is not None:
        return Verdict(
            request_id=request.id,
            status="error",
            reason="bad_tests",
            message=crash,
            max_points=float(sum(test.weight for test in request.tests)),
            tests=not_run(request.tests),
        )
    found = verdict_from_json(told)
    if found.request_id != request.id:
        raise RunnerFailed("The runner told the verdict of another submission.")
    return found
