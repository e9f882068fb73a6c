"""Frames that the student's code sends itself, on the connection of its agent."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.problems import ACCOUNT
from tests.grader.attacks.tools import AGENT, WIRE, on_wire

TITLE = "Forged frames"
AIM = "the connection to the tests: answers that nobody asked for, or that no reader survives"

#: Goes on in lanes, as a process with several threads does, each message with the number of one.
LANES = (
    WIRE
    + """
def mark(): send(['lanes'])
def lane(number, value): send(struct.pack('<i', number) + msgpack.packb(value))
"""
)
_STOLEN = "['e', 1, ['b', 'KeyboardInterrupt'], [], '', {}, None, 1]"


def _reply(name: str, expression: str, honest: float = 0, often: bool = False) -> Attack:
    return Attack(name, on_wire(f"send({expression})"), honest, often=often)


def _value(name: str, expression: str) -> Attack:
    """An answer that holds this extension value."""
    return _reply(name, f"['ok', {expression}, None, {{}}]")


def _described(name: str, changes: str) -> Attack:
    """A class that the agent describes otherwise than it is."""
    code = f"""{AGENT}
class Account(Exception): pass
old = the('Handles')[0].__class__.description
def description(self, number):
    told = old(self, number)
    told.update({changes})
    return told
the('Handles')[0].__class__.description = description
"""
    return Attack(name, code, 0, ACCOUNT)


ATTACKS = [
    Attack(
        "forges answers on the connection",
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
        often=True,
    ),
    Attack("sends a frame of four gigabytes", on_wire("send(b'x' * 100, 2 ** 32 - 1)")),
    Attack("sends a frame of two gigabytes", on_wire("send(b'x' * 100, 2 ** 31)")),
    Attack(
        "sends one byte, then another",
        on_wire(
            "send(b'', 900)",
            "while True:",
            "    time.sleep(0.05)",
            "    for fd in FDS:",
            "        try: os.write(fd, b'x')",
            "        except OSError: pass",
        ),
    ),
    Attack(
        "answers twice, and for calls that are still to come",
        on_wire(
            "for guess in (0, 18, 18, 0): send(['ok', guess, None, {}])",
            result="3",
        ),
        honest=3,  # guesses in the order of the list are guesses
    ),
    Attack(
        "sends frames without end",
        on_wire("while True: send(['back', 'next', 1])"),
    ),
    Attack(
        "never reads what it is sent",
        on_wire("while True: send(['stdin', 'all'])"),
    ),
    _reply("sends a frame shorter than it says", "b'x', 900000"),
    _reply("sends an empty frame", "b''"),
    _reply("sends deep nesting", "b'\\x91' * 500000", often=True),
    _reply("sends a map of four thousand million entries", "b'\\xdf\\xff\\xff\\xff\\xff'"),
    _reply("sends a list of four thousand million entries", "b'\\xdd\\xff\\xff\\xff\\xff\\x01'"),
    _reply("sends text of four gigabytes", "b'\\xdb\\xff\\xff\\xff\\xffx'"),
    _reply(
        "sends the same key again and again", "b'\\xdf\\x00\\x01\\x00\\x00' + b'\\x01\\x01' * 65536"
    ),
    Attack(
        "sends extensions within extensions",
        on_wire(
            "inner = msgpack.ExtType(1, b'\\x90')",
            "for _ in range(2000): inner = ext(1, inner)",
            "send(['ok', inner, None, {}])",
        ),
    ),
    _reply("sends what no reader has ever met", "bytes(range(0xc0, 0x100)) * 50"),
    _reply(
        "sends an exception of the tests' framework",
        f"['exc', msgpack.ExtType(127, msgpack.packb({_STOLEN})), None, None, '', {{}}]",
    ),
    _value("sends a handle that it made up", "ext(127, 'o', 1, ['b', 'int'])"),
    _value("sends a handle of the wrong kind", "ext(127, 'v', -1, ['b', 'bool'], [[]])"),
    _value("sends a function of the tests", "ext(127, 'g', 1)"),
    _reply("calls back what it was never given", "['back', 'call', 1, [], {}]"),
    _reply("asks a callback for its attributes", "['back', 'get', 1, '__globals__']"),
    _reply("changes what is no argument", "['ok', 3, 0, {0: [], 5: [], 'x': 1}]", 1),
    _reply("asks a question that does not exist", "['eval', '1']"),
    _value("sends an array of endless shape", "ext(64, 'O', [1 << 40, 1 << 40], [1])"),
    _value("sends an array with objects for numbers", "ext(64, '|O', [1], b'12345678')"),
    _value("sends a time zone outside its folder", "ext(13, '../../../etc/passwd')"),
    _reply(
        "sends a timestamp of another age",
        "b'\\x94\\xa2ok\\xc7\\x0c\\xff' + b'\\xff' * 12 + b'\\xc0\\x80'",
    ),
    _value("sends an iterator with a lying length", "ext(23, *[[1]] * 1000)"),
    _value("sends a buffer with its position past the end", "ext(30, 'x', 1 << 60)"),
    _value("sends a queue that counts for ever", "ext(22, ext(15, 0, 1 << 62, 1), 1)"),
    _value("sends pairs that are a range", "ext(25, ext(15, 0, 10 ** 9, 1))"),
    _value("sends an array of a range", "ext(64, 'O', [10 ** 9], ext(15, 0, 10 ** 9, 1))"),
    Attack(
        "sends one number as a column of endless rows",
        on_wire(
            "rows = ext(69, None, ext(15, 0, 200_000_000, 1))",
            "send(['ok', ext(66, None, rows, 5), None, {}])",
            "send(['ok', ext(67, rows, rows, [5]), None, {}])",
        ),
        needs="pandas",
    ),
    Attack(
        "says that its comparison is an ordinary method",
        AGENT
        + """
