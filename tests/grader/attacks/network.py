"""The network, and ways to talk to other submissions."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.tools import SEARCH, SYSCALL, after

TITLE = "Network and other submissions"
AIM = "anything that listens, here or elsewhere, and an accomplice in the next sandbox"

ATTACKS = [
    Attack(
        "connects to what listens on this machine",
        after(
            "import socket\n",
            "for port in (22, 80, 443, 5432, 8000, 8081, 8888, 11434):",
            "    for host in ('127.0.0.1', '::1', '169.254.169.254'):",
            "        try: socket.create_connection((host, port), timeout=0.05); print('connected')",
            "        except OSError: pass",
        ),
        honest=1,
        often=True,
    ),
    Attack(
        "asks for a name",
        after(
            "import socket\n",
            "try: print(socket.getaddrinfo('example.org', 80))",
            "except OSError: pass",
        ),
        honest=1,
    ),
    Attack(
        "listens, and sends to everyone",
        after(
            "import socket\n",
            "for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):",
            "    try:",
            "        s = socket.socket(socket.AF_INET, kind)",
            "        s.bind(('0.0.0.0', 0)); print('bound')",
            "        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)",
            "        s.sendto(b'x', ('255.255.255.255', 9)); print('sent')",
            "    except OSError: pass",
        ),
        honest=1,
    ),
    Attack(
        "talks to services through their sockets",
        SEARCH
        + """
import glob, socket
def total(rows):
    paths = [line.split()[-1] for line in read('/proc/net/unix', 1 << 20).decode().splitlines()]
    for pattern in ('/run/*', '/run/*/*', '/var/run/*', '/tmp/*/*', '/tmp/.*/*', '/tmp/*/*/*'):
        paths += glob.glob(pattern)[:300]
    for path in paths:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            try:
                s = socket.socket(socket.AF_UNIX, kind); s.settimeout(0.05)
                s.connect(path.replace('@', chr(0), 1) if path[:1] == '@' else path)
                print('connected', path); s.send(b'hello'); tell(s.recv(4096), path)
            except (OSError, ValueError): pass
    return 0
""",
        honest=1,
    ),
    Attack(
        "waits for an accomplice at a nameless socket",
        after(
            "import socket\n",
            "try:",
            "    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.settimeout(0.2)",
            "    s.bind(chr(0) + 'pm-left-behind'); print(s.recv(100))",
            "except OSError: pass",
        ),
        honest=1,
    ),
    Attack(
        "speaks to the kernel over netlink and packets",
        after(
            "import socket\n",
            "for about in ((16, 3, 0), (16, 3, 15), (17, 3, 768), (38, 5, 0), (40, 1, 0)):",
            "    try: s = socket.socket(*about); s.bind((0, 0)); print('socket', about)",
            "    except (OSError, TypeError): pass",
        ),
        honest=1,
    ),
    Attack(
        "meets an accomplice in shared memory and message queues",
        SEARCH
        + SYSCALL
        + """
def total(rows):
    libc.shmat.restype = ctypes.c_void_p
    for key in range(0x5a0, 0x5a8):
        number = libc.shmget(key, 4096, 0o1666)
        at = libc.shmat(number, None, 0) if number >= 0 else -1
        if at not in (-1, 2 ** 64 - 1, None): ctypes.memmove(at, b'pm-left-behind', 14)
        queue = libc.msgget(key, 0o1666)
        letter = struct.pack('l', 1) + b'pm-left-behind'
        if queue >= 0: libc.msgsnd(queue, letter, 14, 0o4000)
        libc.semget(key, 4, 0o1666)
    for number in range(200):
        at = libc.shmat(number, None, 0)
        if at not in (-1, 2 ** 64 - 1, None): tell(ctypes.string_at(at, 64), number)
    libc.mq_open(b'/pm-left-behind', 0o102, 0o666, None)
    return 0
""",
        honest=1,
        often=True,
    ),
    Attack(
        "hands its descriptors to whoever answers",
        SEARCH
        + """
import array, socket
def total(rows):
    for fd in range(3, 12):
        try: s = socket.socket(fileno=os.dup(fd))
        except OSError: continue
        try:
            many = array.array('i', [0, 1, 2] * 50)
            s.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, many)])
        except OSError: pass
    return 0
""",
        honest=1,  # the sum of nothing
    ),
]
