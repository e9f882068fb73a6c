"""The processes of the service: started, ended by force, started again, and looked for."""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import psutil

#: Seconds; what a service manager waits before it starts an ended process again.
RESTART_AFTER = 0.2
PR_SET_CHILD_SUBREAPER = 36
STOP_SECONDS = 20.0


class Supervised:
    """One process that is started again whenever it ends, as systemd or Kubernetes would."""

    def __init__(
        self, name: str, words: list[str], environment: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self._environment = dict(environment)
        self._log = log
        self._words = [sys.executable, "-m", "pythonmastery_ext.cli", *words]
        self._keeper: asyncio.Task[None] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.pid

    def start(self) -> None:
        self._spawn()
        self._keeper = asyncio.create_task(self._keep(), name=self.name)

    def _spawn(self) -> None:
        environment = {**os.environ, **self._environment}
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                self._words, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            if self._process is not None and self._process.poll() is not None:
                await asyncio.sleep(RESTART_AFTER)
                self._spawn()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        kill(self.pid)

    async def restart(self) -> None:
        await self.stop()
        self.start()

    async def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)


def kill(pid: int) -> None:
    """One that has just ended by itself is as good as killed."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def below(pids: Iterable[int]) -> list[psutil.Process]:
    """Everything that descends from these processes."""
    found: list[psutil.Process] = []
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            found += psutil.Process(pid).children(recursive=True)
    return found


def kernels(pids: Iterable[int]) -> list[psutil.Process]:
    return [process for process in below(pids) if "grader.kernel" in _command(process)]


def sandboxed(pids: Iterable[int]) -> list[psutil.Process]:
    """What runs below a grader kernel; the innermost last."""
    return below(kernel.pid for kernel in kernels(pids))


def _command(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def adopt_orphans() -> None:
    """Whatever loses its parent becomes a child of ours, so that it can be counted."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def orphans(known: Iterable[int]) -> list[str]:
    """Children of ours that nobody here has started, and that do not end by themselves."""
    mine = set(known)

    def look() -> list[psutil.Process]:
        left = [child for child in psutil.Process().children() if child.pid not in mine]
        for child in left:
            # One that has ended only waits for somebody to ask; its parent was killed.
            with contextlib.suppress(psutil.Error, ChildProcessError):
                if child.status() == psutil.STATUS_ZOMBIE:
                    os.waitpid(child.pid, os.WNOHANG)
        return left

    settled = until(lambda: not look(), seconds=15)
    return [] if settled else [f"{child.pid} {_command(child)}" for child in look()]


def until(condition: Callable[[], bool], *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
