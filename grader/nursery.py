"""Forks the runners and keeps the zygote for them: beside the kernel, because it has no threads.

Started as `nursery.main()` with the walls as JSON and the name of a set of imports; each set has a
nursery. The kernel asks on a socket, one message each:
`{"grade": N, "memory_mb": 256, "processes": 16}` with the runner's line, and
`{"end": N, "sure": false}` when it has its verdict or wants no more. Where it is to be sure that no
process of the submission is left, that is answered with `{"ended": N, "late": false}`; late is a
runner that has used up its processor time. `{"learn": [[source, filename]]}` has the test cells of
a problem compiled, so that the next runners need not do it.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from grader import pages, traces, warming
from grader.inside import confine
from grader.runner import main as run
from grader.testing.faults import BadTests
from grader.testing.suites import prepare
from grader.walls import confinement, leftovers, library, zygotes
from grader.walls.sandbox import SandboxUnavailable, Walls, work_folder
from grader.walls.zygotes import Imports

_MAX_MESSAGE = 1 << 16
#: Runners that are made ready: after so many quiet milliseconds, so as not to slow a submission
#: down; or all at once when there is none left. A fork write-protects this process's memory, which
#: then costs it a fault for each page that it uses, however many forks there were.
AHEAD = 3
_IDLE = 30


@dataclass
class Runner:
    pid: int
    handover: socket.socket
    work: Path

    def end(self) -> bool:
        """Kill it with what its tests started, and remove its folder; whether it was too late."""
        with contextlib.suppress(ProcessLookupError):  # it may not lead a group yet
            os.killpg(self.pid, signal.SIGKILL)
        os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        self.handover.close()
        leftovers.remove(self.work)
        return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU


class Nursery:
    def __init__(self, kernel: socket.socket, walls: Walls, imports: Imports) -> None:
        self._kernel = kernel
        self._walls = walls
        self._imports = imports
        self._library = library.borrow() if walls.level == "full" else None
        self._zygote = self._launch()
        self._spares: list[Runner] = []
        self._hot = pages.Wanted()
        self._running: dict[int, Runner] = {}
        self._poll = select.poll()
        self._poll.register(kernel, select.POLLIN)

    def serve(self) -> None:
        warming.warm_up(self._walls, self._zygote, self._imports)
        self._before = traces.Before()
        gc.freeze()
        outside, inside = warming.written(self._walls, self._zygote)
        self._hot = pages.Wanted(outside)
        self._zygote.expect(inside)
        self._make_ready()
        self._tell(ready=True, library=self._library.mark if self._library else "")
        while True:
            if not self._poll.poll(None if len(self._spares) >= AHEAD else _IDLE):
                self._make_ready()
                continue
            data, descriptors, _, _ = socket.recv_fds(self._kernel, _MAX_MESSAGE, 1)
            if not data:
                return
            message = json.loads(data)
            if "grade" in message:
                with socket.socket(fileno=descriptors[0]) as line:
                    self._grade(message, line)
            elif "learn" in message:
                _learn(message["learn"])
            elif "limit" in message:
                self._limit(message)
                self._tell(limited=message["limit"])
            else:
                self._end(message["end"], sure=message["sure"])
                if not self._spares:
                    self._make_ready()

    def _make_ready(self) -> None:
        with contextlib.suppress(BlockingIOError):  # the user may not have more just now
            while len(self._spares) < AHEAD:
                self._spares.append(self._fork())

    def _grade(self, message: dict[str, Any], line: socket.socket) -> None:
        if not self._zygote.is_alive():
            self._begin_anew()
        self._limit(message)
        try:
            runner = self._spares.pop() if self._spares else self._fork()
        except BlockingIOError:
            return  # told by the end of the line
        self._running[message["grade"]] = runner
        with contextlib.suppress(OSError):  # it has ended: the kernel sees that on the line
            socket.send_fds(runner.handover, [b"g"], [line.fileno()])

    def _limit(self, message: dict[str, Any]) -> None:
        """For the next submission; whatever a runner has used is no part of it."""
        self._zygote.limit(message["memory_mb"] << 20, message["processes"])

    def _begin_anew(self) -> None:
        """With another zygote; the waiting runners know only the one that has ended."""
        while self._spares:
            self._spares.pop().end()
        self._zygote.close()
        self._zygote = self._launch()

    def _launch(self) -> zygotes.Zygote:
        try:
            return zygotes.launch(self._walls, self._imports, grouped=True, library=self._library)
        except SandboxUnavailable:
            if self._library is None:
                raise
            # The files themselves will do, though their being read before can be noticed.
            return zygotes.launch(self._walls, self._imports, grouped=True)

    def _end(self, number: int, *, sure: bool) -> None:
        runner = self._running.pop(number, None)
        late = runner is not None and runner.end()
        if sure:
            self._zygote.settle()
            self._tell(ended=number, late=late)

    def _fork(self) -> Runner:
        work = work_folder(self._walls)
        parent = os.getpid()
        ours, theirs = socket.socketpair()
        try:
            pid = os.fork()
        except OSError:
            ours.close()
            theirs.close()
            leftovers.remove(work)
            raise
        if pid == 0:
            self._become(theirs, work, parent)
        theirs.close()
        return Runner(pid, ours, work)

    def _become(self, handover: socket.socket, work: Path, parent: int) -> NoReturn:
        try:
            self._hot.make_own()
            confinement.die_with(parent)
            confinement.hide()
            os.setsid()
            # What tests print is nobody's business, and must not fill anybody's log.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            zygote = self._zygote.control
            confine.close_descriptors({handover.fileno(), zygote.fileno()})
            run(handover, zygote, self._walls, str(work), self._before)
        finally:
            os._exit(1)

    def _tell(self, **message: Any) -> None:
        self._kernel.send(json.dumps(message).encode())

    def close(self) -> None:
        for runner in [*self._running.values(), *self._spares]:
            runner.end()
        self._zygote.close()
        if self._library is not None:
            self._library.close()


def _learn(cells: list[list[str]]) -> None:
    for source, filename in cells:
        with contextlib.suppress(BadTests):  # told by each submission that meets it
            prepare(source, filename)


def main() -> None:
    confinement.hide()
    kernel = socket.socket(fileno=int(sys.argv[1]))
    kernel.set_inheritable(False)
    walls = Walls(**json.loads(sys.argv[2]))
    imports: Any = sys.argv[3]
    # So that each fork has them already.
    for name in (*zygotes.SELDOM, *zygotes.PRELOADED[imports]):
        importlib.import_module(name)
    try:
        nursery = Nursery(kernel, walls, imports)
        try:
            nursery.serve()
        finally:
            nursery.close()
    except SandboxUnavailable as error:
        with contextlib.suppress(OSError):
            kernel.send(json.dumps({"failed": str(error)}).encode())
    except ConnectionError:
        pass  # the kernel has ended
    # Bubblewrap that is killed while it begins leaves a child that waits for it for ever.
    os.killpg(0, signal.SIGKILL)
