"""Grader kernels ready for requests: started through jupyter_client, replaced when they die."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from queue import Empty
from typing import Any, Literal, cast

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from grader.converting import from_plain
from grader.launch import GraderUnavailable, Launch, Transport, last_words, sentence
from grader.protocol import MIME, GradeRequest, Level, Verdict, not_run, to_json
from grader.requests import QUIET
from grader.walls import sandbox
from grader.walls.leftovers import PoolFolder, there
from grader.walls.sandbox import SandboxUnavailable

__all__ = ["GraderPool", "GraderUnavailable", "KernelDied"]

#: Beyond the limits of a request: starting a runner, ending it, the way there and back.
_EXTRA_SECONDS = 30.0
_ASK_SECONDS = 30.0
_TRIES = 2
_MAX_SOCKET_PATH = 90

State = Literal["starting", "ready", "broken"]


class KernelDied(RuntimeError):
    """The grader kernel ended in the middle of a request."""


#: Asked for beside being graded.
_VERDICT = {"verdict": "verdict"}


class _Kernel:
    def __init__(
        self,
        manager: AsyncKernelManager,
        client: AsyncKernelClient,
        folder: Path,
        needed: tuple[Path, ...],
    ) -> None:
        self.manager = manager
        self.client = client
        self._folder = folder
        self._needed = needed

    def has_folders(self) -> bool:
        """False if something has cleared them away; then the kernel cannot work any more."""
        return all(folder.is_dir() for folder in self._needed)

    async def grade(self, request: GradeRequest) -> Verdict:
        """Raises KernelDied; TimeoutError when nothing comes for too long."""
        # Silent, and with the verdict in the reply: what is published takes longer.
        asked = {"code": to_json(request), "silent": True, "user_expressions": _VERDICT}
        message = self.client.session.msg("execute_request", asked, metadata={QUIET: True})
        self.client.shell_channel.send(message)
        async with asyncio.timeout(request.longest_seconds + _EXTRA_SECONDS):
            content = await self._reply(message["msg_id"])
        if content["status"] != "ok":
            return _internal(request, content.get("evalue", "The grader gave no verdict."))
        return from_plain(Verdict, content["user_expressions"]["verdict"]["data"][MIME])

    async def ask(self, what: str) -> str:
        reply = await self.client.execute(
            "", silent=True, user_expressions={what: what}, reply=True, timeout=_ASK_SECONDS
        )
        return str(reply["content"]["user_expressions"][what]["data"]["text/plain"])

    async def _reply(self, message_id: str) -> dict[str, Any]:
        while True:
            with contextlib.suppress(Empty):
                message = await self.client.get_shell_msg(timeout=1.0)
                if message["parent_header"].get("msg_id") == message_id:
                    content: dict[str, Any] = message["content"]
                    return content
                continue
            if not await self.manager.is_alive():
                raise KernelDied(f"The grader kernel ended{last_words(self._folder)}")

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
        transport: Transport | None = None,
        provisioner: str = "",
        provisioner_config: dict[str, Any] | None = None,
    ) -> None:
        """`transport`: ipc, or with a provisioner tcp, which is always encrypted."""
        self._minimum = minimum_level
        self._wanted_dir = runtime_dir
        self._only = level
        self._launch = Launch(
            transport=transport or ("tcp" if provisioner else "ipc"),
            provisioner=provisioner,
            provisioner_config=provisioner_config or {},
        )
        # Last in, first out: a kernel that runs is taken before one is started.
        self._free: asyncio.LifoQueue[_Kernel | None] = asyncio.LifoQueue()
        for _ in range(kernels):
            self._free.put_nowait(None)  # started when it is first needed
        self._all: set[_Kernel] = set()
        self._mode: list[str] = []
        self._dir: PoolFolder | None = None
        self._work: PoolFolder | None = None
        self._closed = self._tables = False
        self.level: Level = "own"
        self.state: State = "starting"
        self.why = ""

    async def start(self) -> None:
        """Raises GraderUnavailable, with what to do about it; may be called again after that."""
        why = ""
        try:
            self._launch.check()
            if self._launch.provisioner:
                self._mode = ["probe", self._minimum, *([self._only] if self._only else [])]
            else:
                walls = await asyncio.to_thread(sandbox.probe, self._minimum, self._only)
                self._mode = ["walls", walls.level, "drop" if walls.drop else "stay"]
                self.level, why = walls.level, walls.why
        except SandboxUnavailable as error:
            raise self._broken(error) from error
        except GraderUnavailable as error:
            raise self._broken(error) from None
        kernel = await self._free.get()
        try:
            kernel = kernel or await self._start_kernel()
            if self._launch.provisioner:
                self.level = cast("Level", await kernel.ask("level"))
                why = await kernel.ask("why")
        finally:
            self._free.put_nowait(kernel)
        self.state, self.why = "ready", why

    async def grade(self, request: GradeRequest) -> Verdict:
        """GraderUnavailable if a kernel is needed and cannot be started: try `start` later."""
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
                except (KernelDied, TimeoutError) as error:
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

    async def expect_tables(self) -> None:
        """Have numpy and pandas loaded before the first submission with them; returns at once."""
        self._tables = True  # kernels that start later are told as well
        kernel = await self._free.get()
        try:
            if kernel is not None:
                await kernel.ask("tables")
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

    def _broken(self, error: Exception) -> GraderUnavailable:
        self.state, self.why = "broken", sentence(error)
        return GraderUnavailable(self.why)

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
        # A provisioner may hand a kernel's folder inside it to the user that the kernel runs as.
        return PoolFolder(parent, mode=0o711 if self._launch.provisioner else 0o700)

    def _folders(self) -> tuple[Path, Path]:
        """Where kernels speak and where submissions work; made again if a clean-up took them."""
        self._dir = there(self._dir, self._make_dir)
        # It goes with the pool, whatever became of a kernel.
        self._work = there(self._work, lambda: PoolFolder(mode=0o711))
        return self._dir.path, self._work.path

    async def _start_kernel(self) -> _Kernel:
        try:
            base, work = self._folders()
            manager, client, folder = await self._launch.start(self._mode, base, work)
        except (OSError, RuntimeError) as error:
            raise self._broken(error) from error
        needed = () if self._launch.provisioner else (folder, work)
        kernel = _Kernel(manager, client, folder, needed)
        self._all.add(kernel)
        if self._tables:
            await kernel.ask("tables")
        return kernel


def _internal(request: GradeRequest, message: str) -> Verdict:
    return Verdict(
        request_id=request.id,
        status="error",
        reason="internal",
        message=message,
        tests=not_run(request.tests),
        max_points=float(sum(test.weight for test in request.tests)),
    )
