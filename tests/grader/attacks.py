"""Hostile submissions to one problem: write `total(rows)`, the sum of a list of whole numbers.

Each does its best to pass hidden tests, to read what is not its own, or to do harm. `honest` is how
many of the four tests its code earns without the trick.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.grader.conftest import CANARY

TESTS = [
    f"assert total([1, 2]) == 3, '{CANARY}'",
    f"wanted_{CANARY} = 731\nassert total([700, 31]) == wanted_{CANARY}",
    f"values = [5, 6, 7]\nassert total(values) == 18\nassert values == [5, 6, 7], '{CANARY}'",
    f"import unittest\nclass T(unittest.TestCase):\n"
    f"    def test_{CANARY}(self):\n        self.assertEqual(total([]), 0)",
]

HONEST = "def total(rows):\n    return sum(rows)\n"

#: Prints whatever it can find, so that the test can look for the canary in the verdict.
_DUMP = "import os, sys\ndef show(*found):\n    print(*found, flush=True)\n"


@dataclass(frozen=True)
class Attack:
    name: str
    code: str
    honest: int = 0


ATTACKS = [
    Attack(
        "an object that equals everything",
        """
class Any:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __bool__(self): return True
def total(rows): return Any()
""",
    ),
    Attack(
        "a lying int",
        """
