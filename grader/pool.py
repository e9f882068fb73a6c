"""Grader kernels ready for requests: started through jupyter_client, replaced when they die."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import tempfile
from pathlib import Path
from queue import Empty
from typing import Any, Literal

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from grader import sandbox
from grader.kernelspec import write_kernelspec
from grader.leftovers import PoolFolder
from grader.protocol import (
    KERNEL_NAME,
    MIME,
    GradeRequest,
    Level,
    Verdict,
    not_run,
    to_json,
    verdict_from_json,
)
from grader.sandbox import SandboxUnavailable, Walls

_START_SECONDS = 60.0
#: Beyond the limits of a request: starting a runner, ending it, the way there and back.
_EXTRA_SECONDS = 30.0
_TRIES = 2
_MAX_SOCKET_PATH = 90

State = Literal["starting", "ready", "broken"]


class GraderUnavailable(RuntimeError):
    """The grader cannot start."""


class KernelDied(RuntimeError):
    """The grader kernel ended in the middle of a request."""


class _Kernel:
    def __init__(
        self, manager: AsyncKernelManager, client: AsyncKernelClient, folders: tuple[Path, ...]
    ) -> None:
        self.manager = manager
        self.client = client
        self._needed = folders

    def has_folders(self) -> bool:
        """False if something has cleared them away; then the kernel cannot work any more."""
        return all(folder.is_dir() for folder in self._needed)

    async def grade(self, request: GradeRequest) -> Verdict:
        """Raises KernelDied; TimeoutError when nothing comes for too long."""
        message_id = self.client.execute(to_json(request), store_history=False, allow_stdin=False)
        async with asyncio.timeout(request.limits.wall_seconds + _EXTRA_SECONDS):
            while True:
                message = await self._next()
                if message["parent_header"].get("msg_id") != message_id:
                    continue
                kind, content = message["msg_type"], message["content"]
                if kind == "display_data" and MIME in content["data"]:
                    return verdict_from_json(json.dumps(content["data"][MIME]))
                if kind == "error":
                    return _internal(request, content["evalue"])

    async def _next(self) -> dict[str, Any]:
        while True:
            with contextlib.suppress(Empty):
                return await self.client.get_iopub_msg(timeout=1.0)
            if not await self.manager.is_alive():
                raise KernelDied("The grader kernel ended.")

    async def close(self) -> None:
        self.client.stop_channels()
        with contextlib.suppress(Exception):
            await self.manager.shutdown_kernel(now=True)


class GraderPool:
    """Any number of `grade()` calls may wait for the kernels of one pool."""

    def __init__(
        self,
        *,
        kernels: int = 1,
        minimum_level: Level = "own",
        runtime_dir: Path | None = None,
        level: Level | None = None,
    ) -> None:
        self._count = kernels
        self._minimum = minimum_level
        self._wanted_dir = runtime_dir
        self._only = level
        self._free: asyncio.Queue[_Kernel | None] = asyncio.Queue()
        self._all: set[_Kernel] = set()
        self._walls: Walls | None = None
        self._dir: PoolFolder | None = None
        self._work: PoolFolder | None = None
        self._closed = False
        self.state: State = "starting"
        self.why = ""

    @property
    def level(self) -> Level:
        return self._walls.level if self._walls else "own"

    async def start(self) -> None:
        """Raises GraderUnavailable, with what to do about it."""
        try:
            self._walls = await asyncio.to_thread(sandbox.probe, self._minimum, self._only)
            first = await self._start_kernel()
        except (SandboxUnavailable, OSError, RuntimeError) as error:
            self.state, self.why = "broken", str(error)
            raise GraderUnavailable(str(error)) from error
        self._free.put_nowait(first)
        for _ in range(self._count - 1):
            self._free.put_nowait(None)  # started when it is first needed
        self.state, self.why = "ready", self._walls.why

    async def grade(self, request: GradeRequest) -> Verdict:
        if self.state != "ready" or self._closed:
            return _internal(request, self.why or "The grader is not running.")
        kernel = await self._free.get()
        try:
            for _ in range(_TRIES):
                try:
                    if kernel is not None and not kernel.has_folders():
                        await self._discard(kernel)
                        kernel = None
                    if kernel is None:
                        kernel = await self._start_kernel()
                    return await kernel.grade(request)
                except (KernelDied, TimeoutError, RuntimeError) as error:
                    problem = str(error) or "The grader did not answer."
                    await self._discard(kernel)
                    kernel = None
            return _internal(request, problem)
        except asyncio.CancelledError:
            await asyncio.shield(self._discard(kernel))
            kernel = None
            raise
        finally:
            self._free.put_nowait(kernel)

    async def close(self) -> None:
        self._closed = True
        await asyncio.gather(*(kernel.close() for kernel in self._all), return_exceptions=True)
        self._all.clear()
        for folder in (self._dir, self._work):
            if folder is not None:
                folder.remove()
        self._dir = self._work = None

    async def _discard(self, kernel: _Kernel | None) -> None:
        if kernel is not None:
            self._all.discard(kernel)
            await kernel.close()

    def _make_dir(self) -> PoolFolder:
        """A private folder, short enough for the paths of sockets."""
        parent = self._wanted_dir
        if parent is not None:
            parent.mkdir(parents=True, exist_ok=True)
            if len(str(parent)) > _MAX_SOCKET_PATH - 40:
                parent = None
        return PoolFolder(parent)

    def _folders(self) -> tuple[Path, Path]:
        """Where kernels speak and where submissions work; made again if a clean-up took them."""
        if self._dir is None or not self._dir.path.is_dir():
            if self._dir is not None:
                self._dir.remove()
            self._dir = self._make_dir()
        # It goes with the pool, whatever became of a kernel.
        if self._work is None or not self._work.path.is_dir():
            if self._work is not None:
                self._work.remove()
            self._work = PoolFolder(mode=0o711)
        return self._dir.path, self._work.path

    async def _start_kernel(self) -> _Kernel:
        assert self._walls is not None  # noqa: S101 - start() found them
        base, work = self._folders()
        folder = Path(tempfile.mkdtemp(prefix="k", dir=base))
        manager = AsyncKernelManager(
            kernel_name=KERNEL_NAME,
            kernel_spec_manager=write_kernelspec(base / "spec", self._walls),
            transport="ipc",
            ip=str(folder / "s"),
            connection_file=str(folder / "c.json"),
        )
        await manager.start_kernel(env=_environment(folder, work))
        client = manager.client()
        client.start_channels()
        kernel = _Kernel(manager, client, (folder, work))
        try:
            await client.wait_for_ready(timeout=_START_SECONDS)
        except RuntimeError:
            await kernel.close()
            raise
        self._all.add(kernel)
        return kernel


def _environment(folder: Path, work: Path) -> dict[str, str]:
    """Nothing of the service's own environment: it may hold keys and passwords."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    private = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")
    return {
        "TMPDIR": str(work),
        **kept,
        **dict.fromkeys(private, str(folder)),
        "PYTHONWARNINGS": "ignore",
    }


def _internal(request: GradeRequest, message: str) -> Verdict:
    return Verdict(
        request_id=request.id,
        status="error",
        reason="internal",
        message=message,
        tests=not_run(request.tests),
        max_points=float(sum(test.weight for test in request.tests)),
    )
