"""A problem whose tests are open, and lend functions, classes and objects of their own."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.problems import problem

LENT = problem(
    """
import functools, json
def logged(f):
    @functools.wraps(f)
    def run(*args):
        run.calls += 1
        return f(*args)
    run.calls = 0
    return run
def total(box):
    box.seen = sum(box.rows)
    return box.seen
def register(kind):
    kind.registered = True
    return kind
def drain(rows):
    found = []
    for row in rows: found.append(row)
    return found
class Stack(list): pass
def stacked(): return Stack([1, 2])
def answer(): return 42
""",
    [
        "def double(x): return 2 * x\nf = logged(double)\nassert f(4) == 8 and f.calls == 1",
        "class Box:\n    def __init__(self, rows): self.rows = rows\n"
        "box = Box([1, 2, 39])\nassert total(box) == 42\nassert vars(box)['seen'] == 42",
        "@register\nclass Plain:\n    def __init__(self, n): self.n = n\n"
        "    def __eq__(self, other): return self.n == other.n\n"
        "assert Plain.registered\nassert Plain(1) == Plain(1) and not Plain(1) == Plain(2)",
        "def rows():\n    yield 1\n    yield 2\nassert drain(rows()) == [1, 2]",
        "import json\nassert json.loads(json.dumps(stacked())) == [1, 2]",
        "import codewars_test as test\n@test.it('answers')\ndef answers():\n"
        "    test.assert_equals(answer(), 42)\n    test.assert_not_equals(answer(), 41)",
    ],
    objects=True,
    open_tests=True,
)
_PARTS = {
    "logged": LENT.honest[LENT.honest.index("def logged") : LENT.honest.index("def total")],
    "total": LENT.honest[LENT.honest.index("def total") : LENT.honest.index("def register")],
    "register": LENT.honest[LENT.honest.index("def register") : LENT.honest.index("def drain")],
    "drain": LENT.honest[LENT.honest.index("def drain") : LENT.honest.index("class Stack")],
    "stacked": LENT.honest[LENT.honest.index("class Stack") : LENT.honest.index("def answer")],
    "answer": LENT.honest[LENT.honest.index("def answer") :],
}


def lent(name: str, part: str, code: str, honest: float, before: str = "") -> Attack:
    """With another way to do one of its parts."""
    return Attack(name, before + LENT.honest.replace(_PARTS[part], code), honest, LENT)
