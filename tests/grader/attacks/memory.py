"""Memory, and values that are small to send and large to hold."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.problems import MACHINERY, TOTAL, problem
from tests.grader.attacks.tools import BESIDE, SEARCH

TITLE = "Memory and huge values"
AIM = "memory of the machine, of the tests' side, or of an earlier submission"

_LISTED = problem(
    TOTAL.honest, ["assert list(total([1, 2])) == [3]", "assert sorted(total([])) == []"]
)

ATTACKS = [
    Attack(
        "needs a lot of memory",
        "def total(rows):\n    return len(bytearray(8 << 30)) and sum(rows)\n",
        often=True,
    ),
    Attack(
        "needs a little more memory each time",
        "def total(rows):\n    held = []\n    while True: held.append(bytes(1 << 20))\n",
    ),
    Attack(
        "needs memory in many at once",
        BESIDE
        + """
def need():
    held = []
    while True:
        try: held.append(b'x' * (4 << 20))
        except MemoryError: pass
def total(rows):
    for _ in range(6): beside(need)
    need()
""",
    ),
    Attack(
        "needs memory outside of Python",
        """
import mmap, os
def total(rows):
    held = []
    for size in (1 << 34, 1 << 30, 1 << 28):
        for _ in range(40):
            try: held.append(mmap.mmap(-1, size)); held[-1].write(b'x' * (1 << 24))
            except (OSError, ValueError, MemoryError): break
    for number in range(20):
        try:
            fd = os.memfd_create(f'm{number}')
            for _ in range(40): os.write(fd, b'x' * (1 << 20))
        except OSError: pass
    return 0
""",
        honest=1,
    ),
    Attack("returns itself in itself", "def total(rows):\n    a = []; a.append(a); return a\n"),
    Attack(
        "nests too deeply",
        """
def total(rows):
    value = []
    for _ in range(100000): value = [value]
    return value
""",
    ),
    Attack("returns a gigantic number", "def total(rows):\n    return 1 << 40_000_000\n"),
    Attack("returns ten million characters", "def total(rows): return 'x' * 10_000_000\n"),
    Attack(
        "returns a range of all numbers to a test that lists it",
        "def total(rows): return range(1 << 62)\n",
        problem=_LISTED,
    ),
    Attack(
        "returns a range that just fits to a test that lists it",
        "def total(rows): return range(90_000_000)\n",
        problem=_LISTED,
        often=True,
    ),
    Attack(
        "returns an iterator without end to a test that lists it",
        "import itertools\ndef total(rows): return itertools.count()\n",
        problem=_LISTED,
    ),
    Attack(
        "yields large values to a test that lists them",
        "def total(rows):\n    while True: yield 'x' * 900_000\n",
        problem=_LISTED,
    ),
    Attack(
        "returns a list of forty thousand texts for a difference",
        "def total(rows): return [str(n) * 5 for n in range(40_000)]\n",
        problem=MACHINERY,
    ),
    Attack(
        "returns half a megabyte of one letter for a difference",
        "def total(rows): return 'ab' * 250_000\n",
    ),
    Attack("returns lone surrogates and NUL", "def total(rows): return '\\ud800\\x00' * 10\n"),
    Attack(
        "returns a hundred thousand letters that take six bytes each",
        "def total(rows):\n    print('\\U0001f600' * 50_000)\n"
        "    raise ValueError('\\x00' * 100_000)\n",
    ),
    Attack(
        "returns collisions of hashes",
        "M = 2 ** 61 - 1\ndef total(rows): return {i * M for i in range(1, 30000)}\n",
    ),
    Attack("returns NaN as key", "def total(rows): return {float('nan'): float('nan')}\n"),
    Attack(
        "returns NaN and infinities",
        "def total(rows): return [float('nan'), float('inf'), complex('nan')][len(rows) % 3]\n",
    ),
    Attack(
        "returns a huge exponent",
        "from decimal import Decimal\ndef total(rows): return Decimal('1e999999999')\n",
    ),
    Attack(
        "returns the largest exponent that passes, to arithmetic",
        "from decimal import Decimal\ndef total(rows): return Decimal('9e99999')\n",
        problem=MACHINERY,
    ),
    Attack(
        "returns a fraction over nought",
        """
from fractions import Fraction
def total(rows):
    half = Fraction(1, 2); half._denominator = 0
    return half
""",
    ),
    Attack(
        "reads memory that was freed before",
        SEARCH
        + """
import ctypes
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
def total(rows):
    for size in [1 << n for n in range(5, 22)] * 3:
        at = libc.malloc(ctypes.c_size_t(size))
        if at: tell(ctypes.string_at(at, size), size)
    return 0
""",
        honest=1,
    ),
    Attack(
        "reads all memory of its process",
        SEARCH
        + """
import ctypes
def total(rows):
    try: lines = open('/proc/self/maps').readlines()
    except OSError: lines = []
    for line in lines:
        ends, kind = line.split()[:2]
        if kind[0] == 'r' and '[v' not in line:
            first, last = (int(end, 16) for end in ends.split('-'))
            tell(ctypes.string_at(first, min(last - first, 8 << 20)), ends)
    return 0
""",
        honest=1,
    ),
    Attack(
        "reads an array that was never filled",
        SEARCH
        + """
import numpy
def total(rows):
    for size in (10, 1000, 100_000, 4_000_000):
        tell(numpy.empty(size, dtype='u1').tobytes(), size)
    return 0
""",
        honest=1,
        needs="numpy",
    ),
]
