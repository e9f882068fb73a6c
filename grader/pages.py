"""Pages of memory that each forked process writes to, made its own while it waits.

After a fork the first write to a page makes the system copy it. For some 700 pages that takes
longer than many a student's code, so a waiting process has it done before there is a submission.
Which pages they are is seen once, in a process that grades something and compares.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import itertools
import mmap
import re
from collections.abc import Iterable
from pathlib import Path

from grader.inside.confine import libc

#: Address and length in bytes, of neighbouring pages.
Run = tuple[int, int]

#: Linux 5.14.
_MADV_POPULATE_WRITE = 23
# The bits of an entry in /proc/PID/pagemap.
_PRESENT, _OF_FILE, _EXCLUSIVE = 1 << 63, 1 << 61, 1 << 56
_OWN = _PRESENT | _EXCLUSIVE
_ENTRY_BYTES = 8
_WRITABLE = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) rw.p", re.M)


def own() -> set[int]:
    """Numbers of the pages that this process shares with no other; none where nobody tells."""
    found: set[int] = set()
    with contextlib.suppress(OSError):
        mappings = _WRITABLE.findall(Path("/proc/self/maps").read_text())
        with Path("/proc/self/pagemap").open("rb", buffering=0) as pagemap:
            for start, end in mappings:
                first, last = int(start, 16) // mmap.PAGESIZE, int(end, 16) // mmap.PAGESIZE
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
        found.append((numbers[0] * mmap.PAGESIZE, len(numbers) * mmap.PAGESIZE))
    return found


def make_own(wanted: Iterable[Run]) -> None:
    """Without changing what is in them. What is not there any more is left out."""
    madvise = libc().madvise
    for address, length in wanted:
        madvise(ctypes.c_void_p(address), ctypes.c_size_t(length), _MADV_POPULATE_WRITE)
