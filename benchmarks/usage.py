"""Processor time, memory and numbers of a grader's processes, as the system counts them."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from grader.inside.zygote import AHEAD as SANDBOXES_AHEAD
from grader.kept import MOST as MOST_KEPT
from grader.nursery import AHEAD

#: Where a grade's processor time goes: the process that asks, and the four kinds below it.
PARTS = ("kernel", "nursery", "runners", "zygotes", "sandboxes")
_WAIT_SECONDS = 20.0
_MAPPED = re.compile(r"^(Rss|Pss|Pss_Anon|Private_Clean|Private_Dirty):\s+(\d+) kB$", re.M)


@dataclass(frozen=True)
class Memory:
    """Bytes."""

    private: int = 0
    #: Shared pages are divided among those who share them.
    proportional: int = 0
    resident: int = 0
    #: The proportional share of what no file backs, so that other programs on the machine, which
    #: load the same files, change nothing.
    anonymous: int = 0


@dataclass
class Family:
    """What runs below a kernel, or whoever asks in its place."""

    #: The oldest first: the one without numpy and pandas.
    nurseries: list[psutil.Process]
    runners: list[psutil.Process] = field(default_factory=list)
    #: The oldest first: the one without numpy and pandas.
    zygotes: list[psutil.Process] = field(default_factory=list)
    sandboxes: list[psutil.Process] = field(default_factory=list)
    #: bubblewrap's own processes.
    others: list[psutil.Process] = field(default_factory=list)

    @property
    def all(self) -> list[psutil.Process]:
        return [*self.nurseries, *self.runners, *self.zygotes, *self.sandboxes, *self.others]

    def spent(self) -> dict[str, float]:
        """Seconds so far, with those of processes that have ended and were waited for."""
        runners, sandboxes = _own(self.runners), _own(self.sandboxes)
        return {
            "nursery": _own(self.nurseries),
            "runners": runners + _ended(self.nurseries),
            "zygotes": _own(self.zygotes) + _own(self.others),
            "sandboxes": sandboxes + _ended(self.zygotes),
        }


def below(parent: int) -> Family:
    """Raises LookupError where this process has no nursery."""
    family = Family(sorted(nurseries(parent), key=psutil.Process.create_time))
    if not family.nurseries:
        raise LookupError("no nursery is running")
    for nursery in family.nurseries:
        for process in nursery.children(recursive=True):
            with contextlib.suppress(psutil.Error):  # it may end at any moment
                _kind(process, nursery, family).append(process)
    family.zygotes.sort(key=psutil.Process.create_time)
    return family


def nurseries(parent: int) -> list[psutil.Process]:
    return [p for p in psutil.Process(parent).children() if "grader.nursery" in _words(p)]


def _kind(process: psutil.Process, nursery: psutil.Process, family: Family) -> list[psutil.Process]:
    words = _words(process)
    if process.ppid() == nursery.pid and "grader.nursery" in words:
        return family.runners
    if "inside/zygote.py" not in words or "bwrap" in process.name():
        return family.others
    parent = process.parent()
    forked = parent is not None and "bwrap" not in parent.name() and parent != nursery
    return family.sandboxes if forked else family.zygotes


def _words(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def _own(processes: Iterable[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def _ended(processes: Iterable[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.children_user + times.children_system
    return total


def kernel_spent(pid: int) -> float:
    """Seconds of this one process: the kernel, or whoever asks the nursery in its place."""
    return time.process_time() if pid == psutil.Process().pid else _own([psutil.Process(pid)])


def waiting(parent: int, zygotes: int = 1) -> Family:
    """For each zygote runners with their sandboxes wait, and more sandboxes.

    Beside these some runners with sandboxes of theirs wait for a suite that they know.
    """
    end = time.monotonic() + _WAIT_SECONDS
    while True:
        family = below(parent)
        kept = len(family.runners) - AHEAD * zygotes
        ready = 0 <= kept <= MOST_KEPT
        ready &= len(family.sandboxes) == (AHEAD + SANDBOXES_AHEAD) * zygotes + kept
        if ready and len(family.zygotes) == zygotes and all(map(_sleeps, family.all)):
            return family
        if time.monotonic() > end:
            raise TimeoutError(f"the grader does not come to rest: {family}")
        time.sleep(0.05)


def _sleeps(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return bool(process.status() == psutil.STATUS_SLEEPING)
    return False


def memory(process: psutil.Process) -> Memory | None:
    """None where we may not look, or where the system does not tell."""
    try:
        text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    except OSError:
        return None
    found = {name: int(kilobytes) << 10 for name, kilobytes in _MAPPED.findall(text)}
    if not found:
        return None
    private = found["Private_Clean"] + found["Private_Dirty"]
    return Memory(private, found["Pss"], found["Rss"], found.get("Pss_Anon", found["Pss"]))


def descriptors(processes: Iterable[psutil.Process]) -> int:
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error, OSError):
            total += process.num_fds()
    return total


def tree_memory(processes: Iterable[psutil.Process]) -> int:
    """Bytes that no file backs; where we may not look, what forks share counts for each of them."""
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error, OSError):
            found = memory(process)
            plain = process.memory_info()
            total += found.anonymous if found else plain.rss - plain.shared
    return total
