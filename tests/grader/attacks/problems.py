"""The problems that hostile submissions are sent to, and the secrets that must stay where they are.

Every secret begins with `CANARY`. Hidden tests hold it in their source, in names, in messages and
beside their expected values; no later part of a verdict may hold it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from grader.protocol import Test

#: No byte of this may ever reach a student. Attacks look for it by its halves.
CANARY = "zq7canary31x"
#: An argument of a hidden test: the student's code knows it, the verdict must not tell it.
ARGUMENT = 48151623
SECRET_FILE = Path("/tmp/pm-secret-of-the-grader")
SECRET_AT_HOME = Path.home() / ".pm-secret-of-the-grader"
SECRET_VARIABLE = "PM_SECRET_OF_THE_SERVICE"
#: Whatever an attack leaves behind has this in its name or inside.
LEFT = "pm-left-behind"
#: Of shared memory, queues and semaphores.
IPC_KEYS = range(0x5A0, 0x5B0)


@dataclass(frozen=True)
class Problem:
    tests: tuple[Test, ...]
    honest: str
    files: dict[str, str] = field(default_factory=dict)
    objects: bool = False
    open_tests: bool = False


def problem(honest: str, sources: list[str], **about: bool) -> Problem:
    """The first test is a sample; the others are hidden."""
    tests = tuple(
        Test(
            key=f"t{number}",
            name=f"Test {number}",
            source=source,
            visible="hidden" if number else "sample",
            on_fail="Think of long lists." if number else None,
        )
        for number, source in enumerate(sources)
    )
    return Problem(tests, honest, **about)


TOTAL = problem(
    "def total(rows):\n    return sum(rows)\n",
    [
        "assert total([1, 2]) == 3",
        f"wanted_{CANARY} = {ARGUMENT + 8}\n"
        f"assert total([{ARGUMENT}, 8]) == wanted_{CANARY}, '{CANARY}'",
        f"values = [5, 6, 7]\nassert total(values) == 18\nassert values == [5, 6, 7], '{CANARY}'",
        f"import unittest\nclass T(unittest.TestCase):\n"
        f"    def test_{CANARY}(self):\n        self.assertEqual(total([]), 0)",
    ],
)

#: Tests that take the student's function through Python's own machinery.
MACHINERY = problem(
    "def total(rows):\n    return sum(rows)\n",
    [
        "assert total([1, 2]) == 3",
        f"import unittest\nclass T(unittest.TestCase):\n"
        f"    def test_{CANARY}(self):\n        self.assertEqual(total([4, 4]), 8)\n"
        f"    def test_parts(self):\n        with self.subTest('{CANARY}'):\n"
        f"            self.assertIn(total([{ARGUMENT}]), [{ARGUMENT}])",
        f"import math\nassert math.isclose(total([{ARGUMENT}, 1]), {ARGUMENT + 1}), '{CANARY}'",
        f"assert sorted([total([3]), total([2])]) == [2, 3], '{CANARY}'",
    ],
)

#: A test that lends the student's code a function and an iterator of its own.
CALLBACK = problem(
    "def apply(f, rows):\n    return [f(row) for row in rows]\n",
    [
        "assert apply(lambda x: x + 1, [1, 2]) == [2, 3]",
        f"def check_{CANARY}(x):\n    assert x != 99, '{CANARY}'\n    return x + {ARGUMENT}\n"
        f"assert apply(check_{CANARY}, iter([1, 2])) == [{ARGUMENT + 1}, {ARGUMENT + 2}]",
        f"seen = []\nassert apply(seen.append, [3]) == [None] and seen == [3], '{CANARY}'",
        f"secret_{CANARY} = 5\nassert apply(lambda x: secret_{CANARY}, [0]) == [5]",
    ],
)

ACCOUNT = problem(
    """
class Account:
    def __init__(self, balance): self.balance = balance
    def deposit(self, amount):
        if amount < 0: raise ValueError("negative")
        self.balance += amount
        return self
    def __eq__(self, other): return isinstance(other, Account) and self.balance == other.balance
    def __str__(self): return f"Account with {self.balance}"
""",
    [
        "assert Account(5).balance == 5",
        f"a = Account({ARGUMENT})\na.deposit(8)\nassert a.balance == {ARGUMENT + 8}, '{CANARY}'",
        f"assert Account(3) == Account(3), '{CANARY}'\nassert not Account(3) == Account(4)",
        f"assert str(Account(7)) == 'Account with 7', '{CANARY}'",
        f"import pytest\nwith pytest.raises(ValueError):\n    Account({ARGUMENT}).deposit(-1)",
    ],
    objects=True,
)

#: Its sample test reads a file that the student's code writes.
REPORT = problem(
    "def report():\n    with open('report.txt', 'w') as f: f.write('3')\n",
    ["report()\nwith open('report.txt') as f:\n    found = f.read(4000)\nassert found == '3'"],
    open_tests=True,
)

PROBLEMS = {
    "total": TOTAL,
    "machinery": MACHINERY,
    "callback": CALLBACK,
    "account": ACCOUNT,
    "report": REPORT,
}

#: An honest submission of somebody else, with a secret in its code, its file and its arguments.
NEIGHBOUR = Problem(
    (
        Test(
            key="n",
            name="Neighbour",
            source=f"assert total(['{CANARY}-argument', 2]) == '{CANARY}-result'",
        ),
    ),
    f"""
import time
SECRET = "{CANARY}-code"
HELD = [bytes(SECRET, "ascii") * 100 for _ in range(200)]
def total(rows):
    time.sleep(0.05)
    with open("mine.txt") as file:
        assert file.read() == "{CANARY}-file"
    return rows[0].replace("argument", "result")
""",
    files={"mine.txt": f"{CANARY}-file"},
)
