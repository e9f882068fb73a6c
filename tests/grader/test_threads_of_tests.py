"""Each thread of a test has a thread of its own beside the student's code."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from grader.pool import GraderPool
from grader.protocol import GradeRequest, Limits, Verdict
from grader.protocol import Test as GraderTest
from tests.grader.conftest import Grade, failures
from tests.grader.threaded import (
    CLASSES,
    CLASSES_TEST,
    OWN_THREADS,
    OWN_THREADS_TEST,
)

#: Test to what is right in the classes, and what fails nowhere but between threads.
WRONG = {
    "test_in_order": (
        "        printFirst()\n        self.one.set()\n",
        "        self.one.set()\n        time.sleep(0.1)\n        printFirst()\n",
    ),
    "test_alternately": (
        "threading.Semaphore(1), threading.Semaphore(0)",
        "[threading.Semaphore(0)] * 2",
    ),
    "test_water": (
        "            self.molecule.wait()\n            releaseOxygen()",
        "            releaseOxygen()",
    ),
    "test_bounded": ("len(self.items) < self.most", "len(self.items) < 0"),
    "test_counter": (
        "        with self.lock:\n            value = self.value\n            time.sleep(0.002)",
        "        if True:\n            value = self.value\n            time.sleep(0.1)",
    ),
    "test_cache": (
        "        with self.lock:\n            if key not in self.known:",
        "        if key not in self.known:\n            if not time.sleep(0.1):",
    ),
    "test_philosophers": (
        "with self.forks[first], self.forks[second]:",
        "with self.forks[number], time.sleep(0.1) or self.forks[(number + 1) % 5]:",
    ),
}
LIMITS = Limits(cpu_seconds=4, wall_seconds=9)


def suite(source: str, visible: Any = "hidden") -> tuple[GraderTest, ...]:
    made = GraderTest(key="t", name="t", source=source, suite=True, filename="answer_test.py")
    return (dataclasses.replace(made, visible=visible),)


def wrong(verdict: Verdict) -> dict[str, str]:
    return {test.name: test.status for test in verdict.tests if test.status != "passed"}


@pytest.mark.parametrize(
    ("code", "tests"),
    [(CLASSES, CLASSES_TEST), (OWN_THREADS, OWN_THREADS_TEST)],
    ids=["threads of the test", "threads of the student"],
)
async def test_threads_wait_for_one_another_in_the_students_code(
    code: str, tests: str, grade_suite: Grade, grade: Grade
) -> None:
    assert failures(await grade_suite(code, tests, limits=LIMITS)) == []
    assert failures(await grade(code, suite(tests), objects=True, limits=LIMITS)) == []


async def test_what_is_wrong_only_between_threads_fails_and_the_others_pass(grade: Grade) -> None:
    code = CLASSES
    for right, changed in WRONG.values():
        assert code.count(right) == 1
        code = code.replace(right, changed)
    tests = CLASSES_TEST.replace("seconds=3", "seconds=0.8")

    verdict = await grade(code, suite(tests), objects=True, limits=LIMITS)

    assert wrong(verdict) == dict.fromkeys(WRONG, "failed")
    assert verdict.status == "partial"


async def test_a_deadlock_ends_with_the_time_as_that_tests_failure(grade: Grade) -> None:
    code = """
    import threading
    class Pair:
        def __init__(self):
            self.a, self.b, self.both = threading.Lock(), threading.Lock(), threading.Barrier(2)
        def one(self):
            with self.a:
                self.both.wait()
                with self.b: pass
        def other(self):
            with self.b:
                self.both.wait()
                with self.a: pass
    def add(a, b): return a + b
    """
    test = """