class Account:
    def __init__(self, balance): pass
    balance = property(lambda self: self)
    deposit = lambda self, amount: self
    def __eq__(self, other): return True
    def __str__(self): return 'Account with 8'
kind = the('Handles')[0].__class__
old = kind.description
def description(self, number):
    told = old(self, number)
    told.update(special=[], methods=['__eq__', '__str__', 'deposit'])
    return told
kind.description = description
""",
        problem=ACCOUNT,
    ),
    _described("says that its class has methods without end", "methods=range(1 << 62)"),
    _described("says that its class lacks methods without end", "missing=range(1 << 62)"),
    _described("says that its class has bases without end", "bases=range(1 << 62)"),
    _described(
        "says that its class is one of the standard library", "reference=['unittest', 'SkipTest']"
    ),
    _described(
        "says that its class is another of the library",
        "reference=['unittest.case', '_ShouldStop']",
    ),
    _described("says that its class is its own base", "bases=[['c', number]]"),
    _described("says that its class is its own metaclass", "metaclass=['c', number]"),
    _described("says that its class is a metaclass", "bases=[['b', 'type']]"),
    _described("says that its class has attributes without end", "others=range(1 << 62)"),
    _described(
        "gives its class attributes with the names of ours",
        "others=['__rid__', '__remote__', '_rid', '__class__', 'x' * 99999, 5, None, []]",
    ),
    _described(
        "gives its class every special method",
        "special=['__eq__', '__del__', '__getattribute__', '__instancecheck__', '__set_name__'], "
        "methods=['__eq__', '__class__', 'balance']",
    ),
    _described(
        "gives its class names that are no names",
        "name=5, qualname=[], methods=[[], 1, None], fields=[[]], doc=3",
    ),
    Attack(
        "keeps the connection and closes it on the agent",
        on_wire("for fd in FDS:", "    try: os.close(fd)", "    except OSError: pass"),
    ),
    Attack(
        "reads the tests' questions before the agent does",
        WIRE
        + """
