"""What the zygote does so that its processes write to few pages."""

from __future__ import annotations

import subprocess
import sys

import pytest

from grader.inside.beginning import fill_gaps
from grader.walls.zygotes import SELDOM

_POOL = 1 << 14  # bytes of Python's memory in which all objects have one size

_HOOKS = """
import os, sys
from grader.inside import forking

forking.watch()
ran = []
os.register_at_fork(
    before=lambda: ran.append("before"), after_in_child=lambda: ran.append("child")
)
forking.settle()
os.register_at_fork(after_in_child=lambda: ran.append("later"))

def child(fork):
    ran.clear()
    if fork() == 0:
        print(*ran, flush=True)
        os._exit(0)
    os.wait()

child(forking.fork)
child(os.fork)
"""

_LOADED = """
import sys
from grader.inside import rehearsal, zygote

print(*sorted(set(sys.argv[1:]) & set(sys.modules)))
"""


def test_only_the_zygotes_own_forks_leave_out_what_modules_do_after_a_fork() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _HOOKS], capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.stderr) == ("later\nbefore child later\n", "")


def test_a_zygote_has_nothing_heavy_loaded_that_few_submissions_need() -> None:
    """Each fork would pay for what it weighs."""
    heavy = [*SELDOM, "pickle", "queue", "shutil", "ssl", "subprocess", "tempfile"]
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path[:0] = {sys.path}\n{_LOADED}",
            *heavy,
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("\n", "")


@pytest.mark.parametrize("size", [100, 200, 400])
def test_what_is_made_after_the_gaps_are_filled_lies_together(size: int) -> None:
    others = [bytes(size) for _ in range(5000)]
    del others[::50]  # a gap or two in each pool

    kept = fill_gaps()
    made = [bytes(size) for _ in range(20)]

    assert len({id(each) // _POOL for each in made}) <= 2, len(kept)
