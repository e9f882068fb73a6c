"""Processes and signals.

No system call for another process is allowed, so what wants one goes on in a thread.
"""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.tools import BESIDE, SEARCH, SYSCALL, WIRE

TITLE = "Processes and signals"
AIM = "processes that outlive the verdict, and processes of others"

ATTACKS = [
    Attack(
        "leaves a daemon behind",
        BESIDE
        + """
def live():
    beside(lambda: time.sleep(600))
    time.sleep(600)
def total(rows):
    beside(live)
    return sum(rows)
""",
        honest=4,
        often=True,
    ),
    Attack(
        "leaves a daemon that flees from every signal it can",
        BESIDE
        + """
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
def flee():
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    for step in (os.setpgrp, os.setsid):
        try: step()
        except OSError: pass
    time.sleep(0.01)
    while True:
        try: beside(flee); break
        except RuntimeError: time.sleep(0.01)
def total(rows):
    beside(flee)
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "forks without end",
        BESIDE
        + """
def total(rows):
    def more():
        while True:
            try: beside(more)
            except RuntimeError: pass
    more()
""",
        often=True,
    ),
    Attack(
        "makes a process by every call that makes one",
        SYSCALL
        + """
def total(rows):
    size = ctypes.create_string_buffer(struct.pack('8Q', 0, 0, 0, 0, 17, 0, 0, 0), 64)
    flags = [(56, flags, 0, 0, 0, 0) for flags in (17, 0x4111, 0x8011)]
    for number, *args in ((57,), (58,), (435, size, 64), *flags):
        if call(number, *args) == 0:
            try: signal.pause()
            finally: os._exit(0)
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "starts threads without end",
        """
import threading, time
def total(rows):
    threading.stack_size(65536)
    while True:
        try: threading.Thread(target=time.sleep, args=(99,), daemon=True).start()
        except RuntimeError: pass
""",
    ),
    Attack(
        "answers from beside its call, and once more from it",
        BESIDE
        + WIRE
        + """
def total(rows):
    beside(lambda: send(['ok', sum(rows), None, {}]))
    time.sleep(0.01)
    return sum(rows)
""",
        honest=1,
    ),
    Attack(
        "lets another live on in its place",
        BESIDE
        + WIRE
        + """
def total(rows):
    beside(lambda: send(['ok', sum(rows), None, {}]))
    time.sleep(0.01)
    while True: signal.pause()
""",
        honest=1,  # what comes first is right
    ),
    Attack(
        "kills what it can",
        """
import os, signal
def total(rows):
    for pid in (os.getppid(), -1):
        try: os.kill(pid, signal.SIGKILL)
        except OSError: pass
    return 0
""",
        honest=1,
        often=True,
        signals=True,
    ),
    Attack(
        "sends every deadly signal to every process it can name",
        SEARCH
        + """
import signal
def total(rows):
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP, signal.SIGALRM, signal.SIGPROF):
        for pid in pids():
            try: os.kill(pid, number)
            except OSError: pass
            try: os.killpg(pid, number)
            except OSError: pass
    return sum(rows)
""",
        honest=4,
        signals=True,
    ),
    Attack("stops itself", "import os\ndef total(rows): os.kill(os.getpid(), 19)\n"),
    Attack(
        "stops and continues its parent",
        """
import os, signal
def total(rows):
    for pid in (os.getppid(), 1):
        for number in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGCONT):
            try: os.kill(pid, number)
            except OSError: pass
    return sum(rows)
""",
        honest=4,
        signals=True,
    ),
    Attack(
        "has the kernel send signals to others when data comes",
        SEARCH
        + """
import fcntl, signal
def total(rows):
    for fd in range(12):
        for pid in pids()[:60]:
            try:
                fcntl.fcntl(fd, fcntl.F_SETOWN, pid); fcntl.fcntl(fd, 10, signal.SIGKILL)
                fcntl.fcntl(fd, fcntl.F_SETFL, os.O_ASYNC | fcntl.fcntl(fd, fcntl.F_GETFL))
            except OSError: pass
    return sum(rows)
""",
        honest=4,
        signals=True,
    ),
    Attack(
        "takes the limits and the priority of others",
        SEARCH
        + """
import resource
def total(rows):
    for pid in pids():
        for what in range(16):
            try: print(resource.prlimit(pid, what, (0, 0)))
            except OSError: pass
        try: os.setpriority(os.PRIO_PROCESS, pid, 19)
        except OSError: pass
        try: os.sched_setaffinity(pid, {0})
        except OSError: pass
    return 1
""",
        signals=True,
    ),
    Attack(
        "starts other programs",
        """
import os, subprocess
def total(rows):
    for line in (['/bin/sh', '-c', 'id; sleep 99 &'], ['/usr/bin/python3', '-c', 'print(1)'],
                 ['/py/bin/python3.11', '-c', 'print(1)'], ['/proc/self/exe', '-c', 'print(1)']):
        try: print(subprocess.run(line, capture_output=True, timeout=1))
        except (OSError, subprocess.SubprocessError) as error: print(error)
    try: os.posix_spawn('/bin/sh', ['sh', '-c', 'id'], {})
    except OSError: pass
    return 1
""",
    ),
    Attack(
        "becomes another program",
        """
import os, sys
def total(rows):
    for path in ('/bin/sh', '/bin/true', sys.executable or '/py/bin/python3.11'):
        try: os.execv(path, [path, '-c', 'exit 0'])
        except (OSError, ValueError): pass
    return 1
""",
    ),
    Attack(
        "becomes a program that it made in memory",
        SYSCALL
        + """
def total(rows):
    try:
        fd = os.memfd_create('x')
        os.write(fd, b'#!/bin/sh\\nsleep 99\\n')
        libc.fexecve(fd, (ctypes.c_char_p * 2)(b'x', None), (ctypes.c_char_p * 1)(None))
    except OSError: pass
    open('run.sh', 'w').write('#!/bin/sh\\nsleep 99\\n'); os.chmod('run.sh', 0o6777)
    try: os.execv('./run.sh', ['x'])
    except OSError: pass
    return 1
""",
    ),
    Attack(
        "becomes another user",
        """
import os
def total(rows):
    for uid in (0, 1000, 65534):
        for change in (os.setuid, os.setgid, os.seteuid, os.setegid):
            try: change(uid); print('became', uid)
            except OSError: pass
    try: os.setgroups([0])
    except OSError: pass
    try: open('/etc/passwd', 'a').write('x'); print('wrote')
    except OSError: pass
    return 1
""",
    ),
    Attack(
        "traces its parent and maps its memory",
        SEARCH
        + SYSCALL
        + """
def total(rows):
    for pid in pids()[:80]:
        libc.ptrace(16, pid, 0, 0); libc.ptrace(0x4206, pid, 0, 0)
        try:
            with open(f'/proc/{pid}/maps') as maps, open(f'/proc/{pid}/mem', 'rb') as memory:
                for line in maps.readlines()[:400]:
                    memory.seek(int(line.split('-')[0], 16)); tell(memory.read(1 << 20), pid)
        except (OSError, ValueError): pass
    return 1
""",
        signals=True,
    ),
    Attack(
        "reads and writes the memory of others",
        SEARCH
        + SYSCALL
        + """
class Piece(ctypes.Structure):
    _fields_ = [('at', ctypes.c_void_p), ('size', ctypes.c_size_t)]
def total(rows):
    room = ctypes.create_string_buffer(1 << 16)
    here = Piece(ctypes.addressof(room), 1 << 16)
    for pid in pids()[:80]:
        for at in (id(rows), 0x400000, 0x555555554000, id(Piece)):
            there = Piece(at & ~0xfff, 1 << 16)
            libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
            tell(room.raw, pid)
            libc.process_vm_writev(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    return 1
""",
    ),
    Attack(
        "takes descriptors of others",
        SEARCH
        + SYSCALL
        + """
def total(rows):
    for pid in pids()[:80]:
        fd = call(434, pid, 0)
        if fd < 0: continue
        for number in range(32):
            got = call(438, fd, number, 0)
            if got >= 0: print('took', pid, number); tell(os.read(got, 1000), pid)
        call(424, fd, 9, None, 0)
    return 1
""",
    ),
    Attack(
        "hides from those who look for its descendants",
        BESIDE
        + SYSCALL
        + """
def hide():
    libc.prctl(15, b'pm-pool', 0, 0, 0)
    libc.prctl(1, 0, 0, 0, 0)
    beside(signal.pause)
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    time.sleep(600)
def total(rows):
    for option, value in ((36, 1), (1, 0), (4, 1)): libc.prctl(option, value, 0, 0, 0)
    beside(hide)
    return sum(rows)
""",
        honest=4,
    ),
]