import threading, socket
def total(rows):
    def steal():
        for fd in FDS:
            try: print(os.read(fd, 4000), flush=True)
            except OSError: pass
    for _ in range(4): threading.Thread(target=steal, daemon=True).start()
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "fails while it is loaded, with what takes for ever to be shown",
        WIRE
        + """
def twin(number, items): return ext(126, number, items)
boxes = [twin(999, [1] * 20)]
for n in range(1000, 1012): boxes.append(twin(n, [twin(n - 1, None)] * 20))
send(['exc', ext(127, 'e', 5, ['b', 'ValueError'], boxes, None, None, None, None), 1, '', '', {}])
time.sleep(99)
""",
        often=True,
    ),
    Attack(
        "sends a moment whose time zone is a file of the grader's machine",
        "import pandas\n"
        + on_wire("send(['ok', ext(70, '2020-01-01', 'dateutil//etc/passwd'), None, {}])"),
        needs="pandas",
    ),
    Attack(
        "says without end that its code is about to run",
        on_wire("while True: send(['given'])"),
    ),
    Attack(
        "answers its loading with functions that nobody asked for",
        WIRE
        + """
names = ['sorted', 'isinstance', '__builtins__', '__pm_session__', 'T', 5, None, 'x' * 99_999]
send(['ok', {name: ext(127, 'f', 1, {'name': 'total'}) for name in names}, None, {}])
def total(rows): return True
""",
    ),
    _reply(
        "says that its result is an argument that there is not",
        "['ok', 3, [-1, 2 ** 70, 'self', None, True, 1.5, [0]][len(rows) % 7], {}]",
        honest=1,
    ),
    _reply(
        "changes arguments into one another, and what they never held",
        "['ok', 3, None, {0: ext(126, 5, [1, ext(126, 5, None)]), -1: rows, 'x': 5, 7: None}]",
        honest=1,
    ),
    _reply(
        "keeps arguments under numbers of others, and says that they have changed",
        "['ok', 3, None, {None: [[[0, 1], [0, -5], [9, 1], ['x', 2]],"
        " [[1, [18]], [2, {}], [-1, []]]]}]",
        honest=1,
    ),
    _reply(
        "says that what it kept has changed, in a form that does not exist",
        "['ok', 3, None, {None: ext(15, 0, 10 ** 12, 1)}]",
    ),
    Attack(
        "logs in loggers of a hundred parts each, without end",
        on_wire(
            "n = 0",
            "while True:",
            "    n += 1",
            "    send(['log', [f'{n}' + '.a' * 90, 50, 'x' * 9000, 1, print.__name__, None]])",
        ),
    ),
    Attack(
        "asks the tests something while they ask it something, from many threads",
        WIRE
        + """
import threading
def total(rows):
    def ask():
        while True: send(['input', 'x']); send(['stdin', 'all']); send(['back', 'call', 1, [], {}])
    for _ in range(3): threading.Thread(target=ask, daemon=True).start()
    time.sleep(0.02)
    return sum(rows)
""",
        honest=1,
    ),
    Attack(
        "opens a conversation for each thread, and answers in all of them before anybody asks",
        LANES
        + """
def total(rows):
    mark()
    for n in range(64): lane(n, ['ok', 18, None, {}]); lane(n, ['ok', 18, None, {}])
    return 18
""",
        honest=1,
        often=True,
    ),
    Attack(
        "asks in all conversations at once, without waiting for an answer",
        LANES
        + """
def total(rows):
    mark()
    while True:
        for n in range(-1, -65, -1): lane(n, ['stdin', 'all']); lane(n, ['back', 'call', 1, [], {}])
""",
    ),
    Attack(
        "asks in a conversation of nobody, with half a number",
        LANES
        + """
def total(rows):
    mark()
    for n in (1 << 30, -65, 7): lane(n, ['ok', 3, None, {}])
    send(b'x')
    return 3
""",
        honest=1,
    ),
    Attack(
        "asks the tests from as many threads as there may be, after each of its calls",
        """
import threading
def ask():
    while True:
        try: input('x' * 1000)
        except EOFError: pass
def total(rows):
    try:
        while True: threading.Thread(target=ask, daemon=True).start()
    except RuntimeError: pass
    return sum(rows)
""",
        honest=4,
    ),
]
