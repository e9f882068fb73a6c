"""The tests' side of one student's process: its socket, what it prints, its life and its use."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import select
import signal
import socket
import struct
import time
from typing import Any

from grader.protocol import Limits
from grader.walls.sandbox import PACKETS, SandboxUnavailable, Walls
from grader.wire.lanes import MOST_THREADS

_READY_SECONDS = 20.0
#: Processes of one zygote that wait, at most: its own, bubblewrap's, those that are ready, those
#: that runners hold, and of a problem with controls those that ended last.
_MOST_BESIDE = 20
_PID = struct.Struct("<q")
_END = struct.Struct("<iq")
_PID_LINE = re.compile(rb"^Pid:\s+(-?\d+)$", re.M)
#: Of /proc/PID/status; the two last lines follow one another.
_USED = re.compile(rb"\nVmSize:\s+(\d+) kB\n.*?VmHWM:\s+(\d+) kB\nVmRSS:\s+(\d+) kB\n", re.S)


class Box:
    """Raises SandboxUnavailable if the zygote does not give a process."""

    def __init__(self, zygote: socket.socket, walls: Walls, work: str) -> None:
        self._walls = walls
        self._ended: tuple[int, int] | None = None
        self._gone = False
        self.sock, theirs = socket.socketpair()
        self._life, far = socket.socketpair(socket.AF_UNIX, PACKETS)
        out, out_end = os.pipe()
        err, err_end = os.pipe()
        self.pipes = [out, err]
        for pipe in self.pipes:
            os.set_blocking(pipe, False)
        given = [theirs.fileno(), out_end, err_end, far.fileno()]
        try:
            socket.send_fds(zygote, [work.encode()], given)
        except OSError:
            raise SandboxUnavailable("The sandbox's zygote has ended.") from None
        finally:
            for descriptor in given[1:3]:
                os.close(descriptor)
            theirs.close()
            far.close()
        self._pidfd, self._pid = self._receive_process()
        self._wait_until_ready()
        self._status = _open_status(self._pid)
        self._clock = (~self._pid << 3) | 2  # CLOCK_PROCESS_CPUTIME_ID of that process
        self._base, self._base_peak, self._base_space = self._usage()
        self._base_cpu = self._cpu()

    def _receive_process(self) -> tuple[int | None, int]:
        """Its pidfd, where the system has such, and its number as this process sees it."""
        self._life.settimeout(_READY_SECONDS)
        try:
            told, descriptors, _, _ = socket.recv_fds(self._life, _PID.size, 1)
        except OSError:
            told = b""
        if len(told) != _PID.size:
            raise SandboxUnavailable("The sandbox did not start.")
        if not descriptors:
            return None, _PID.unpack(told)[0]
        return descriptors[0], _pid_of(descriptors[0])

    def _wait_until_ready(self) -> None:
        self.sock.settimeout(_READY_SECONDS)
        try:
            ready = self.sock.recv(1) == b"+"
        except OSError:
            ready = False
        if not ready:
            text = os.read(self.pipes[1], 3000)[-700:] if _readable(self.pipes[1], 0.2) else b""
            raise SandboxUnavailable(text.decode(errors="replace") or "The sandbox did not start.")

    def limits(self, limits: Limits) -> dict[str, Any]:
        """What the process is to impose on itself, in the units of setrlimit."""
        space = self._base_space + (limits.memory_mb << 20) if self._base_space else None
        return {
            "cpu_seconds": limits.cpu_seconds,
            "memory": space,
            "processes": self._most_processes(limits.processes),
        }

    def _most_processes(self, wanted: int) -> int | None:
        """For RLIMIT_NPROC, which the system compares with all that one user id runs."""
        wanted += MOST_THREADS
        if self._walls.drop:
            return wanted
        if self._walls.level == "full":  # in one user namespace with all that wait
            return wanted + _MOST_BESIDE
        own = resource.getrlimit(resource.RLIMIT_NPROC)[0]
        # So much is left for the grader itself.
        return None if own == resource.RLIM_INFINITY or self._walls.level == "own" else own // 2

    def cpu_seconds(self) -> float:
        """Used so far by the student's process, measured from outside."""
        return self._cpu() - self._base_cpu

    def memory(self) -> tuple[int, int]:
        """Bytes in use now and at most so far, beyond what an empty sandbox uses."""
        now, peak, _ = self._usage()
        return max(0, now - self._base), max(0, peak - self._base_peak, now - self._base)

    def _cpu(self) -> float:
        try:
            return time.clock_gettime(self._clock)
        except OSError:
            return 0.0  # it has ended, or this system has no such clock

    def _usage(self) -> tuple[int, int, int]:
        """Resident, peak resident and address space, in bytes."""
        text = b""
        with contextlib.suppress(OSError):  # it has ended
            text = os.pread(self._status, 4096, 0) if self._status is not None else b""
        found = _USED.search(text)
        if found is None:
            return 0, 0, 0
        space, peak, now = map(int, found.groups())
        return now << 10, peak << 10, space << 10

    def is_alive(self) -> bool:
        return not _readable(self._life.fileno(), 0)

    def kill(self) -> int:
        """It ends soon, with all it started; its peak memory in bytes."""
        peak = self.memory()[1]
        # It has ended; or a test has closed our descriptor, and it ends with its line for life.
        with contextlib.suppress(OSError):
            if self._pidfd is None:
                os.kill(self._pid, signal.SIGKILL)
            else:
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        return peak

    def wait(self) -> None:
        """Until what was killed has ended."""
        if self._gone:
            return
        self._gone = True
        if self._pidfd is None:
            self.ended_by(_READY_SECONDS)
        else:
            with _whoever_closed_it():
                select.select([self._pidfd], [], [], _READY_SECONDS)
        for descriptor in (self._pidfd, *self.pipes, self._status):
            if descriptor is not None:
                with _whoever_closed_it():
                    os.close(descriptor)
        for end in (self.sock, self._life):
            with _whoever_closed_it():
                end.close()

    def ended_by(self, seconds: float) -> int:
        """The signal that ended a process which closed its connection; 0 if none did.

        SandboxUnavailable if it was the zygote that ended, and the process only with it.
        """
        if self._ended is None:
            self._life.settimeout(seconds)
            told = None
            with contextlib.suppress(OSError):
                told = self._life.recv(_END.size)
            if told == b"":
                raise SandboxUnavailable("The sandbox's zygote has ended.")
            if told is not None and len(told) == _END.size:
                self._ended = _END.unpack(told)
        return os.WTERMSIG(self._ended[0]) if self._ended is not None else 0


def _whoever_closed_it() -> contextlib.AbstractContextManager[None]:
    """A test that closes a descriptor by a number of the student's may have met one of ours."""
    return contextlib.suppress(OSError)


def _readable(descriptor: int, seconds: float) -> bool:
    return bool(select.select([descriptor], [], [], seconds)[0])


def _open_status(pid: int) -> int | None:
    try:
        return os.open(f"/proc/{pid}/status", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None  # this system has no such file


def _pid_of(pidfd: int) -> int:
    """As this process's own view of processes numbers it."""
    info = os.open(f"/proc/self/fdinfo/{pidfd}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        found = _PID_LINE.search(os.read(info, 4096))
    finally:
        os.close(info)
    if found is None:
        raise SandboxUnavailable("The sandbox ended at once.")
    return int(found[1])
