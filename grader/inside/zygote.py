"""Inside the walls: a warm interpreter that forks one process for each submission.

Started as `zygote.py DESCRIPTOR LIBRARY…`; the first message on the descriptor configures it.
Each further message names a work folder and carries four descriptors: the agent's socket, where to
print, where to complain, and a line for life: the zygote answers on it with the process's pidfd,
kills the process when its other end is closed, and tells how the process ended. `?` is answered
when no process is left whose line is closed. A JSON list has the pages that submissions write to.

It is trusted, but the student's process is a copy of it: it holds nothing worth reading.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    sys.path[:0] = sys.argv[2:]
    sys.path = [entry for entry in sys.path if not entry.endswith("/inside")]
    from grader.inside import beginning, forking

    forking.watch()
    CONTROL, CONFIG = beginning.begin(int(sys.argv[1]))

import contextlib
import gc
import json
import os
import select
import signal
import socket
import struct
from dataclasses import dataclass
from typing import Any, NoReturn

from grader import agent, pages
from grader.inside import beginning, confine, forking, rehearsal, waiting
from grader.inside.beginning import MAX_MESSAGE
from grader.inside.doors import Doors
from grader.inside.waiting import HAS_PIDFD

#: Processes that are made ready: after so many quiet milliseconds, so as not to slow a submission
#: down; or all at once when there is none left, for each fork costs this process a fault for every
#: page that it uses afterwards.
AHEAD = 3
_IDLE = 30
#: In a row, of those that were ready.
_MAX_FAILURES = 3 * AHEAD


@dataclass
class Child:
    pid: int
    handover: socket.socket
    #: Readable when the process has ended: its pidfd, or where there is none the handover.
    end: int
    life: socket.socket | None = None
    unwanted: bool = False

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


class Zygote:
    def __init__(self, control: socket.socket, how: confine.Confinement, keep: set[int]) -> None:
        self._agent = agent.Agent()
        self._agent.settle()
        self._waiting = waiting.Waiting(how)
        self._apart = how.namespaces
        self._control = control
        self._keep = keep
        self._self = os.pidfd_open(os.getpid()) if HAS_PIDFD else -1
        self._spares: list[Child] = []
        self._children: dict[int, Child] = {}
        self._by_life: dict[int, Child] = {}
        self._failures = 0
        self.filled: list[Any] = []
        self._hot = pages.Wanted()
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def serve(self) -> None:
        self._make_ready()
        self._control.send(b"+")
        while True:
            ready = self._poll.poll(None if len(self._spares) >= AHEAD else _IDLE)
            if not ready:
                self._make_ready()
            # One at a time: what is done for it may end others and give their numbers away.
            for descriptor, _ in ready[:1]:
                if descriptor == self._control.fileno():
                    self._hand_over()
                elif descriptor in self._by_life:
                    self._kill(self._by_life[descriptor])
                elif descriptor in self._children:
                    self._reap(self._children[descriptor])

    def _make_ready(self) -> None:
        if self._failures >= _MAX_FAILURES:
            raise RuntimeError("the processes for submissions end at once")
        # Not where a submission's threads are all that there may be: in the next quiet moment.
        with contextlib.suppress(BlockingIOError):
            while len(self._spares) < AHEAD:
                self._spares.append(self._fork())

    def _fork(self) -> Child:
        ours, theirs = socket.socketpair()
        apart = self._apart
        if apart:
            done = confine.libc().unshare(confine.CLONE_NEWPID)
            confine.checked(done, "a pid namespace of its own")
        try:
            pid = forking.fork()
            if pid == 0:
                self._become(theirs)
        except BlockingIOError:
            ours.close()
            theirs.close()
            raise
        finally:
            if apart:
                done = confine.libc().setns(self._self, confine.CLONE_NEWPID)
                confine.checked(done, "back to the own pid namespace")
        theirs.close()
        child = Child(pid, ours, os.pidfd_open(pid) if HAS_PIDFD else ours.fileno())
        self._children[child.end] = child
        self._poll.register(child.end, select.POLLIN)
        return child

    def _become(self, handover: socket.socket) -> NoReturn:
        try:
            self._hot.make_own()
            confine.close_descriptors({handover.fileno(), *self._keep})
            sock = self._waiting.prepare(handover)
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(98)
        agent.main(sock, self._agent)

    def _hand_over(self) -> None:
        data, descriptors, _, _ = socket.recv_fds(self._control, MAX_MESSAGE, 4)
        if not data:
            self._end()  # nobody is left who could ask
        if data.startswith(b"["):
            self._hot = pages.Wanted([(place, length) for place, length in json.loads(data)])
            return
        if len(descriptors) != 4:
            self._settle()
            return
        *given, life = descriptors
        try:
            child = self._spares.pop() if self._spares else self._fork()
        except BlockingIOError:  # the tests' side is told by the end of the line
            for descriptor in descriptors:
                os.close(descriptor)
            return
        child.life = socket.socket(fileno=life)
        with contextlib.suppress(OSError):  # whichever side is gone: told on the line for life
            socket.send_fds(child.handover, [data], given)
            mine = [child.end] if HAS_PIDFD else []
            socket.send_fds(child.life, [struct.pack("<q", child.pid)], mine)
        for descriptor in given:
            os.close(descriptor)
        self._by_life[life] = child
        self._poll.register(life, select.POLLIN)

    def _settle(self) -> None:
        """Answer when every process is gone that nobody waits for any more."""
        for place, _ in self._poll.poll(0):
            if place in self._by_life:
                self._kill(self._by_life[place])
        for child in [child for child in self._children.values() if child.unwanted]:
            self._reap(child)
        self._control.send(b"!")

    def _kill(self, child: Child) -> None:
        """Nobody wants its verdict any more."""
        assert child.life is not None  # noqa: S101 - it was found by it
        self._poll.unregister(child.life)
        del self._by_life[child.life.fileno()]
        child.unwanted = True
        child.kill()

    def _reap(self, child: Child) -> None:
        child.kill()  # without a pidfd it may have closed its end and still run
        _, status, used = os.wait4(child.pid, 0)
        self._poll.unregister(child.end)
        del self._children[child.end]
        if HAS_PIDFD:
            os.close(child.end)
        child.handover.close()
        if child in self._spares:
            self._spares.remove(child)
            self._failures += 1
        else:
            self._failures = 0
        if child.life is None:
            return
        if self._by_life.pop(child.life.fileno(), None) is not None:
            self._poll.unregister(child.life)
        with contextlib.suppress(OSError):
            child.life.send(struct.pack("<iq", status, used.ru_maxrss))
        child.life.close()
        if not self._spares:
            self._make_ready()

    def _end(self) -> NoReturn:
        for child in self._children.values():
            child.kill()
        os._exit(0)


def main(control: socket.socket, config: dict[str, Any]) -> None:
    del sys.argv[1:]
    doors = Doors(config["folders"])
    doors.use()
    how = confine.Confinement(**config["how"])
    how.readable[:] = map(doors.path, how.readable)
    forking.settle()
    rehearsal.rehearse(with_tables="pandas" in config["preload"])
    zygote = Zygote(control, how, doors.descriptors)
    gc.collect()
    zygote.filled = beginning.fill_gaps()
    gc.freeze()
    zygote.serve()


if __name__ == "__main__":
    # The student's code must not find this module under the name __main__.
    import types

    sys.modules["__main__"] = types.ModuleType("__main__")
    main(CONTROL, CONFIG)
