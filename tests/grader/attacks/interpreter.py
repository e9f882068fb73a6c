"""Names and settings of the interpreter that tests might share with the student's code."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.problems import MACHINERY
from tests.grader.attacks.tools import SYSCALL

TITLE = "The interpreter"
AIM = "builtins, modules and settings that a test would use too, were it in the same process"

ATTACKS = [
    Attack(
        "patches builtins",
        """
import builtins
builtins.isinstance = lambda *a: True
builtins.len = lambda *a: 0
builtins.AssertionError = ValueError
def total(rows): return None
""",
        often=True,
    ),
    Attack(
        "patches what tests use",
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
        "patches unittest, math and pytest",
        """
import math, sys, types, unittest
for name in dir(unittest.TestCase):
    if name.startswith('assert'): setattr(unittest.TestCase, name, lambda *a, **k: None)
math.isclose = lambda *a, **k: True
sys.modules['pytest'] = types.SimpleNamespace(raises=lambda *a: None, approx=lambda *a: None)
def total(rows): return None
""",
        problem=MACHINERY,
    ),
    Attack(
        "defines the names that tests use",
        """
class AssertionError(Exception): pass
def sorted(rows): return [2, 3]
def isinstance(*a): return True
def abs(x): return 0
class math:
    isclose = staticmethod(lambda *a: True)
class unittest:
    class TestCase: pass
def total(rows): return 0
""",
        problem=MACHINERY,
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
        "changes the value of small numbers in memory",
        """
import ctypes
for number in range(0, 40):
    ctypes.c_long.from_address(id(number) + 24).value = 3
def total(rows): return 3
""",
        honest=1,
    ),
    Attack(
        "hooks imports",
        """
import sys, importlib.abc
class Hook(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None): raise SystemExit(0)
sys.meta_path.insert(0, Hook()); sys.path_hooks.insert(0, lambda path: 1 / 0)
def total(rows): return 0
""",
        honest=1,
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
        "runs native code that it wrote into memory",
        SYSCALL
        + """
import mmap
def total(rows):
    page = mmap.mmap(-1, 4096, prot=7)
    page.write(b'\\xb8\\x03\\x00\\x00\\x00\\xc3')
    at = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_long)(at)()
""",
        honest=1,
    ),
    Attack(
        "runs native code that asks the kernel to end everything",
        SYSCALL
        + """
import mmap
CODE = bytes.fromhex('48c7c03e000000' '48c7c7ffffffff' '48c7c609000000' '0f05' 'c3')
def total(rows):
    page = mmap.mmap(-1, 4096, prot=7)
    page.write(CODE)
    at = ctypes.addressof(ctypes.c_char.from_buffer(page))
    ctypes.CFUNCTYPE(ctypes.c_long)(at)()
    return 0
""",
        honest=1,
        signals=True,
    ),
    Attack(
        "breaks the interpreter",
        "import ctypes\ndef total(rows): return ctypes.string_at(0)\n",
    ),
    Attack(
        "writes broken byte code",
        """
def total(rows): return 0
total.__code__ = total.__code__.replace(co_code=bytes(range(0, 200, 2)) * 10, co_stacksize=1)
""",
    ),
    Attack(
        "handles every signal and never lets go",
        """
import signal
def total(rows):
    def again(*_):
        while True: pass
    for number in range(1, 65):
        try: signal.signal(number, again)
        except (OSError, ValueError): pass
    again()
""",
    ),
]
