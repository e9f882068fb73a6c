"""Pools of threads, barriers and futures that a test hands to the student's code."""

from __future__ import annotations

import pytest

from tests.grader.conftest import Grade, as_tests, failures

CODE = """
import threading
from concurrent.futures import as_completed
def lengths(pool, words): return list(pool.map(len, words))
def shouted(pool, words):
    return sorted(one.result() for one in as_completed([pool.submit(str.upper, w) for w in words]))
def applied(pool, function, value): return pool.submit(function, value).result()
def meet(barrier, seen, name):
    seen.append(name)
    barrier.wait(timeout=5)
    seen.append(name)
def after(future): return future.result(timeout=5) + 1
def why(future): return type(future.exception()).__name__
def promise(future, value): future.set_result(value)
def soon(future):
    try:
        return future.result(timeout=0.01)
    except TimeoutError:
        return "not yet"
"""
TESTS = """
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from answer import *

def test_pool():
    with ThreadPoolExecutor(2) as pool:
        assert lengths(pool, ["a", "bb"]) == [1, 2]
        assert shouted(pool, ["a", "bb"]) == ["A", "BB"]
        assert applied(pool, lambda n: n * 2, 4) == 8

def test_barrier():
    barrier, seen = threading.Barrier(2), []
    threads = [threading.Thread(target=meet, args=(barrier, seen, name)) for name in "ab"]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert sorted(seen[:2]) == ["a", "b"] == sorted(seen[2:])

def test_future():
    kept, failed, empty = Future(), Future(), Future()
    kept.set_result(3)
    failed.set_exception(TimeoutError())
    assert after(kept) == 4 and why(failed) == "TimeoutError" and soon(empty) == "not yet"
    promise(empty, 5)
    assert empty.result(timeout=1) == 5

def test_comes_later():
    future = Future()
    threading.Timer(0.05, future.set_result, [6]).start()
    assert after(future) == 7
"""


async def test_a_test_hands_over_what_threads_work_with(grade_suite: Grade) -> None:
    assert failures(await grade_suite(CODE, TESTS, module="answer")) == []


@pytest.mark.parametrize(
    ("right", "wrong", "test"),
    [
        ("barrier.wait(timeout=5)", "pass", "test_barrier"),
        ("future.result(timeout=5) + 1", "4", "test_comes_later"),
        ("future.set_result(value)", "pass", "test_future"),
        ("submit(function, value).result()", "submit(function, value)", "test_pool"),
    ],
)
async def test_what_does_without_them_fails(
    right: str, wrong: str, test: str, grade_suite: Grade
) -> None:
    verdict = await grade_suite(CODE.replace(right, wrong), TESTS, module="answer")

    assert [row.name for row in verdict.tests if row.status != "passed"] == [test]


CONDITION = """
import threading

def test_condition():
    free, seen = threading.Condition(), []
    thread = threading.Thread(target=meet, args=(free, seen, "a"))
    thread.start()
    thread.join()
    assert seen == ["a", "a"]
"""


async def test_what_a_thread_of_a_test_cannot_hand_over_is_told_to_its_author(
    grade: Grade, grade_suite: Grade
) -> None:
    tests = as_tests(CONDITION + "test_condition()\n", visible="hidden")
    hidden = await grade(CODE, tests, objects=True)
    opened = await grade_suite(CODE, "from answer import *\n" + CONDITION, module="answer")

    words = "a test cannot hand a Condition to the student's code"
    assert (hidden.reason, words in hidden.message) == ("bad_tests", True), hidden
    assert [(row.status, words in row.message) for row in opened.tests] == [("error", True)]
