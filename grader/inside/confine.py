"""What a student's process gives up before the student's code runs, in this order:

its place among other processes, the folders it shares, its user id and privileges, files, system
calls; and with each submission time and memory.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import math
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from grader.inside import landlock

CLONE_NEWPID = 0x20000000
_CLONE_NEWNS = 0x00020000
_CLONE_NEWIPC = 0x08000000
_CLONE_NEWUTS = 0x04000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 2, 4, 8
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522
_INODES = 2048
_MAX_FILE = 16 << 20
_MAX_DESCRIPTORS = 64
_HIGHEST_DESCRIPTOR = 4096


@dataclass(frozen=True)
class Confinement:
    """How a process is shut in; JSON, from the trusted side."""

    #: Own namespaces, and an empty file system in memory over each of these folders.
    namespaces: bool = False
    folders: dict[str, int] = field(default_factory=dict)
    #: Change to a user id above this one; 0: stay.
    first_uid: int = 0
    landlock: bool = False
    readable: list[str] = field(default_factory=list)
    #: The filter of system calls as hexadecimal text; empty: none.
    filter: str = ""


@functools.cache
def libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def close_descriptors(keep: set[int]) -> None:
    last = 2
    for descriptor in sorted(keep):
        os.closerange(last + 1, descriptor)
        last = descriptor
    os.closerange(last + 1, _HIGHEST_DESCRIPTOR)


#: A call that gives 0 or None, with its arguments, and what failed if it does not.
Step = tuple[Callable[..., Any], tuple[Any, ...], str]


class Enclosure:
    """All that shuts a process in: looked up and filled in before the forks, by the zygote.

    What the student's process does itself it does slowly, for it copies each page that it uses.
    """

    def __init__(self, how: Confinement) -> None:
        writable = [*how.folders, "/dev/null"]
        self._rules = landlock.Rules(how.readable, writable) if how.landlock else None
        if self._rules and self._rules.version == 0 and not how.namespaces:
            raise OSError("this kernel has no Landlock (Linux 5.13), and files need it")
        self._steps = [*_apart(how), *_without_privileges(how)]
        self._last = _filter(bytes.fromhex(how.filter)) if how.filter else []

    def enter(self) -> None:
        """Leave what all sandboxes share, and all rights; for good."""
        _take(self._steps)

    def restrict(self, work: list[str]) -> None:
        """Files by Landlock, system calls by the filter."""
        if self._rules:
            self._rules.restrict(work)
        _take(self._last)


def _take(steps: list[Step]) -> None:
    for call, arguments, what in steps:
        if call(*arguments):
            checked(-1, what)


def _apart(how: Confinement) -> Iterator[Step]:
    """The pid namespace is new already."""
    if not how.namespaces:
        return
    flags = _CLONE_NEWNS | _CLONE_NEWIPC | _CLONE_NEWUTS
    yield libc().unshare, (flags,), "namespaces of its own"
    for folder, size in how.folders.items():
        options = f"size={size},nr_inodes={_INODES},mode=1777".encode()
        flags = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
        arguments = (b"tmpfs", folder.encode(), b"tmpfs", flags, options)
        yield libc().mount, arguments, f"a file system in memory on {folder}"


def _without_privileges(how: Confinement) -> Iterator[Step]:
    """No program started later can gain anything."""
    if how.first_uid:
        yield _change_user, (how.first_uid,), ""
    if not sys.platform.startswith("linux"):
        return
    c = libc()
    # Older kernels know no such capabilities.
    yield _unchecked, (c.prctl, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), ""
    header, none = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    yield c.capset, (header, none), "no capabilities"
    yield c.prctl, (_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges"
    # After the change of user, which would undo them.
    yield c.prctl, (_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0), "an end with its parent"
    # With a user id of its own nobody else could look into it, and it needs /proc/self for imports.
    dumpable = 1 if how.first_uid and not how.namespaces else 0
    yield c.prctl, (_PR_SET_DUMPABLE, dumpable, 0, 0, 0), "its memory for itself"


def _change_user(first_uid: int) -> None:
    uid = first_uid + int.from_bytes(os.urandom(4), "little") % 100_000_000
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _unchecked(call: Callable[..., Any], *arguments: Any) -> None:
    call(*arguments)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _filter(program: bytes) -> list[Step]:
    told = ctypes.byref(_Program(len(program) // 8, program))
    arguments = (_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, told, 0, 0)
    return [(libc().prctl, arguments, "the filter of system calls")]


def limit(limits: dict[str, Any]) -> None:
    """As `Box.limits` gives them. RLIMIT_AS counts from what the empty sandbox takes."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    # Whole seconds only; the tests' side ends the process at the exact moment.
    cpu = math.ceil(limits["cpu_seconds"] + used.ru_utime + used.ru_stime)
    wanted = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, _MAX_FILE),
        (resource.RLIMIT_NOFILE, _MAX_DESCRIPTORS),
    ]
    for what, name in ((resource.RLIMIT_NPROC, "processes"), (resource.RLIMIT_AS, "memory")):
        if limits[name] is not None:
            wanted.append((what, limits[name]))
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    for what, value in wanted:
        # A lower limit of the machine stays in force.
        with contextlib.suppress(ValueError):
            resource.setrlimit(what, (value, value))
