"""The system calls that a student's process may make: an allow-list, built by libseccomp.

Built once by the trusted side; a process installs the finished program with one prctl. What is not
on the list fails with EPERM, which Python tells as PermissionError.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import functools
import os
import tempfile
from typing import Any

_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_AT_MOST, _EQUAL, _AT_LEAST, _MASKED_EQUAL = 3, 4, 5, 7
_CLONE_THREAD = 0x00010000
#: All the CLONE_NEW… flags: namespaces of its own.
_CLONE_NEW = 0x7E020080

_FILES = """
access chdir chmod close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2
fallocate fchdir fchmod fchmodat fchmodat2 fgetxattr flistxattr
fstat ftruncate futimesat getcwd getdents getdents64 getxattr
lgetxattr listxattr llistxattr lseek lstat mkdir mkdirat
newfstatat open openat pipe pipe2 pread64 preadv pwrite64 pwritev read
readlink readlinkat readv rename renameat renameat2 rmdir sendfile stat
statx truncate umask unlink unlinkat utime utimensat utimes
write writev
"""
_MEMORY = """
brk mmap mprotect mremap msync munmap
"""
_TIME = """
alarm getitimer gettimeofday nanosleep setitimer time
timerfd_create timerfd_gettime timerfd_settime times
"""
_WAITING = """
epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 pause poll
ppoll pselect6 select signalfd signalfd4
"""
_PROCESS = """
arch_prctl capget exit exit_group get_thread_area getcpu getegid
geteuid getgid getgroups getpgrp getpid getppid getresgid getresuid getrandom
getrlimit getrusage gettid getuid membarrier restart_syscall rseq rt_sigaction rt_sigpending
rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait sched_get_priority_max
sched_get_priority_min sched_yield
set_robust_list set_thread_area set_tid_address setpgid setrlimit setsid sigaltstack uname
wait4 waitid
"""
#: On a pair of sockets that the process made itself; it cannot make any other socket. No sendmsg:
#: it can send descriptors, and how many are on their way is counted for all that one user runs.
_PAIRS = """
getpeername getsockname getsockopt setsockopt shutdown
"""
#: With the argument that holds flags: no MSG_OOB, which nobody needs (CVE-2025-38236).
_FLAGS = {"sendto": 3, "recvfrom": 3, "recvmsg": 2, "recvmmsg": 3}
_MSG_OOB = 1
#: Done already: the student's files are in memory, and to wait for a disk is to wait for others.
_DONE = ("fsync", "fdatasync", "sync_file_range")
#: In folders of its own, and in none that another process gets: links, which the tests' side would
#: follow with its rights, marks on files, and how full the folder is.
_IN_OWN_FOLDERS = """
fremovexattr fsetxattr fstatfs link linkat lremovexattr lsetxattr removexattr setxattr statfs
symlink symlinkat
"""
_LIST = (_FILES + _MEMORY + _TIME + _WAITING + _PROCESS + _PAIRS).split()
#: fcntl commands on descriptors; none that sends signals to other processes, or makes a pipe
#: larger: what all pipes of one user hold is counted together.
_FCNTL = (0, 1, 2, 3, 4, 1030, 1032)
#: Those on locks do nothing and say that it is done: all submissions see the same files of the
#: library, and a lock on one would tell another submission something.
_FCNTL_LOCKS = (5, 6, 7, 36, 37, 38)
#: ioctl requests that ask about a stream or set its flags.
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
#: prctl: the name of a thread.
_PRCTL = (15, 16)
#: Clocks of the system and of the process itself; the others are those of any process.
_LAST_CLOCK = 15
_CLOCKS = ("clock_getres", "clock_gettime", "clock_nanosleep")
#: Among the threads of one process. Of the calls that reach into other processes only those that
#: wait, as for the end of a thread: what is woken is a place in a file, and all submissions
#: have the files of the library in memory.
_FUTEX_PRIVATE = 128
_FUTEX_WAITS = (0, 9, 9 | 256)
_FUTEX_WAKES = (1, 3, 4, 5, 10)
#: Advice on memory: all but to put pages aside, which others would notice.
_MADVISE = ((_AT_MOST, 19), (_AT_LEAST, 22))
#: About the process itself and no other: the argument that names it is 0.
_OF_ITSELF = {
    "get_robust_list": 0,
    "getpgid": 0,
    "getpriority": 1,
    "getsid": 0,
    "sched_getaffinity": 0,
    "sched_getparam": 0,
    "sched_getscheduler": 0,
}


class FilterUnavailable(RuntimeError):
    """There is no libseccomp here, or it does not know this machine."""


class _Condition(ctypes.Structure):
    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    )


#: Find a call's rule by halving, not one after the other (libseccomp 2.5): the system tries the
#: whole program with each number when it is installed, which each new process has to wait for.
_OPTIMIZE, _BINARY_TREE = 8, 2


class _Builder:
    def __init__(self) -> None:
        name = ctypes.util.find_library("seccomp") or "libseccomp.so.2"
        try:
            self._library: Any = ctypes.CDLL(name)
        except OSError:
            raise FilterUnavailable("libseccomp is not installed (package libseccomp2)") from None
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._context = ctypes.c_void_p(self._library.seccomp_init(_ERRNO | errno.EPERM))
        if not self._context:
            raise FilterUnavailable("libseccomp does not work on this machine")
        # An older library says no, and its program is only slower.
        self._library.seccomp_attr_set(self._context, _OPTIMIZE, ctypes.c_uint32(_BINARY_TREE))

    def add(self, name: str, *conditions: tuple[int, int, int, int], action: int = _ALLOW) -> None:
        number = self._library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return  # this architecture or this libseccomp has no such call: it stays refused
        array = (_Condition * len(conditions))(*(_Condition(*each) for each in conditions))
        failed = self._library.seccomp_rule_add_array(
            self._context, ctypes.c_uint32(action), number, len(conditions), array
        )
        if failed:
            raise FilterUnavailable(f"libseccomp refuses a rule for {name}: {os.strerror(-failed)}")

    def program(self) -> bytes:
        with tempfile.TemporaryFile() as file:
            failed = self._library.seccomp_export_bpf(self._context, file.fileno())
            if failed:
                raise FilterUnavailable(f"libseccomp: {os.strerror(-failed)}")
            file.seek(0)
            return file.read()

    def release(self) -> None:
        self._library.seccomp_release(self._context)


@functools.cache
def program(*, alone: bool) -> bytes:
    """The filter as the kernel takes it: an array of struct sock_filter.

    alone: the process has a pid namespace and folders of its own, so it may send signals and make
    links; otherwise it may not. Raises FilterUnavailable.
    """
    builder = _Builder()
    try:
        for name in _LIST:
            builder.add(name)
        for command in _FCNTL:
            builder.add("fcntl", (1, _EQUAL, command, 0))
        for command in _FCNTL_LOCKS:
            builder.add("fcntl", (1, _EQUAL, command, 0), action=_ERRNO)
        builder.add("flock", action=_ERRNO)
        # Nor may anybody choose what the system keeps in memory of a file that all can read.
        builder.add("fadvise64", action=_ERRNO)
        for name in _DONE:
            builder.add(name, action=_ERRNO)
        for name, argument in _FLAGS.items():
            builder.add(name, (argument, _MASKED_EQUAL, _MSG_OOB, 0))
        for request in _IOCTL:
            builder.add("ioctl", (1, _EQUAL, request, 0))
        for option in _PRCTL:
            builder.add("prctl", (0, _EQUAL, option, 0))
        builder.add("prlimit64", (0, _EQUAL, 0, 0))
        builder.add("socketpair", (0, _EQUAL, 1, 0))
        # Its flags are out of the filter's sight, so glibc is made to fall back to clone.
        builder.add("clone3", action=_ERRNO | errno.ENOSYS)
        _memory(builder)
        _itself(builder, alone)
        _processes(builder, alone)
        return builder.program()
    finally:
        builder.release()


def _memory(builder: _Builder) -> None:
    for compare, advice in _MADVISE:
        builder.add("madvise", (2, compare, advice, 0))
    builder.add("futex", (1, _MASKED_EQUAL, _FUTEX_PRIVATE, _FUTEX_PRIVATE))
    for operation in _FUTEX_WAITS:
        builder.add("futex", (1, _EQUAL, operation, 0))
    for operation in _FUTEX_WAKES:  # nobody was woken: the C library ends a process at any error
        builder.add("futex", (1, _EQUAL, operation, 0), action=_ERRNO)


def _itself(builder: _Builder, alone: bool) -> None:
    for name in _CLOCKS:
        builder.add(name, (0, _AT_MOST, _LAST_CLOCK, 0))
    for name, argument in _OF_ITSELF.items():
        if alone:
            builder.add(name)
        else:
            builder.add(name, (argument, _EQUAL, 0, 0))


def _processes(builder: _Builder, alone: bool) -> None:
    # Threads only: the processor time of further processes is nobody's that could be asked.
    builder.add("clone", (0, _MASKED_EQUAL, _CLONE_THREAD | _CLONE_NEW, _CLONE_THREAD))
    if alone:
        for name in ("kill", "tkill", "tgkill", *_IN_OWN_FOLDERS.split()):
            builder.add(name)
