"""More hostile submissions to the problem of `attacks.py`: lying values, noise on the wire."""

from __future__ import annotations

from tests.grader.attacks import Attack

_LIAR = """
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
_WIRE = """
import os, struct, sys, msgpack
def send(value, size=None):
    body = value if isinstance(value, bytes) else msgpack.packb(value)
    for fd in range(3, 12):
        try: os.write(fd, struct.pack('<I', len(body) if size is None else size) + body)
        except OSError: pass
"""


def _handle(code: int, parts: str) -> str:
    """An answer that holds one extension value."""
    return f"['ok', msgpack.ExtType({code}, msgpack.packb({parts})), None, {{}}]"


_STOLEN = "['e', 1, ['b', 'KeyboardInterrupt'], [], '', {}, None, 1]"


def _replies(name: str, expression: str, honest: int = 0) -> Attack:
    code = f"{_WIRE}def total(rows):\n    send({expression})\n    return None\n"
    return Attack(f"wire: {name}", code, honest)


MORE_ATTACKS = [
    Attack("a liar inside a list", _LIAR + "def total(rows): return [Liar()]\n"),
    Attack("a liar inside a tuple as key", _LIAR + "def total(rows): return {(Liar(),): Liar()}\n"),
    Attack(
        "a liar in a named tuple",
        _LIAR + "P = collections.namedtuple('P', 'a')\ndef total(rows): return P(Liar())\n",
    ),
    Attack(
        "a liar as dataclass and enum",
        _LIAR
        + """
@dataclasses.dataclass
class D(Liar):
    a: int = 3
    __eq__ = Liar.__eq__
class E(Liar, enum.Enum):
    A = 3
def total(rows): return D() if len(rows) % 2 else E.A
""",
    ),
    Attack(
        "a lying function with attributes",
        _LIAR
        + "def total(rows):\n    f = lambda: 3\n    f.__eq__ = lambda o: True\n    return f\n",
    ),
    Attack(
        "a lying generator",
        "def total(rows):\n    while True: yield sum(rows)\n",
    ),
    Attack(
        "an exception that equals and hides",
        """
class Evil(Exception):
    def __str__(self): raise SystemExit(0)
    __repr__ = __str__
    def __eq__(self, other): return True
    args = property(lambda self: 1 / 0)
def total(rows): raise Evil()
""",
    ),
    Attack(
        "an assertion error with an evil cause",
        """
class Evil(AssertionError):
    def __init__(self): self.deep = self
def total(rows):
    e = Evil(); e.__cause__ = e
    raise e
""",
    ),
    Attack(
        "an exception group and a steering exception",
        "def total(rows): raise BaseExceptionGroup('x', [KeyboardInterrupt(), SystemExit(0)])\n",
    ),
    Attack(
        "raises the exceptions of the test's own framework",
        """
import sys, asyncio
def total(rows):
    for name, module in list(sys.modules.items()):
        for kind in ('Skipped', 'ExpectedFailure', 'StudentTimeout', '_ShouldStop'):
            if hasattr(module, kind): raise getattr(module, kind)('x')
    raise GeneratorExit if len(rows) % 2 else asyncio.CancelledError
""",
    ),
    Attack(
        "an iterator that never ends",
        "import itertools\ndef total(rows): return itertools.count()\n",
    ),
    Attack(
        "changes its arguments and returns them",
        "def total(rows):\n    rows.clear(); rows.append(rows)\n    return rows\n",
    ),
    Attack(
        "keeps an argument and changes it later",
        """
