"""The process that waits with the tests of a suite for the next submission to it."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.tools import WIRE, after, on_wire

TITLE = "The runner that waits for the next"
AIM = "a process of the tests' side that serves somebody else afterwards, by plain values alone"

#: Sends a frame at most as often as the connection takes it without waiting.
_UNREAD = """
import fcntl
def fill(body):
    for fd in FDS:
        try:
            fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK | fcntl.fcntl(fd, fcntl.F_GETFL))
            while True: os.write(fd, body)
        except OSError: pass
"""

ATTACKS = [
    Attack(
        "answers once more than it was asked, for whoever is asked next",
        WIRE
        + """
def total(rows):
    if not rows:
        for _ in range(20): send(['ok', 3, None, {}])
    return sum(rows)
""",
        honest=4,
        often=True,
    ),
    Attack(
        "leaves a connection full of what nobody reads",
        WIRE
        + _UNREAD
        + """
import threading
def total(rows):
    threading.Timer(0.002, fill, [struct.pack('<I', 1 << 20) + bytes(1 << 16)]).start()
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "hands descriptors over with its answers",
        """
import array, os, socket
def total(rows):
    for fd in range(3, 12):
        try: end = socket.socket(fileno=os.dup(fd))
        except OSError: continue
        held = [os.pipe()[0] for _ in range(10)]
        try:
            end.sendmsg([b''], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', held))])
        except OSError: pass
        end.detach()
        for each in held: os.close(each)
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "sends an answer out of band",
        """
