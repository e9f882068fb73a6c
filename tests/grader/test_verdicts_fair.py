"""What is said where it is not known who is right, or where nobody is to blame but the test."""

from __future__ import annotations

import pytest

from grader.protocol import Limits
from tests.grader.conftest import Grade, as_tests

CODE = """
import contextlib, io, warnings
RANKS = {"a": 1, "b": 9, "c": 4}
def rank(x): return RANKS.get(x)
def many(x): return [x, *range(200)]
def load(): return {}
def both(a, b): return 0
def twice(post):
    for _ in range(2): post("a" * 300)
def old(): warnings.warn("use new()", UserWarning)
def quiet(): return contextlib.redirect_stdout(io.StringIO())
class Box:
    def __init__(self, side): self.side = side
    def area(self): return 4 - self.side
    def __eq__(self, other): return self.side + 1 == other.side
"""
#: A check, and what is said of it.
TOLD = {
    "assert rank('b') < rank('c')": "rank('b') should be < rank('c'), but they are 9 and 4.",
    "assert rank('b') < rank(('{}', 'c')[1])": (
        "rank('b') should be < rank(('{}', 'c')[1]), but they are 9 and 4."
    ),
    "low = rank('b')\nhigh = rank('c')\nassert high > low": (
        "rank('c') should be > rank('b'), but they are 4 and 9."
    ),
    "assert rank('a') < rank('b') < rank('c')": (
        "rank('b') should be < rank('c'), but they are 9 and 4."
    ),
    "a, b = Box(1), Box(2)\nassert a.area() < b.area()": (
        "a.area() should be < b.area(), but they are 3 and 2."
    ),
    "assert rank('a') == rank('d')": (
        "rank('a') should be the same as rank('d'), but they are 1 and None."
    ),
    "assert rank('a') != rank('a')": (
        "rank('a') should be something other than rank('a'), but both are 1."
    ),
    "assert many(2) == many(3)": "many(2) should be the same as many(3): at [0] it is 2 instead",
    "assert rank('a') < len('')": "rank('a') should be < 0, but it is 1.",
    "assert Box(1).area() == Box(2).side": ("Box(1).area() should be 2, but it is 3."),
    "import os\nassert load() == {} and os.environ['SHOP']": (
        "KeyError: 'SHOP' (The test looked this up in os.environ, and it is not there.)"
    ),
    "import os\nos.environ['TILL'] = 'a'\nassert 'TILL' not in os.environ": (
        "os.environ should not hold 'TILL', but it does."
    ),
    "box = Box(1)\nassert box.area() == 3\nassert box.__dict__ == {}": (
        "box.__dict__ should be {}, but it is {'side': 1}."
    ),
    "from unittest.mock import Mock, call\npost = Mock()\ntwice(post)\n"
    "assert post.mock_calls == [call('a' * 300), call('b')]": (
        "post.mock_calls is not what it should be: at [1] it is call('"
    ),
    "assert load()['x'] == 1": "KeyError: 'x' (The test looked this up in what came back, and",
    "import pytest\nwith pytest.warns(DeprecationWarning): old()": (
        "old() should give a warning (DeprecationWarning), but it gave UserWarning: use new()."
    ),
    "found = load()\nassert both(found, found) == 3": "both(found, found) should be 3, but it is",
    "import sys\nwith quiet():\n    before = sys.stdout\n    load()\n    "
    "assert sys.stdout is not before": "sys.stdout should be another object, but it is the same",
    "import sys\nwith quiet():\n    load()\n    assert sys.stdout == 3": (
        "sys.stdout should be 3, but it is <the output as your code has redirected it>."
    ),
}


async def test_neither_of_two_that_may_be_wrong_is_told_as_the_truth(grade: Grade) -> None:
    verdict = await grade(CODE, list(TOLD), open_tests=True)

    said = dict(zip(TOLD, (test.message for test in verdict.tests), strict=True))
    assert {check: said[check][: len(words)] for check, words in TOLD.items()} == TOLD
    assert verdict.tests[0].expected == "< rank('c'), which is 4"
    assert verdict.tests[1].expected == "< rank(('{}', 'c')[1]), which is 4"


LOCKED = """
import threading
def meet():
    first, second, ready = threading.Lock(), threading.Lock(), threading.Barrier(2)
    def take(one, other):
        with one:
            ready.wait()
            with other: pass
    pairs = (first, second), (second, first)
    threads = [threading.Thread(target=take, args=pair) for pair in pairs]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
def work():
    while True: pass
"""


async def test_threads_that_wait_for_each_other_are_told_from_work_without_end(
    grade: Grade,
) -> None:
    limits = Limits(cpu_seconds=0.3, wall_seconds=0.8)
    waited = await grade(LOCKED, "meet()\nassert True", limits=limits)
    worked = await grade(LOCKED, "work()\nassert True", limits=limits)

    assert waited.tests[0].message.startswith("Your code waited until the time was over")
    assert waited.tests[0].message.endswith("the other one holds never go on.")
    assert worked.tests[0].message == "Your code took longer than the time limit."


#: The student's code, a test, and what is said; none: the code alone is wrong.
HANDED = {
    "a method of a Mock": (
        "def send(post): return post.send('x')",
        "from unittest.mock import Mock\npost = Mock()\nsend(post)\nassert post.send.called",
        "'callback' object has no attribute 'send'; the test hands over a Mock, which can only be",
    ),
    "the length of a MagicMock": (
        "def send(post): return len(post)",
        "from unittest.mock import MagicMock\nassert send(MagicMock()) == 0",
        "has no len(); the test hands over a MagicMock, which can only be called here",
    ),
    "an attribute of a function": (
        "def send(post): return post.__name__",
        "def name(): pass\nassert send(name) == 'name'",
        "the test hands over a function",
    ),
    "what a function has not": (
        "def send(post): return post.send('x')",
        "assert send(lambda text: text) == 'x'",
        None,
    ),
    "an attribute of their own object": (
        "class Post: pass\ndef send(post): return post(Post().sent)",
        "from unittest.mock import Mock\nassert send(Mock(return_value=1)) == 1",
        None,
    ),
    "a spec that is kept": (
        "def send(post): return post.sent('x')",
        "from unittest.mock import Mock\npost = Mock(spec=['__call__', 'send'])\nsend(post)",
        None,
    ),
}


@pytest.mark.parametrize(("code", "test", "told"), HANDED.values(), ids=HANDED)
async def test_an_author_hears_that_what_a_test_hands_over_can_only_be_called(
    grade: Grade, code: str, test: str, told: str | None
) -> None:
    shown = await grade(code, test)
    hidden = await grade(code, as_tests(test, visible="hidden"))

    assert ((told or "hands over") in shown.tests[0].message) is (told is not None)
    # Any submission can ask so: it is a failure like others.
    assert (hidden.status, hidden.reason, hidden.tests[0].message) == ("failed", None, "")


async def test_a_look_at_the_code_s_own_list_of_calls_asks_nothing_of_it(grade: Grade) -> None:
    code = """
    class _CallList(list):
        def __iter__(self):
            while True: yield 1
    def calls(): return _CallList([1])
    """
    verdict = await grade(code, "assert calls() == [2]", objects=True)

    assert verdict.tests[0].message == "calls() should be [2], but it is [1]."
