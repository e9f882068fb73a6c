"""Pages of memory that each forked process writes to, made its own while it waits.

After a fork the first write to a page makes the system copy it. For some 700 pages that takes
longer than many a student's code, so a waiting process has it done before there is a submission,
and by one system call, which is a third cheaper than page by page. Which pages they are is seen
once, by comparing before and after a grading.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import itertools
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from grader.inside.confine import libc

#: Address and length in bytes, of neighbouring pages.
Run = tuple[int, int]

#: Linux 5.14.
_MADV_POPULATE_WRITE = 23
#: On the own process with any advice: Linux 6.13. Not by `os`: it may lack the first of the two.
_PIDFD_OPEN, _PROCESS_MADVISE = 434, 440
_MOST_TOGETHER = 1024
# The bits of an entry in /proc/PID/pagemap.
_PRESENT, _OF_FILE, _EXCLUSIVE = 1 << 63, 1 << 61, 1 << 56
_OWN = _PRESENT | _EXCLUSIVE
_ENTRY_BYTES = 8
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_WRITABLE = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) rw.p", re.M)


def own(process: int | str = "self") -> set[int]:
    """Numbers of the pages that a process shares with no other; none where nobody tells."""
    found: set[int] = set()
    with contextlib.suppress(OSError):
        mappings = _WRITABLE.findall(Path(f"/proc/{process}/maps").read_text())
        with Path(f"/proc/{process}/pagemap").open("rb", buffering=0) as pagemap:
            for start, end in mappings:
                first, last = int(start, 16) // _PAGE_BYTES, int(end, 16) // _PAGE_BYTES
                pagemap.seek(first * _ENTRY_BYTES)
                entries = array.array("Q", pagemap.read((last - first) * _ENTRY_BYTES))
                mine = (n for n, e in enumerate(entries, first) if e & (_OWN | _OF_FILE) == _OWN)
                found.update(mine)
    return found


def runs(pages: Iterable[int]) -> list[Run]:
    found: list[Run] = []
    # Neighbours are as far from their places in the list as from each other.
    for _, group in itertools.groupby(enumerate(sorted(pages)), lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in group]
        found.append((numbers[0] * _PAGE_BYTES, len(numbers) * _PAGE_BYTES))
    return found


class _Vector(ctypes.Structure):
    """One run as the system takes it, `struct iovec`."""

    _fields_ = (("address", ctypes.c_void_p), ("length", ctypes.c_size_t))


class Wanted:
    """Pages that each fork makes its own; put together once, before the forks."""

    def __init__(self, runs: Sequence[Run] = ()) -> None:
        parts = (runs[i : i + _MOST_TOGETHER] for i in range(0, len(runs), _MOST_TOGETHER))
        self._parts = [(_vectors(part), sum(length for _, length in part)) for part in parts]

    def make_own(self) -> None:
        """Without changing what is in them. What is not there any more is left out."""
        if not self._parts:
            return
        process = libc().syscall(_PIDFD_OPEN, os.getpid(), 0)
        for vectors, length in self._parts:
            count = ctypes.c_size_t(len(vectors))
            call = (_PROCESS_MADVISE, process, vectors, count, _MADV_POPULATE_WRITE, 0)
            done = libc().syscall(*call)
            if done < length:
                _one_by_one(vectors, done)
        if process >= 0:
            os.close(process)


def _vectors(runs: Sequence[Run]) -> ctypes.Array[_Vector]:
    return (_Vector * len(runs))(*(_Vector(*run) for run in runs))


def _one_by_one(vectors: Iterable[_Vector], done: int) -> None:
    """Where some are gone, or the system is too old to do all at once; `done` bytes are done."""
    for vector in vectors:
        done -= vector.length
        if done < 0:
            length = ctypes.c_size_t(vector.length)
            libc().madvise(ctypes.c_void_p(vector.address), length, _MADV_POPULATE_WRITE)
