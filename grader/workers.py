"""Starts runners ahead of time, gives each one submission, and ends it for certain."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from dataclasses import dataclass
from pathlib import Path

from grader.protocol import (
    GradeRequest,
    Reason,
    Verdict,
    VerdictStatus,
    not_run,
    to_json,
    verdict_from_json,
)
from grader.sandbox import Walls

_START_SECONDS = 20.0
#: How long after its time limit a runner may take to tell the verdict.
_GRACE_SECONDS = 2.0
_MAX_ANSWER = 1 << 20


class RunnerFailed(RuntimeError):
    """The runner did not start or ended without a verdict."""


@dataclass
class Runner:
    process: Process
    work: Path

    async def ready(self) -> None:
        assert self.process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            async with asyncio.timeout(_START_SECONDS):
                sign = await self.process.stdout.readexactly(1)
        except (TimeoutError, asyncio.IncompleteReadError):
            sign = b""
        if sign != b"+":
            raise RunnerFailed("The runner did not start.")

    async def grade(self, request: GradeRequest) -> Verdict:
        assert self.process.stdin is not None  # noqa: S101 - both are pipes
        assert self.process.stdout is not None  # noqa: S101
        async with asyncio.timeout(request.limits.wall_seconds + _GRACE_SECONDS):
            with contextlib.suppress(ConnectionError):
                self.process.stdin.write(to_json(request).encode())
                await self.process.stdin.drain()
            self.process.stdin.close()
            answer = await self.process.stdout.read(_MAX_ANSWER)
            while not self.process.stdout.at_eof() and len(answer) < _MAX_ANSWER:
                answer += await self.process.stdout.read(_MAX_ANSWER)
        if not answer:
            raise RunnerFailed("The runner ended without a verdict.")
        return verdict_from_json(answer)

    async def end(self) -> None:
        """Kill it and with it the sandbox, and remove its folder."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()
        shutil.rmtree(self.work, ignore_errors=True)


class Workers:
    """One submission at a time, with one runner ready for the next."""

    def __init__(self, walls: Walls) -> None:
        self._walls = walls
        self._spare: Runner | None = None
        self._current: Runner | None = None
        self._interrupted = False
        self._lock = asyncio.Lock()
        self._preparing: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        async with self._lock:
            await self._prepare()

    async def grade(self, request: GradeRequest) -> Verdict:
        async with self._lock:
            await self._prepare()
            self._current, self._spare = self._spare, None
            self._interrupted = False
            try:
                return await self._run(request)
            finally:
                runner, self._current = self._current, None
                if runner is not None:
                    await runner.end()
                self._preparing = asyncio.get_running_loop().create_task(self.prepare())

    async def _run(self, request: GradeRequest) -> Verdict:
        runner = self._current
        if runner is None:
            return _failure(request, "error", "internal", "The sandbox could not be started.")
        try:
            await runner.ready()
            return await runner.grade(request)
        except TimeoutError:
            return _failure(request, "timeout", "timeout", "Your code took longer than allowed.")
        except (RunnerFailed, ValueError) as error:
            text = "The grading was interrupted." if self._interrupted else str(error)
            return _failure(request, "error", "internal", text)

    def interrupt(self) -> None:
        if self._current is not None:
            self._interrupted = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._current.process.pid, signal.SIGKILL)

    async def close(self) -> None:
        if self._preparing is not None:
            self._preparing.cancel()
        self.interrupt()
        for runner in (self._spare, self._current):
            if runner is not None:
                await runner.end()
        self._spare = self._current = None

    async def _prepare(self) -> None:
        if self._spare is None:
            self._spare = await start_runner(self._walls)


async def start_runner(walls: Walls) -> Runner:
    work = _work_folder(walls)
    code = (
        f"import sys; sys.path[:0] = {json.dumps(sys.path)}; from grader.runner import main; main()"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-S", "-X", "utf8", "-c", code),
        *(walls.level, "drop" if walls.drop else "stay", str(work)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env={"LC_CTYPE": "C.UTF-8", "PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
        limit=_MAX_ANSWER,
    )
    return Runner(process, work)


def _work_folder(walls: Walls) -> Path:
    work = Path(tempfile.mkdtemp(prefix="pm-"))
    if walls.level != "full":
        work.chmod(0o777)  # the student's process has another user id; the name is unguessable
    return work


def _failure(request: GradeRequest, status: VerdictStatus, reason: Reason, message: str) -> Verdict:
    return Verdict(
        request_id=request.id,
        status=status,
        reason=reason,
        message=message,
        max_points=float(sum(test.weight for test in request.tests)),
        tests=not_run(request.tests),
    )
