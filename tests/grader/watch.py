"""Watches the processes of a pool while it grades, and looks for what submissions leave behind."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.grader.attacks.problems import IPC_KEYS, LEFT

_EVERY_SECONDS = 0.05
_SETTLE_SECONDS = 10.0
_PAGE = os.sysconf("SC_PAGE_SIZE")
#: Students' processes change to user ids from here on where the grader may do that.
_FIRST_UID = 300_000
_SHARED = (Path("/tmp"), Path("/dev/shm"), Path("/var/tmp"), Path("/dev/mqueue"), Path("/run/lock"))


@dataclass
class Peaks:
    memory: int = 0
    processes: int = 0
    descriptors: int = 0


class Watch:
    """Samples everything below some processes, in a thread."""

    def __init__(self, roots: list[psutil.Process]) -> None:
        self._roots = roots
        self.peaks = Peaks()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        if roots:
            self._thread.start()

    def pids(self) -> list[int]:
        return [pid for root in self._roots for pid in (root.pid, *_below(root.pid))]

    def all(self) -> list[psutil.Process]:
        found = []
        for pid in self.pids():
            with contextlib.suppress(psutil.Error):
                found.append(psutil.Process(pid))
        return found

    def memory(self) -> int:
        return sum(map(_private, self.pids()))

    def cpu_seconds(self) -> float:
        """Used so far by the trusted side: kernels, nurseries, zygotes, and runners that ended."""
        return sum(map(_cpu, self.all()))

    def end(self) -> None:
        self._ended.set()
        if self._roots:
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(_EVERY_SECONDS):
            now = self.pids()
            memory = sum(map(_private, now))
            descriptors = max((_descriptors(process) for process in self._roots), default=0)
            peaks = self.peaks
            peaks.memory = max(peaks.memory, memory)
            peaks.processes = max(peaks.processes, len(now))
            peaks.descriptors = max(peaks.descriptors, descriptors)


def _below(pid: int) -> Iterator[int]:
    """Of this family only; psutil looks at each process of the machine for that."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - often done; pathlib is slower
    except OSError:
        return  # it has just ended
    told = " ".join(_read(f"/proc/{pid}/task/{task}/children") for task in tasks)
    for child in map(int, told.split()):
        yield child
        yield from _below(child)


def _private(pid: int) -> int:
    """Resident bytes that are not pages of files; forks still share some of them."""
    _, resident, shared, *_ = _read(f"/proc/{pid}/statm").split() or ["0"] * 3
    return (int(resident) - int(shared)) * _PAGE


def _read(path: str) -> str:
    """Nothing where the process has just ended."""
    with contextlib.suppress(OSError), open(path, encoding="ascii") as file:  # noqa: PTH123
        return file.read()
    return ""


def _cpu(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error, OSError):
        if process.uids().real >= _FIRST_UID or "zygote.py" in " ".join(process.cmdline()):
            return 0.0  # a student's, or what waits for such
        used = process.cpu_times()
        return float(used.user + used.system + used.children_user + used.children_system)
    return 0.0


def _descriptors(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error, OSError):
        return int(process.num_fds())
    return 0


def settles(what: Callable[[], object]) -> object:
    """What is still there after a while that should be gone; nothing, if it goes."""
    end = time.monotonic() + _SETTLE_SECONDS
    while found := what():
        if time.monotonic() > end:
            return found
        time.sleep(0.02)
    return found


def named_processes(name: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if (entry / "comm").read_text().strip() == name:
                    found.append(int(entry.name))
    return found


def orphans() -> list[str]:
    """Processes with a student's user id that no grader owns any more."""
    found = []
    for process in psutil.process_iter(["uids", "ppid", "cmdline"]):
        uids = process.info["uids"]
        if uids and uids.real >= _FIRST_UID and process.info["ppid"] == 1:
            found.append(f"{process.pid} {process.info['cmdline']}")
    return found


def left_files() -> list[str]:
    """What a submission put where others could find it."""
    return [str(path) for root in _SHARED for path in _two_levels(root) if LEFT in path.name]


def _two_levels(root: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        for path in root.iterdir():
            yield path
            with contextlib.suppress(OSError):
                if path.name.startswith("pm-") and path.is_dir() and not path.is_symlink():
                    yield from path.iterdir()


def ipc_objects() -> list[str]:
    """System V objects of a student: made under such a user id, or under a key that attacks use."""
    return [
        found for kind in ("shm", "msg", "sem") for found in _ipc_of(Path("/proc/sysvipc", kind))
    ]


def _ipc_of(table: Path) -> Iterator[str]:
    with contextlib.suppress(OSError):
        head, *lines = table.read_text().splitlines()
        place = head.split().index("uid")
        for words in map(str.split, lines):
            if int(words[place]) >= _FIRST_UID or int(words[0]) in IPC_KEYS:
                yield f"{table.name} {words[0]} {words[1]}"
