"""The kernel's side of a nursery: hands a submission over, and ends it for certain."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from typing import Any

from grader import lines
from grader.kept import Kept, Runner
from grader.lines import NurseryGone as NurseryGone
from grader.lines import RunnerFailed as RunnerFailed
from grader.protocol import GradeRequest, Verdict, to_json
from grader.requests import again_to_json
from grader.reusable import suite_of
from grader.runner import GONE, HEAD, STAYS
from grader.walls import bubblewrap
from grader.walls.sandbox import PACKETS, Walls
from grader.walls.zygotes import Imports

#: How long after its time limit a runner may take to tell the verdict.
_GRACE_SECONDS = 2.0
_END_SECONDS = 20.0
_MAX_MESSAGE = 1 << 16
#: Tests that go through a set of texts do so in the same order wherever and whenever they run: the
#: controls of a class problem are about the turns in which things were asked when it was published.
_HASH_SEED = "PYTHONHASHSEED"


class Nursery:
    """A running nursery process."""

    def __init__(
        self, process: subprocess.Popen[bytes], control: socket.socket, *, again: bool
    ) -> None:
        """again: a runner may serve the same suite again, where the suite allows it."""
        self._process = process
        self._control = control
        self._allowed = again
        self._kept = Kept(self._end)
        self._number = self._running = 0
        self._interrupted = False
        self._limits = (0, 0)
        self._taught: list[list[str]] = []
        #: A file that stands for the copy of the library; empty if there is none.
        self._library = ""

    async def ready(self) -> None:
        async with asyncio.timeout(lines.START_SECONDS):
            answer = await self._receive()
        if "failed" in answer:
            raise NurseryGone(answer["failed"])
        self._library = answer["library"]

    async def grade(self, request: GradeRequest) -> Verdict:
        self._interrupted = False
        self._look_at_library()
        suite = suite_of(request) if self._allowed else None
        runner = self._kept.take(suite) if suite is not None else None
        if runner is not None:
            verdict = await self._again(runner, request, suite)
            if verdict is not None:
                return verdict
        verdict = await self._run(self._fork(request), request, suite)
        if verdict is None:
            raise RunnerFailed("The runner ended without a verdict.")
        return verdict

    def _look_at_library(self) -> None:
        """Systems clear the memory of a user away who has left, or whose service has ended."""
        if self._library and not os.path.exists(self._library):  # noqa: PTH110 - pathlib is slower
            raise NurseryGone("What students' code may read was cleared away.")

    async def _again(
        self, runner: Runner, request: GradeRequest, suite: tuple[Any, ...] | None
    ) -> Verdict | None:
        """None: by a new runner. No student has to answer for what one before has done to it."""
        try:
            await self._limit(request)
            verdict = await self._run(runner, request, suite)
        except (NurseryGone, RunnerFailed, ValueError):
            verdict = None
        if self._interrupted:
            raise RunnerFailed("The grading was interrupted.")
        return verdict if verdict is not None and verdict.status != "error" else None

    def _fork(self, request: GradeRequest) -> Runner:
        self._number += 1
        line, far = socket.socketpair()
        with far:
            message = {"grade": self._number, **_bounds(request)}
            self._send(message, [far.fileno()])
        self._limits = _limits(request)
        self._teach(request)
        return Runner(self._number, line)

    async def _run(
        self, runner: Runner, request: GradeRequest, suite: tuple[Any, ...] | None
    ) -> Verdict | None:
        self._running = runner.number
        last = b""
        late = False
        again = runner.uses > 0
        try:
            data = (again_to_json(request) if again else to_json(request)).encode()
            head = HEAD.pack(suite is not None, len(data))
            await lines.begin(runner.line, head + data, again=again)
            async with asyncio.timeout(request.longest_seconds + _GRACE_SECONDS):
                answer, rest = await lines.answer(runner.line)
                verdict = lines.verdict(answer, request) if answer else None
                last = rest or await lines.rest(runner.line)
        finally:
            self._running = 0
            if last == STAYS and suite is not None:
                self._kept.keep(suite, runner)
            else:
                # Where the runner did not say that the sandbox is gone, that is seen to now.
                late = await self._see_off(runner, sure=last != GONE)
        if verdict is None and late:
            raise TimeoutError
        return verdict

    async def _see_off(self, runner: Runner, *, sure: bool) -> bool:
        """Whether it was too late."""
        runner.line.close()
        self._send({"end": runner.number, "sure": sure}, [])
        return sure and await self._wait_for_end(runner)

    def _end(self, runner: Runner) -> None:
        """One that waits for a submission."""
        runner.line.close()
        with contextlib.suppress(NurseryGone):
            self._send({"end": runner.number, "sure": False}, [])

    async def _limit(self, request: GradeRequest) -> None:
        if self._limits == _limits(request):
            return
        self._limits = _limits(request)
        self._send({"limit": True, **_bounds(request)}, [])
        async with asyncio.timeout(_END_SECONDS):
            while "limited" not in await self._receive():
                continue

    def _teach(self, request: GradeRequest) -> None:
        """While the first submission to a problem runs: its tests, for the submissions to come."""
        cells = [[test.source, test.filename] for test in request.tests if not test.suite]
        if cells and cells != self._taught:
            self._taught = cells
            if len(json.dumps(cells)) < _MAX_MESSAGE // 2:
                self._send({"learn": cells}, [])

    async def _wait_for_end(self, runner: Runner) -> bool:
        """Until the runner is gone, and the student's process with it; whether it was too late."""
        async with asyncio.timeout(_END_SECONDS):
            while (told := await self._receive()).get("ended") != runner.number:
                continue
        return bool(told["late"])

    def interrupt(self) -> None:
        self._interrupted = True
        self._send({"end": self._running, "sure": True}, [])

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
        self._kept.clear()
        self._control.close()
        try:
            self._process.wait(1)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _limits(request: GradeRequest) -> tuple[int, int]:
    return request.limits.memory_mb, request.limits.processes


def _bounds(request: GradeRequest) -> dict[str, int]:
    return {"memory_mb": request.limits.memory_mb, "processes": request.limits.processes}


def start_nursery(walls: Walls, imports: Imports, *, again: bool = True) -> Nursery:
    control, theirs = socket.socketpair(socket.AF_UNIX, PACKETS)
    with theirs:
        code = (
            f"import os, sys; sys.path[:0] = {json.dumps(sys.path)}\n"
            f"del os.environ['{_HASH_SEED}']\n"
            "from grader.nursery import main; main()"
        )
        process = subprocess.Popen(
            [
                *(sys.executable, "-P", "-s", "-S", "-X", "utf8", "-c", code),
                *(str(theirs.fileno()), json.dumps(dataclasses.asdict(walls)), imports),
            ],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={
                "PATH": "/usr/bin:/bin",
                "TMPDIR": tempfile.gettempdir(),
                **bubblewrap.environment(),
                _HASH_SEED: "1",
            },
            start_new_session=True,
        )
    control.setblocking(False)
    # Where the walls are weaker a runner shares its folder with the student's process.
    again = again and imports == "plain" and walls.level == "full"
    return Nursery(process, control, again=again)
