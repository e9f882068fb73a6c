"""How long the grader's own processes live, and who may look into them."""

from __future__ import annotations

import os
import signal
import sys

from grader.inside.confine import libc

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4


def hide() -> None:
    """No process of the same user may read this one's memory."""
    if sys.platform.startswith("linux"):
        libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def show() -> None:
    """Undo it, where there is nothing worth reading: only so it may read all about itself."""
    if sys.platform.startswith("linux"):
        libc().prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def die_with(parent: int) -> None:
    """End when this parent ends."""
    if sys.platform.startswith("linux"):
        libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)  # it has ended already
