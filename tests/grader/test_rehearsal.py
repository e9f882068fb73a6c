"""What runs before a submission leaves nothing behind for it."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import builtins, linecache, os, random, sys, warnings
from grader.inside import rehearsal

def state():
    return (
        dict(sys.modules), dict(vars(builtins)), dict(linecache.cache), list(sys.path),
        list(warnings.filters), dict(os.environ), random.getstate(), sys.stdin, sys.stdout,
    )

rehearsal.rehearse(with_tables=True)  # imports what it needs
before = state()
rehearsal.rehearse(with_tables=True)
assert state() == before
"""


def test_a_rehearsal_leaves_nothing_behind() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