kept = []
def total(rows):
    for old in kept: old[:] = [9] * 1000
    kept.append(rows)
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "answers differently each time",
        """
import itertools
N = itertools.count()
def total(rows): return [3, 731, 18, 0][next(N) % 4]
""",
        honest=4,  # guessing is not lying: no value of a hidden test is known to it
    ),
    Attack(
        "asks for input",
        "def total(rows): return int(input('secret? ') or 0)\n",
    ),
    Attack(
        "works at the end of its life",
        """
import atexit, os, sys
class Last:
    def __del__(self):
        print('gone'); os.write(1, b'x' * 100000)
last = Last()
atexit.register(lambda: [os.write(fd, b'x' * 1000) for fd in range(3, 6)])
def total(rows):
    Last()
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "patches what it shares with the tests",
        """
import builtins, decimal, typing, operator, copy, inspect, random, datetime
for module in (decimal, operator, copy, inspect, random, datetime, typing):
    for name in list(vars(module)):
        if not name.startswith('__'):
            try: setattr(module, name, lambda *a, **k: True)
            except Exception: pass
builtins.sum = builtins.abs = builtins.sorted = lambda *a, **k: True
def total(rows): return True
""",
    ),
    Attack(
        "sets the limits of the interpreter",
        """
import sys, resource
sys.setrecursionlimit(10 ** 9); sys.set_int_max_str_digits(0)
for what in range(16):
    try: resource.setrlimit(what, (-1, -1))
    except (ValueError, OSError): pass
def total(rows): return total(rows)
""",
    ),
    Attack(
        "floods the streams from below Python",
        """
import os
def total(rows):
    for _ in range(2000):
        os.write(1, b'\\xff\\x00' * 5000); os.write(2, b'e' * 10000)
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "closes and replaces its streams",
        """
import os, sys
for fd in (0, 1, 2): os.close(fd)
sys.stdout = sys.stderr = None
def total(rows): return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "signals everyone",
        """
import os, signal
def total(rows):
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
        for pid in (1, os.getppid(), 2, 3):
            if pid != os.getpid():
                try: os.kill(pid, number)
                except OSError: pass
    return sum(rows)
""",
        honest=4,
    ),
    Attack("stops itself", "import os\ndef total(rows): os.kill(os.getpid(), 19)\n"),
    Attack(
        "traces and maps its parent",
        """
import ctypes, os, mmap
libc = ctypes.CDLL(None)
def total(rows):
    for pid in (1, os.getppid()):
        libc.ptrace(16, pid, 0, 0)
        for name in ('mem', 'maps', 'environ', 'fd', 'root', 'cwd'):
            try: print(pid, os.listdir(f'/proc/{pid}/{name}'))
            except OSError: pass
            try: print(pid, open(f'/proc/{pid}/{name}', 'rb').read(100))
            except OSError: pass
    return 1
""",
    ),
    Attack(
        "mounts and unshares",
        """
import ctypes, os
libc = ctypes.CDLL(None)
def total(rows):
    libc.unshare(0x10000000 | 0x00020000)
    libc.mount(b'none', b'/agent', b'tmpfs', 0, None)
    libc.mount(b'proc', b'/tmp', b'proc', 0, None)
    try: print([open(f'/tmp/{p}/cmdline').read() for p in os.listdir('/tmp') if p.isdigit()])
    except OSError: pass
    return 1
""",
    ),
    Attack(
        "writes over the agent and Python",
        """
import os
for root in ('/agent', '/py', '/usr/lib'):
    for folder, _, names in os.walk(root):
        for name in names[:20]:
            try: open(os.path.join(folder, name), 'w').write('raise SystemExit')
            except OSError: pass
def total(rows): return 1
""",
    ),
    Attack(
        "collides hashes",
        "M = 2 ** 61 - 1\ndef total(rows): return {i * M for i in range(1, 30000)}\n",
    ),
    Attack("returns NaN as key", "def total(rows): return {float('nan'): float('nan')}\n"),
    Attack(
        "a huge exponent",
        "from decimal import Decimal\ndef total(rows): return Decimal('1e999999999')\n",
    ),
    Attack(
        "a fraction over nought",
        """
from fractions import Fraction
def total(rows):
    half = Fraction(1, 2); half._denominator = 0
    return half
""",
    ),
    _replies("a reply with a lying length", "b'x', 5000000"),
    _replies("half a frame", "b'x', 900000"),
    _replies("an empty frame", "b''"),
    _replies("deep nesting", "b'\\x91' * 500000"),
    _replies(
        "an exception class of the tests",
        f"['exc', msgpack.ExtType(127, msgpack.packb({_STOLEN})), None, None, '', {{}}]",
    ),
    _replies("a forged handle", _handle(127, "['o', 1, ['b', 'int']]")),
    _replies("a callback that was never given", "['back', 'call', 1, [], {}]"),
    _replies("attributes of a callback", "['back', 'get', 1, '__globals__']"),
    _replies("a change to what is no argument", "['ok', 3, 0, {0: [], 5: [], 'x': 1}]", 1),
    _replies("an unknown question", "['eval', '1']"),
    _replies("an array of endless shape", _handle(64, "['O', [1 << 40, 1 << 40], [1]]")),
    _replies("a zone outside its folder", _handle(13, "['../../../etc/passwd']")),
]
