"""Code that does not come to an end."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.tools import BESIDE

TITLE = "Time"
AIM = "the processor, for longer than the limit allows"

_C_LOOPS = {
    "raises a number to a gigantic power": "10 ** 10 ** 8",
    "takes a power of powers": "pow(7, 10 ** 9, 2 ** 10 ** 7 + 1)",
    "sums a range without end": "sum(range(10 ** 12))",
    "drains an iterator without end": "deque(itertools.count(), maxlen=0)",
    "looks for what is not there": "-1 in itertools.repeat(0)",
    "sorts by a key that never ends": "sorted(rows, key=lambda r: sum(range(10 ** 12)))",
    "matches a regular expression that explodes": "re.match(r'(a+)+$', 'a' * 60 + 'b')",
    "turns a gigantic number into text": "len(str(1 << 30_000_000))",
    "multiplies text": "len('x' * (1 << 34))",
    "compares collisions of hashes": "len({i * (2 ** 61 - 1) for i in range(1, 100_000)})",
}

ATTACKS = [
    Attack("never returns", "def total(rows):\n    while True: pass\n", often=True),
    Attack("sleeps for ever", "import time\ndef total(rows): time.sleep(10 ** 6)\n", often=True),
    Attack("never finishes loading", "while True: pass\n"),
    Attack(
        "ignores signals, stops the timers and holds the interpreter lock",
        """
import signal
def total(rows):
    for number in range(1, 65):
        try: signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError): pass
    for timer in (signal.ITIMER_REAL, signal.ITIMER_PROF, signal.ITIMER_VIRTUAL):
        signal.setitimer(timer, 0)
    return 9 ** 9 ** 9
""",
        often=True,
    ),
    Attack(
        "blocks signals and raises its own limits",
        """
import resource, signal
def total(rows):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    try: resource.setrlimit(resource.RLIMIT_CPU, (-1, -1))
    except (OSError, ValueError): pass
    while True: pass
""",
    ),
    Attack(
        "catches whatever ends it",
        """
def total(rows):
    while True:
        try:
            while True: pass
        except BaseException: pass
""",
    ),
    Attack(
        "burns the processor in many at once",
        BESIDE
        + """
def burn():
    while True: pass
def total(rows):
    for _ in range(5): beside(burn)
    burn()
""",
    ),
    Attack(
        "works in one after the other, so that its own time stands still",
        BESIDE
        + """
def total(rows):
    for _ in range(4):
        here, there = os.pipe()
        def work():
            until = time.thread_time() + 0.2
            while time.thread_time() < until: pass
            os.write(there, b'x')
        beside(work)
        os.read(here, 1); os.close(here); os.close(there)
    return sum(rows)
""",
        often=True,
    ),
    Attack(
        "works in some that nobody waits for, all at once",
        BESIDE
        + """
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
def total(rows):
    here, there = os.pipe()
    def work():
        until = time.thread_time() + 0.2
        while time.thread_time() < until: pass
        os.write(there, b'x')
    for _ in range(4): beside(lambda: beside(work))
    for _ in range(4): os.read(here, 1)
    return sum(rows)
""",
    ),
    Attack(
        "works on in a thread after its call",
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
    Attack("recurses without end", "def total(rows): return total(rows)\n"),
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
        "returns an iterator without end",
        "import itertools\ndef total(rows): return itertools.count()\n",
    ),
    *(
        Attack(
            name,
            "import itertools, re, sys\nfrom collections import deque\n"
            f"sys.set_int_max_str_digits(0)\ndef total(rows): return {expression}\n",
        )
        for name, expression in _C_LOOPS.items()
    ),
]
