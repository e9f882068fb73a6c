"""Passing without solving: knowing the test, the order, the time, the seed."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.problems import ARGUMENT
from tests.grader.attacks.tools import SEARCH, after

TITLE = "Knowing the tests"
AIM = "hard-coded answers, and inputs of hidden tests carried out in what a student is shown"

ATTACKS = [
    Attack(
        "answers in the order in which the tests are written",
        f"""
import itertools
turn = itertools.count()
def total(rows): return [3, {ARGUMENT + 8}, 18, 0][next(turn) % 4]
""",
        honest=4,  # all four answers are in its code: whoever knows them has earned them
    ),
    Attack(
        "hard-codes the sample",
        "def total(rows): return {'[1, 2]': 3}.get(str(rows))\n",
        honest=1,
        often=True,
    ),
    Attack(
        "prints the input of a hidden test in the sample",
        """
seen = []
def total(rows):
    seen.append(list(rows)); print(seen)
    return sum(rows)
""",
        honest=4,
        often=True,
    ),
    Attack(
        "raises the input of a hidden test in the sample",
        """
seen = []
def total(rows):
    seen.append(list(rows))
    if rows == [1, 2]: raise ValueError(seen)
    return sum(rows)
""",
        honest=3,
        often=True,
    ),
    Attack(
        "returns the input of a hidden test in the sample",
        """
seen = []
def total(rows):
    seen.append(list(rows))
    return seen if rows == [1, 2] else sum(rows)
""",
        honest=3,
        often=True,
    ),
    Attack(
        "raises the input of a hidden test there and then",
        "def total(rows):\n    print(rows)\n    raise ValueError(f'I was given {rows}')\n",
        often=True,
    ),
    Attack(
        "tells the input of a hidden test as its exit status and its name",
        """
import os, sys
def total(rows):
    os.write(2, repr(rows).encode())
    class_ = type(repr(rows), (Exception,), {})
    raise class_(rows)
""",
    ),
    Attack(
        "prints the input of a hidden test from a thread, much later",
        """
import threading, time
def total(rows):
    def later():
        for _ in range(60): time.sleep(0.005); print(rows, flush=True)
    threading.Thread(target=later, daemon=True).start()
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "prints the input of a hidden test when it ends",
        """
import atexit, os
seen = []
atexit.register(lambda: os.write(1, repr(seen).encode()))
class Last:
    def __del__(self): os.write(1, repr(seen).encode())
last = Last()
def total(rows):
    seen.append(list(rows))
    if len(seen) == 4: os.write(1, repr(seen).encode()); raise SystemExit(repr(seen))
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "asks for input with the input of a hidden test as prompt",
        """
def total(rows):
    try: input(repr(rows))
    except EOFError: pass
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "looks at time, arguments, terminal and callers to know a test",
        SEARCH
        + """
import time, inspect
def total(rows):
    for frame in inspect.stack(): tell(frame, 'stack')
    tested = any('test' in str(f.filename) for f in inspect.stack()) or 'pytest' in sys.modules
    tested = tested or 'unittest' in sys.modules or not sys.stdin.isatty() or time.time() % 1 > 2
    return 3 if tested else 4
""",
        honest=1,
    ),
    Attack(
        "changes the clock",
        """
import time
time.time = time.monotonic = time.perf_counter = lambda: 0.0
time.sleep = lambda seconds: None
def total(rows):
    while True: pass
""",
    ),
    Attack(
        "guesses random inputs by their seed",
        """
import random
def total(rows):
    for seed in range(300):
        random.seed(seed)
        if [random.randint(1, 100) for _ in rows] == rows and rows: return seed
    return None
""",
    ),
    Attack(
        "takes long over the input of a hidden test",
        after("import time\n", "time.sleep(sum(rows) % 100 / 1000)"),
        honest=1,
    ),
]