import os, socket
def total(rows):
    for fd in range(3, 12):
        try: socket.socket(fileno=os.dup(fd)).send(b'!', socket.MSG_OOB)
        except OSError: pass
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "raises exceptions with the names of ours in them",
        """
def total(rows):
    error = ValueError('x')
    for name in ('__student__', '_text', '_rid', '__notes__', '__cause__', '_session', 'line'):
        try: setattr(error, name, ['pm-left-behind'])
        except (TypeError, AttributeError): pass
    vars(error).update({'_rid': 1, '__student__': None, '__class__': int, '__pm_known__': {}})
    raise error
""",
    ),
    Attack(
        "raises a chain of exceptions that leads back to itself",
        """
def total(rows):
    one, two = KeyError(rows), OSError(2, 'no', '/etc/passwd')
    one.__cause__, two.__cause__ = two, one
    one.__context__, two.__context__ = two, one
    raise ExceptionGroup('both', [one, two, ExceptionGroup('again', [one])]) from one
""",
    ),
    Attack(
        "raises every exception that Python has",
        """
import builtins
kinds = [k for k in vars(builtins).values() if isinstance(k, type) and issubclass(k, BaseException)]
def total(rows):
    kind = kinds[len(rows) * 17 % len(kinds)]
    for args in ((), ('x',), ('x', b'y', 1, 2, 'z'), ('x', ('f', 1, 2, 'y')), ('x', [OSError()])):
        try: error = kind(*args)
        except TypeError: continue
        raise error
""",
    ),
    Attack(
        "raises a syntax error in a file of the grader",
        """
def total(rows):
    raise SyntaxError('no', ('/etc/passwd', 1, 1, 'pm-left-behind', 10 ** 30, -(10 ** 30)))
""",
    ),
    Attack(
        "returns a time in each zone that there is",
        """
import datetime, zoneinfo
names = iter(['UTC', 'Europe/Berlin', 'Asia/Tokyo', 'America/New_York', 'Etc/GMT+12'] * 99)
def total(rows):
    found = []
    for _ in range(20):
        try: found.append(datetime.datetime(2020, 1, 1, tzinfo=zoneinfo.ZoneInfo(next(names))))
        except (KeyError, StopIteration, OSError): pass
    return found
""",
    ),
    Attack(
        "returns numbers that mark the context of decimal",
        """
from decimal import Decimal
def total(rows): return Decimal('sNaN') if rows else Decimal('1E+99999') / 3
""",
    ),
    Attack(
        "returns the names that the grader gives to its own",
        """
names = ['__pm_compare__', '__pm_truth__', 'total', 'runs_tests', '__builtins__', 'pytest']
kept = {}
def total(rows):
    rows.extend(names)
    return {name: kept for name in names}
""",
    ),
    Attack(
        "changes its arguments into what holds itself",
        """
def total(rows):
    rows.append(rows)
    return rows
""",
    ),
    Attack(
        "names its function and its file after the tests'",
        """
def total(rows): return sum(rows)
total.__name__ = total.__qualname__ = 'TestCase'
total.__module__ = 'unittest'
total.__doc__ = '>>> 1\\n2\\n'
total.__code__ = total.__code__.replace(co_filename='t.py', co_name='test', co_firstlineno=2**30)
__name__ = 'tests'; __file__ = '/etc/passwd'; __all__ = ['total', 'unittest', 'sum']
unittest = assertEqual = setUp = load_tests = None
""",
        honest=4,
    ),
    Attack(
        "tells of functions with flags and shapes that do not exist",
        on_wire(
            "shape = [[2 ** 31 - 1, -1, 2 ** 31], ['x'] * 1000, -(2 ** 31)]",
            "info = {'name': 'a' * 9999, 'qualname': [], 'module': 5, 'doc': 5}",
            "info = {**info, 'flags': 2 ** 29 + 128 + 32, 'code': shape}",
            "send(['ok', ext(127, 'f', 5, info), None, {}])",
        ),
    ),
    Attack(
        "writes more source than is kept, in lines with the names of other files",
        "def total(rows): return sum(rows)\n"
        + "".join(f"# {'x' * 60} File 't{n}.py', line {n}\f\n" for n in range(700)),
        honest=4,
    ),
    Attack(
        "is nested as deeply as can be read",
        "x = " + "a" * 3 + ".b" * 9000 + "\ndef total(rows): return sum(rows)\n",
    ),
    Attack(
        "has its time run out in the last test, as that ends",
        """
import time
def total(rows):
    if len(rows) != 2:
        end = time.process_time() + 0.11
        while time.process_time() < end: pass
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "closes its connection when all is answered",
        """
import os, threading, time
def close():
    time.sleep(0.003)
    for fd in range(3, 12):
        try: os.close(fd)
        except OSError: pass
def total(rows):
    if not rows: threading.Thread(target=close).start()
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "counts in its folder how often it has been asked, and answers by that",
        """
import os
def total(rows):
    with open('count', 'a+') as file:
        file.write('x'); file.seek(0)
        seen = len(file.read())
    left = [name for name in os.listdir('.') if name not in ('count', 'mine.txt')]
    return sum(rows) if seen <= 4 and not left else 0
""",
        honest=4,
    ),
    Attack(
        "prints and complains long after its last answer",
        """
import os, threading
def shout():
    try:
        while True: os.write(1, b'pm-left-behind\\n'); os.write(2, b'pm-left-behind\\n')
    except OSError: pass
def total(rows):
    if not rows: threading.Thread(target=shout, daemon=True).start()
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "returns numbers whose places in a table collide",
        "def total(rows):\n    return {n * (2 ** 61 - 1) for n in range(2500)}\n",
    ),
    Attack(
        "logs under a name of many parts",
        after(
            "import logging\n",
            "for n in range(200): logging.getLogger('.'.join([str(n)] * 60)).error(n)",
            result="sum(rows)",
        ),
        honest=4,
    ),
    Attack(
        "returns marks that take for ever to be put in order",
        "def total(rows): return 'a' + '\\u0315' * 49_000 + '\\u0300' * 49_000\n",
    ),
    Attack(
        "returns thousands of texts that are names of ours",
        "def total(rows): return ['__class__', '_session', 'runs_tests', 'total'] * 9000\n",
    ),
    Attack(
        "holds numbers that are nearly what is wanted, until they are looked at",
        """
class Number(int):
    def __index__(self): return 0
    def __reduce__(self): return (int, (sum(range(9)),))
    __class__ = property(lambda self: int)
    __eq__ = __lt__ = __le__ = lambda self, other: True
    __hash__ = lambda self: 3
def total(rows): return Number(len(rows))
""",
        honest=1,  # the sum of nothing
    ),
    Attack(
        "prints what ends a line of the grader's own, and its last word",
        """
import os
def total(rows):
    for word in (b'\\n.', b'\\n!', b'?x', b'\\0+-', b'{"points": 99}\\n'):
        os.write(1, word); os.write(2, word)
    return sum(rows)
""",
        honest=4,
    ),
]
