"""Beginnings that several hostile submissions share."""

from __future__ import annotations

#: Prints a place in which a secret is found. The needle is never whole in the code itself.
SEARCH = """
import os, sys
NEEDLE, TAIL = b"".join([b"zq7", b"canary"]), b"31x"
def tell(data, where):
    if not isinstance(data, bytes): data = str(data).encode("utf-8", "replace")
    at = data.find(NEEDLE)
    while at >= 0:
        if data.startswith(TAIL, at + len(NEEDLE)): print(where, data[at:at + 40], flush=True)
        at = data.find(NEEDLE, at + 1)
def read(path, size=1 << 16):
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        return os.read(fd, size)
    except OSError:
        return b""
    finally:
        os.close(fd)
def pids():
    try:
        seen = [int(n) for n in os.listdir("/proc") if n.isdigit()]
    except OSError:
        seen = []
    near = range(max(2, os.getpid() - 40), os.getpid() + 40)
    return [p for p in (seen or [1, os.getppid(), *near]) if p not in (0, os.getpid())]
"""

LIAR = """
import collections, dataclasses, enum
class Liar:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return hash(3)
    def __len__(self): return 1
    def __iter__(self): return iter([3])
    def __sub__(self, other): return 0
    __rsub__ = __add__ = __radd__ = __abs__ = __neg__ = lambda self, *a: 0
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = lambda self, *a: True
    def __getattr__(self, name): return lambda *a, **k: True
    def __float__(self): return 3.0
    def __index__(self): return 3
"""

#: Talks to the tests' side itself, with whatever descriptor is its connection.
WIRE = """
import os, struct, sys, time
msgpack = sys.modules['msgpack']
FDS = range(3, 12)
def send(value, size=None):
    body = value if isinstance(value, bytes) else msgpack.packb(value)
    for fd in FDS:
        try: os.write(fd, struct.pack('<I', len(body) if size is None else size) + body)
        except OSError: pass
def ext(code, *parts):
    return msgpack.ExtType(code, msgpack.packb(list(parts)))
"""

#: Finds the agent's own objects beside the student's code.
AGENT = """
import gc, sys
def the(name):
    gc.unfreeze()  # the zygote has put all of its own aside
    return [o for o in gc.get_objects() if type(o).__name__ == name]
"""

#: System calls by number, for x86-64; elsewhere the numbers mean other, harmless calls.
SYSCALL = """
import ctypes, os, signal, struct
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(number, *args):
    ready = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    return libc.syscall(ctypes.c_long(number), *ready)
"""

#: Does something beside the call that is asked for: in a process, or where none can be had, in a
#: thread.
BESIDE = """
import os, signal, threading, time
def beside(act):
    try: child = os.fork()
    except OSError: threading.Thread(target=act, daemon=True).start()
    else:
        if child == 0:
            try: act()
            finally: os._exit(0)
"""


def after(prelude: str, *lines: str, result: str = "0") -> str:
    """A submission that does `lines` when it is called and returns `result`."""
    body = "".join(f"    {line}\n" for line in lines)
    return f"{prelude}def total(rows):\n{body}    return {result}\n"


def on_wire(*lines: str, result: str = "None") -> str:
    return after(WIRE, *lines, result=result)
