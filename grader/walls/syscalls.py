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
_EQUAL, _MASKED_EQUAL = 4, 7
_CLONE_THREAD = 0x00010000
#: All the CLONE_NEW… flags: namespaces of its own.
_CLONE_NEW = 0x7E020080

_FILES = """
access chdir chmod close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2
fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fdatasync fgetxattr flistxattr
fremovexattr fsetxattr fstat fstatfs fsync ftruncate futimesat getcwd getdents getdents64 getxattr
lgetxattr listxattr llistxattr lremovexattr lseek lsetxattr lstat mkdir mkdirat
newfstatat open openat pipe pipe2 pread64 preadv pwrite64 pwritev read
readlink readlinkat readv removexattr rename renameat renameat2 rmdir sendfile setxattr stat statfs
statx sync_file_range truncate umask unlink unlinkat utime utimensat utimes
write writev
"""
_MEMORY = """
brk madvise mincore mmap mprotect mremap msync munmap
"""
_TIME = """
alarm clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep setitimer time
timerfd_create timerfd_gettime timerfd_settime times
"""
_WAITING = """
epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 pause poll
ppoll pselect6 select signalfd signalfd4
"""
_PROCESS = """
arch_prctl capget exit exit_group futex futex_waitv get_robust_list get_thread_area getcpu getegid
geteuid getgid getgroups getpgid getpgrp getpid getppid getpriority getresgid getresuid getrandom
getrlimit getrusage getsid gettid getuid membarrier restart_syscall rseq rt_sigaction rt_sigpending
rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait sched_get_priority_max
sched_get_priority_min sched_getaffinity sched_getparam sched_getscheduler sched_yield
set_robust_list set_thread_area set_tid_address setpgid setrlimit setsid sigaltstack sysinfo uname
wait4 waitid
"""
#: On a pair of sockets that the process made itself; it cannot make any other socket.
_PAIRS = """
getpeername getsockname getsockopt recvfrom recvmmsg recvmsg sendmmsg sendmsg sendto setsockopt
shutdown
"""
_LIST = (_FILES + _MEMORY + _TIME + _WAITING + _PROCESS + _PAIRS).split()
#: fcntl commands on descriptors; none that sends signals to other processes.
_FCNTL = (0, 1, 2, 3, 4, 1030, 1031, 1032)
#: Those on locks do nothing and say that it is done: all submissions see the same files of the
#: library, and a lock on one would tell another submission something.
_FCNTL_LOCKS = (5, 6, 7, 36, 37, 38)
#: ioctl requests that ask about a stream or set its flags.
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
#: prctl: the name of a thread.
_PRCTL = (15, 16)


class FilterUnavailable(RuntimeError):
    """There is no libseccomp here, or it does not know this machine."""


class _Condition(ctypes.Structure):
    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    )


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

    alone: the process has a pid namespace of its own, so it may start processes and send signals;
    otherwise it may do neither, nor make links. Raises FilterUnavailable.
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
        for request in _IOCTL:
            builder.add("ioctl", (1, _EQUAL, request, 0))
        for option in _PRCTL:
            builder.add("prctl", (0, _EQUAL, option, 0))
        builder.add("prlimit64", (0, _EQUAL, 0, 0))
        builder.add("socketpair", (0, _EQUAL, 1, 0))
        # Its flags are out of the filter's sight, so glibc is made to fall back to clone.
        builder.add("clone3", action=_ERRNO | errno.ENOSYS)
        _processes(builder, alone)
        return builder.program()
    finally:
        builder.release()


def _processes(builder: _Builder, alone: bool) -> None:
    if not alone:
        builder.add("clone", (0, _MASKED_EQUAL, _CLONE_THREAD | _CLONE_NEW, _CLONE_THREAD))
        return
    builder.add("clone", (0, _MASKED_EQUAL, _CLONE_NEW, 0))
    # Links only where the folder is not shared: the tests' side would follow them with its rights.
    links = ("link", "linkat", "symlink", "symlinkat")
    for name in ("fork", "vfork", "kill", "tkill", "tgkill", *links):
        builder.add(name)