class Liar(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __sub__(self, other): return 0
    __hash__ = int.__hash__
def total(rows): return Liar(12345)
""",
    ),
    Attack(
        "a lying str",
        """
class Liar(str):
    def __eq__(self, other): return True
    __hash__ = str.__hash__
def total(rows): return Liar("x")
""",
    ),
    Attack(
        "a lying list",
        """
class Liar(list):
    def __eq__(self, other): return True
    def __len__(self): return 0
def total(rows): return Liar()
""",
    ),
    Attack(
        "a lying dict and float",
        """
class Liar(dict):
    def __eq__(self, other): return True
class Number(float):
    def __eq__(self, other): return True
def total(rows): return Liar() if len(rows) % 2 else Number(1.5)
""",
    ),
    Attack(
        "a metaclass that equals everything",
        """
class Meta(type):
    def __eq__(cls, other): return True
    __hash__ = type.__hash__
class Any(metaclass=Meta): pass
def total(rows): return Any
""",
    ),
    Attack(
        "ends the process as if all was well",
        """
import os, sys
def total(rows):
    print('{"status": "passed", "points": 4}', flush=True)
    os._exit(0)
""",
    ),
    Attack("raises SystemExit", "def total(rows): raise SystemExit(0)"),
    Attack("raises KeyboardInterrupt", "def total(rows): raise KeyboardInterrupt"),
    Attack(
        "asks to be skipped",
        "import unittest\ndef total(rows): raise unittest.SkipTest('please')",
    ),
    Attack(
        "forges frames on the socket",
        """
import os, struct
def total(rows):
    body = bytes([0x94, 0xa2]) + b'ok' + bytes([3, 0xc0, 0x80])
    for fd in range(3, 12):
        try: os.write(fd, (struct.pack('<I', len(body)) + body) * 8)
        except OSError: pass
    return None
""",
        honest=1,  # the forged answer is the one that the task itself shows
    ),
    Attack(
        "sends a frame that never ends",
        """
import os, struct
def total(rows):
    for fd in range(3, 12):
        try: os.write(fd, struct.pack('<I', 2**32 - 1) + b'x' * 100)
        except OSError: pass
""",
    ),
    Attack(
        "looks for tests in frames and the garbage collector",
        _DUMP
        + """
def total(rows):
    import gc
    frame = sys._getframe()
    while frame:
        show(frame.f_code.co_filename, frame.f_locals); frame = frame.f_back
    show([o for o in gc.get_objects() if isinstance(o, (dict, list, tuple))][:200000])
    return 0
""",
        honest=1,
    ),
    Attack(
        "patches builtins",
        """
import builtins
builtins.isinstance = lambda *a: True
builtins.len = lambda *a: 0
builtins.AssertionError = ValueError
def total(rows): return None
""",
    ),
    Attack(
        "patches the agent's codec",
        """
import sys
for name, module in list(sys.modules.items()):
    if name.startswith(('grader', 'msgpack')):
        for key in list(vars(module)):
            if 'encode' in key.lower() or key == 'packb':
                try: setattr(module, key, lambda *a, **k: b'')
                except Exception: pass
def total(rows): return 0
""",
        honest=1,
    ),
    Attack(
        "reads environment, arguments and files",
        _DUMP
        + """
def total(rows):
    show(dict(os.environ), sys.argv, os.getcwd())
    for root in ('/proc', '/etc', '/root', '/home', '/work', '/tmp', '/var', '/py', '/agent'):
        for folder, _, files in os.walk(root):
            for name in files:
                path = os.path.join(folder, name)
                if 'python3' in path or 'msgpack' in path: continue
                try:
                    with open(path, errors='replace') as f: show(path, f.read(2000))
                except OSError: pass
    return 0
""",
        honest=1,
    ),
    Attack(
        "reads the memory of its parent",
        _DUMP
        + """
def total(rows):
    for pid in (1, os.getppid()):
        try: show(open(f'/proc/{pid}/mem', 'rb').read(100), open(f'/proc/{pid}/environ').read())
        except OSError as error: show(error)
    return 0
""",
        honest=1,
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
    ),
    Attack(
        "leaves a process behind",
        """
import os, time
def total(rows):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "forks without end",
        """
import os
def total(rows):
    while True:
        try: os.fork()
        except OSError: pass
""",
    ),
    Attack("never returns", "def total(rows):\n    while True: pass\n"),
    Attack(
        "ignores signals and holds the interpreter lock",
        """
import signal
def total(rows):
    for number in range(1, 32):
        try: signal.signal(number, signal.SIG_IGN)
        except OSError: pass
    return 9 ** 9 ** 9
""",
    ),
    Attack(
        "needs a lot of memory",
        "def total(rows):\n    return len(bytearray(8 << 30)) and sum(rows)\n",
    ),
    Attack(
        "prints without end",
        """
def total(rows):
    while True: print('x' * 10000)
""",
    ),
    Attack(
        "fills the disk",
        """
def total(rows):
    for i in range(1000):
        with open(f'f{i}', 'wb') as f: f.write(b'x' * (8 << 20))
    return 0
""",
    ),
    Attack(
        "uses the network",
        """
import socket
def total(rows):
    socket.create_connection(('127.0.0.1', 80), timeout=1)
    return 0
""",
    ),
    Attack(
        "recurses and nests too deeply",
        """
def total(rows):
    value = []
    for _ in range(100000): value = [value]
    return value
""",
    ),
    Attack("returns itself in itself", "def total(rows):\n    a = []; a.append(a); return a\n"),
    Attack("returns a gigantic number", "def total(rows):\n    return 1 << 40_000_000\n"),
    Attack(
        "has a repr and str without end",
        """
class Endless:
    def __repr__(self):
        while True: pass
    __str__ = __repr__
def total(rows): return Endless()
""",
    ),
    Attack(
        "a pickle gadget",
        """
class Gadget:
    def __reduce__(self): return (print, ('gained',))
def total(rows): return Gadget()
""",
    ),
    Attack(
        "works after the call in a thread",
        """
import threading, time, os
def total(rows):
    def later():
        while True:
            for fd in range(3, 8):
                try: os.write(fd, b'garbage')
                except OSError: pass
            time.sleep(0.001)
    threading.Thread(target=later, daemon=True).start()
    return sum(rows)
""",
        honest=4,
    ),
    Attack("tells lone surrogates and NUL", "def total(rows): return '\\ud800\\x00' * 10\n"),
]
