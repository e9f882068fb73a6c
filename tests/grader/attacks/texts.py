"""Texts of the student that a test reads, runs, matches or fills in."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.problems import ARGUMENT, CALLBACK, CANARY, MACHINERY, TOTAL, problem
from tests.grader.attacks.tools import LIAR, SEARCH

TITLE = "Texts that a test works with"
AIM = "the tests' own process, by a text that they evaluate, match or fill in"

TEXTS = problem(
    """
class Point:
    def __init__(self, x): self.x = x
    def __repr__(self): return f"Point({self.x})"
    def __eq__(self, other): return isinstance(other, Point) and self.x == other.x
def source(): return "def double(x): return x * 2"
def greet(name): return f"Hello, {name}!"
def letter(): return "Dear {name}"
""",
    [
        "assert greet('Ana') == 'Hello, Ana!'",
        f"p = Point({ARGUMENT})\nassert eval(repr(p)) == p, '{CANARY}'",
        f"space = {{}}\nexec(source(), space)\n"
        f"assert space['double']({ARGUMENT}) == {2 * ARGUMENT}, '{CANARY}'",
        f"import re\nassert re.fullmatch(r'Hello, (\\w+\\s?)*!', greet('Ana')), '{CANARY}'",
        f"wanted_{CANARY} = 'Dear Bo'\nassert letter().format(name='Bo') == wanted_{CANARY}",
    ],
    objects=True,
)
_HONEST = TEXTS.honest


def _text(name: str, old: str, new: str, honest: float, before: str = "") -> Attack:
    if old not in _HONEST:
        raise ValueError(old)
    return Attack(name, before + _HONEST.replace(old, new), honest, TEXTS)


_REPR = 'f"Point({self.x})"'
_SOURCE = '"def double(x): return x * 2"'
_GREETING = 'f"Hello, {name}!"'

ATTACKS = [
    _text("is shown as the name that the test itself gave it", _REPR, "'p'", 4),
    _text("is shown as what ends the process", _REPR, "\"__import__('os')._exit(0)\"", 4),
    _text(
        "is shown as what looks for the test around it",
        _REPR,
        "\"[f.f_locals.get('p') for f in __import__('sys')._current_frames().values()][0]\"",
        4,
    ),
    _text(
        "writes source that replaces what checks the tests",
        _SOURCE,
        '"__pm_compare__ = __pm_truth__ = print\\nimport builtins\\n'
        'builtins.exec = builtins.eval = print\\ndef double(x): return x"',
        4,
    ),
    _text(
        "writes source that looks for secrets",
        _SOURCE,
        "SEARCHING + " + _SOURCE,
        5,
        before=f'SEARCHING = {SEARCH!r}\nSEARCHING += """\ntell(read(\'/proc/self/environ\'), 1)\n'
        'for pid in pids():\n    tell(read(f\'/proc/{pid}/environ\'), pid)\n"""\n',
    ),
    _text("writes source that never ends", _SOURCE, "'while True: pass'", 4),
    _text(
        "writes source that defines a liar",
        _SOURCE,
        "LIAR + 'def double(x): return Liar()'",
        4,
        before=f"LIAR = {LIAR!r}\n",
    ),
    _text("writes source that is nested too deeply", _SOURCE, "'(' * 90000 + ')' * 90000", 4),
    _text(
        "answers with text for which a pattern takes for ever", _GREETING, "'Hello, ' + 'a' * 60", 3
    ),
    _text("writes a template that fills the memory", '"Dear {name}"', "'{name:>4000000000}'", 4),
    _text(
        "writes a template that reads more than it is given",
        '"Dear {name}"',
        "'{name.__class__.__mro__[1].__subclasses__}'",
        4,
    ),
    Attack(
        "holds a list in itself twice, sixty times",
        "def total(rows):\n    held = rows\n    for _ in range(60): held = [held, held]\n"
        "    return held\n",
    ),
    Attack(
        "returns a fraction with forty thousand digits",
        "from fractions import Fraction\n"
        "def total(rows): return Fraction(10 ** 39000 + 1, 10 ** 38999)\n",
        problem=MACHINERY,
    ),
    Attack(
        "returns lying spans of time, paths and identifiers",
        """
import datetime, pathlib, uuid
def lying(base, *args):
    body = {"__eq__": lambda s, o: True, "__hash__": base.__hash__, "__ne__": lambda s, o: False}
    return type("Liar", (base,), body)(*args)
MADE = [lying(datetime.timedelta, 3), lying(pathlib.PurePosixPath, "3"), lying(uuid.UUID, "3" * 32)]
def total(rows): return MADE[len(rows) % 3]
""",
    ),
    Attack(
        "raises an exception with attributes that lie",
        LIAR + "class Failed(Exception): code = Liar()\n"
        "def total(rows):\n    error = Failed(Liar(), rows)\n    error.value = Liar()\n"
        "    raise error\n",
    ),
    Attack(
        "hands a liar to a function of the test",
        LIAR + "def apply(f, rows): return [f(Liar()) for row in rows]\n",
        1,  # what needs no argument
        CALLBACK,
    ),
    Attack(
        "lends a function of the test a list that holds itself",
        "def apply(f, rows):\n    held = []\n    held.append(held)\n    return [f(held)]\n",
        problem=CALLBACK,
    ),
    Attack(
        "defines what tests use under another form of its name",
        "def \uff53orted(*rows, **how): return [2, 3]\n"
        "class \uff4dath: isclose = staticmethod(lambda *a: True)\n"
        "def total(rows): return 2\n",
        problem=MACHINERY,
    ),
    Attack(
        "warns and logs the input of a hidden test",
        "import logging, warnings\n"
        "def total(rows):\n    warnings.warn(str(rows))\n"
        "    logging.getLogger(str(rows)).error('%s', rows)\n    return sum(rows)\n",
        4,
        TOTAL,
    ),
    Attack(
        "leaves an event loop at work with what it was given",
        "import asyncio, threading\nLOOP = asyncio.new_event_loop()\n"
        "threading.Thread(target=LOOP.run_forever, daemon=True).start()\n"
        "async def tell(rows):\n    while True:\n        print(rows)\n"
        "        await asyncio.sleep(0.001)\n"
        "def total(rows):\n    asyncio.run_coroutine_threadsafe(tell(rows), LOOP)\n"
        "    return sum(rows)\n",
        4,
    ),
    Attack(
        "works when what it was given is thrown away",
        "import weakref\nclass Kept(list): pass\nHELD = []\n"
        "def total(rows):\n    kept = Kept(rows)\n"
        "    HELD.append(weakref.ref(kept, lambda _: print(rows)))\n"
        "    weakref.finalize(kept, print, rows)\n    return sum(rows)\n",
        4,
    ),
]