import threading
from answer import *
def test_before(): assert add(1, 2) == 3
def test_pair():
    pair = Pair()
    threads = [threading.Thread(target=pair.one), threading.Thread(target=pair.other)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""
    limits = Limits(cpu_seconds=1, wall_seconds=1.2)
    verdict = await grade(code, suite(test), objects=True, limits=limits)

    assert (verdict.status, verdict.reason) == ("timeout", "timeout")
    assert wrong(verdict) == {"test_pair": "timeout"}


async def test_threads_that_are_left_over_do_not_hold_up_the_next_test(grade: Grade) -> None:
    code = "import threading\ndef wait(): threading.Event().wait()\ndef add(a, b): return a + b\n"
    test = """
import threading
from answer import *
def test_left():
    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads: thread.start()
    threads[0].join(0.05)
    assert threads[0].is_alive()
def test_next(): assert add(1, 2) == 3
def test_other_threads():
    sums = []
    threads = [threading.Thread(target=lambda: sums.append(add(1, 2))) for _ in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert sums == [3, 3, 3]
"""
    assert failures(await grade(code, suite(test), limits=LIMITS)) == []


async def test_a_process_that_ends_ends_all_calls(grade: Grade) -> None:
    code = """
    import os, threading
    def wait(): threading.Event().wait()
    def end(): os._exit(3)
    def add(a, b): return a + b
    """
    test = """
import threading
from answer import *
def test_end():
    threads = [threading.Thread(target=f) for f in (wait, wait, end)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
def test_next(): assert add(1, 2) == 3
"""
    verdict = await grade(code, suite(test), limits=LIMITS)

    assert wrong(verdict) == {"test_end": "error"}


ACCOUNTS = """
import threading

class Money:
    def __init__(self, amount): self.amount = amount
    def __eq__(self, other): return isinstance(other, Money) and self.amount == other.amount
    def __add__(self, other): return Money(self.amount + other.amount)

class Till:
    def __init__(self): self.held, self.lock = Money(0), threading.Lock()
    def put(self, amount):
        with self.lock: self.held = self.held + Money(amount)
        return self.held
    def total(self): return self.held
    def kind(self, which): return Money(which) if which else 0
"""
ACCOUNTS_TESTS = {
    "together": """
import threading
till = Till()
till.put(5)
threads = [threading.Thread(target=till.put, args=(n,)) for n in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert till.total() == Money(11)
""",
    "mixed": """
import threading
till, found = Till(), []
def ask(which): found.append(till.kind(which))
threads = [threading.Thread(target=ask, args=(n,)) for n in (1, 0, 0)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert sum(each == 0 for each in found) == 2 and till.kind(0) == 0
""",
}


async def test_controls_and_profiles_hold_where_threads_ask_in_no_certain_order(
    pool: GraderPool,
) -> None:
    tests = tuple(GraderTest(key=k, name=k, source=s) for k, s in ACCOUNTS_TESTS.items())
    request = GradeRequest(id="c", code=ACCOUNTS, tests=tests, objects=True, limits=LIMITS)
    recorded = await pool.grade(dataclasses.replace(request, record=True))
    assert recorded.profile is not None, failures(recorded)
    attempt = dataclasses.replace(request, profile=recorded.profile)
    always = ACCOUNTS.replace("isinstance(other, Money) and self.amount == other.amount", "True")
    unlike = ACCOUNTS.replace("if which else 0", "if which else Money(0)")

    for _ in range(4):
        assert failures(await pool.grade(attempt)) == []
    assert (
        wrong(await pool.grade(dataclasses.replace(attempt, code=always)))["together"] == "failed"
    )
    assert "mixed" in wrong(await pool.grade(dataclasses.replace(attempt, code=unlike)))


async def test_code_that_takes_all_threads_fails_where_the_test_needs_one(grade: Grade) -> None:
    code = """
    import threading
    free = threading.Event()
    threading.stack_size(1 << 18)
    def take_all():
        try:
            while True: threading.Thread(target=free.wait, daemon=True).start()
        except RuntimeError: pass
    def add(a, b): return a + b
    """
    test = """
import threading
from answer import *
def ask():
    found = []
    def one():
        try: found.append(add(1, 2))
        except RuntimeError as error: found.append(str(error))
    thread = threading.Thread(target=one)
    thread.start()
    thread.join()
    return found
def test_before(): assert ask() == [3]
def test_all_taken():
    take_all()
    assert ask() == ["can't start new thread"]
def test_again():
    free.set()
    while "can't" in str(found := ask()): pass
    assert found == [3]
"""
    assert failures(await grade(code, suite(test), objects=True, limits=LIMITS)) == []


PRINTING = """
import contextlib, io
from concurrent.futures import ThreadPoolExecutor
def each(f, items):
    with ThreadPoolExecutor(4) as pool: return list(pool.map(f, items))
def printed(f, items):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        with ThreadPoolExecutor(4) as pool: list(pool.map(f, items))
    return out.getvalue()
class Capture:
    def __enter__(self):
        self.out = io.StringIO()
        self.redirected = contextlib.redirect_stdout(self.out)
        self.redirected.__enter__()
        return self
    def __exit__(self, *error):
        self.redirected.__exit__(*error)
        self.text = self.out.getvalue()
def double(n):
    print("doubles", n)
    return 2 * n
"""
PRINTING_TEST = """
import contextlib, io, time
from concurrent.futures import ThreadPoolExecutor
from answer import *

def tell(n):
    print("begins", n)
    time.sleep(0.002 * (n % 4))
    print("has", double(n))
    return n

def lines(n):
    return sorted([f"begins {n}" for n in range(n)] + [f"has {2 * n}" for n in range(n)])

ITEMS = range(12)
OWN = sorted(f"doubles {n}" for n in ITEMS)

def test_their_context_in_their_pool(capsys):
    print("before")
    assert sorted(printed(tell, ITEMS).splitlines()) == sorted(lines(12) + OWN)
    print("after")
    assert capsys.readouterr().out == "before\\nafter\\n"

def test_their_context_around_a_pool_of_the_test(capsys):
    with Capture() as capture:
        with ThreadPoolExecutor(4) as pool: list(pool.map(tell, ITEMS))
    print("after")
    assert sorted(capture.text.splitlines()) == sorted(lines(12) + OWN)
    assert capsys.readouterr().out == "after\\n"

def test_a_context_of_the_test_around_either_pool():
    for run in (each, lambda f, items: ThreadPoolExecutor(4).map(f, items)):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            assert list(run(tell, ITEMS)) == list(ITEMS)
        assert sorted(out.getvalue().splitlines()) == sorted(lines(12) + OWN)
"""


async def test_what_threads_print_comes_where_it_is_redirected(grade_suite: Grade) -> None:
    verdict = await grade_suite(PRINTING, PRINTING_TEST, objects=True, limits=LIMITS)

    assert failures(verdict) == []
