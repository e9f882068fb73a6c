"""Pages of memory that are made a forked process's own before it writes to them."""

from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Callable

import pytest

from grader import pages, warming
from grader.walls import sandbox, zygotes

_COUNT = 16


def _in_a_fork(act: Callable[[], bool]) -> bool:
    pid = os.fork()
    if pid == 0:
        done = False
        try:
            done = act()
        finally:
            os._exit(0 if done else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.mark.parametrize("gone_first", [True, False])
def test_pages_made_own_are_no_longer_shared_and_keep_what_is_in_them(gone_first: bool) -> None:
    if not pages.own():
        pytest.skip("this system does not tell which pages are shared")
    memory = mmap.mmap(-1, _COUNT * mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    text = memory[:] = b"x" * len(memory)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    first = address // mmap.PAGESIZE
    here = set(range(first, first + _COUNT))
    chosen = {first + 1, first + 2, first + 5}
    # What is not there is no fault, and keeps the system from doing the rest at once.
    gone = (mmap.PAGESIZE, mmap.PAGESIZE)
    runs = pages.runs(chosen)
    wanted = pages.Wanted([gone, *runs] if gone_first else [*runs, gone])

    def act() -> bool:
        before = pages.own() & here
        wanted.make_own()
        after = pages.own() & here
        return not before and after == chosen and memory[:] == text

    assert _in_a_fork(act)


def test_neighbouring_pages_are_one_run() -> None:
    assert pages.runs({7, 5, 6, 9}) == [
        (5 * mmap.PAGESIZE, 3 * mmap.PAGESIZE),
        (9 * mmap.PAGESIZE, mmap.PAGESIZE),
    ]
    assert pages.runs(()) == []


def test_both_sides_of_a_grading_write_to_pages_that_are_known_ahead() -> None:
    if not pages.own():
        pytest.skip("this system does not tell which pages are shared")
    walls = sandbox.probe("own")

    def act() -> bool:  # a grading changes its own process for good
        with zygotes.start(walls) as zygote:
            warming.warm_up(walls, zygote)
            written = warming.written(walls, zygote)
            zygote.expect(written[1])
            # It works as before.
            return all(written) and all(warming.written(walls, zygote))

    assert _in_a_fork(act)
