"""What the process gives up before a student's code runs."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import resource
import signal
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_SIGKILL = 9
#: Room for the interpreter itself beside what the student's code may use.
_OWN_MEMORY = 96 << 20
_MAX_FILE = 16 << 20
_MAX_DESCRIPTORS = 64


def close_other_descriptors(keep: int) -> None:
    os.closerange(3, keep)
    os.closerange(keep + 1, 4096)


def give_up_privileges(uid: int) -> None:
    """Change to `uid` (0: stay), for good; no program started later can gain anything."""
    if uid:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "cannot give up privileges")
        libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def limit(limits: dict[str, Any]) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = math.ceil(limits["cpu_seconds"] + used.ru_utime + used.ru_stime)
    memory = (limits["memory_mb"] << 20) + _OWN_MEMORY
    wanted = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, _MAX_FILE),
        (resource.RLIMIT_NOFILE, _MAX_DESCRIPTORS),
        (resource.RLIMIT_NPROC, limits["processes"]),
    ]
    if sys.platform.startswith("linux"):
        wanted.append((resource.RLIMIT_AS, memory))
    # RLIMIT_CPU knows whole seconds only; the timer ends honest code at the exact moment.
    signal.setitimer(signal.ITIMER_PROF, limits["cpu_seconds"])
    # A program that ignores the first signal is killed a second later.
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    for what, value in wanted:
        # A lower limit of the machine stays in force.
        with contextlib.suppress(ValueError):
            resource.setrlimit(what, (value, value))
