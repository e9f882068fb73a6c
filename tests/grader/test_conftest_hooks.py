"""Hooks of a `conftest.py`: the order of tests, their marks, and what comes before each of them."""

from __future__ import annotations

import pytest

from grader.protocol import Verdict
from tests.grader.conftest import Grade

CODE = "SAID = []\ndef say(x):\n    SAID.append(x)\n    return list(SAID)\ndef one(): return 1\n"

ORDER = """
import pytest
def pytest_sessionstart(session):
    session.config.seen = []
def pytest_collection_modifyitems(session, config, items):
    items.sort(key=lambda item: item.get_closest_marker("order").args[0])
    left_out = [item for item in items if "other" in item.keywords]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
    for item in items:
        if item.name.endswith("_late") and not config.getoption("--late", default=False):
            item.add_marker(pytest.mark.skip(reason="is late"))
        if "known" in item.nodeid:
            item.add_marker(pytest.mark.xfail(reason="is known"))
        if item.cls is not None and item.cls.__name__ == "TestCases":
            item.add_marker("usual")
"""
ORDERED = """
import pytest, unittest
@pytest.mark.order(3)
def test_third(): assert say(3) == [2, 3]
@pytest.mark.order(4)
@pytest.mark.other
def test_other(): assert False
@pytest.mark.order(2)
@pytest.mark.parametrize("x", [2])
def test_second(x): assert say(x) == [2]
@pytest.mark.order(5)
def test_late(): assert say(0) == 0
@pytest.mark.order(6)
def test_known(request):
    assert request.node.get_closest_marker("xfail").kwargs["reason"] == "is known"
    assert one() == 2
@pytest.mark.order(9)
class TestCases(unittest.TestCase):
    def test_late(self): assert say(0) == 0
    def test_known(self): assert one() == 3
"""


def told(verdict: Verdict) -> list[tuple[str, str, str]]:
    return [(test.name, test.status, test.message) for test in verdict.tests]


async def test_the_order_and_the_marks_that_it_gives_are_those_of_the_tests(
    grade_suite: Grade,
) -> None:
    verdict = await grade_suite(CODE, ORDERED, test_modules={"conftest": ORDER})

    assert told(verdict) == [
        ("TestCases.test_known", "not_run", "Skipped: expected to fail"),
        ("TestCases.test_late", "not_run", "Skipped: is late"),
        ("test_second[2]", "passed", ""),
        ("test_third", "passed", ""),
        ("test_late", "not_run", "Skipped: is late"),
        ("test_known", "not_run", "Skipped: expected to fail: is known"),
    ]


AROUND = """
import pytest
def pytest_runtest_setup(item):
    for mark in item.iter_markers(name="needs"):
        if mark.args[0] == "network":
            pytest.skip("needs the network")
    before = getattr(item.parent, "failed_before", None)
    if before is not None and "incremental" in item.keywords:
        pytest.xfail(f"{before} failed before")
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    setattr(item, "rep_" + report.when, report)
    if "incremental" in item.keywords and call.excinfo is not None and report.failed:
        item.parent.failed_before = item.originalname
@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    item.config.depth = 1
    result = yield
    item.config.depth = 0
    return result
@pytest.fixture
def noted(request):
    yield
    assert request.node.rep_setup.passed
    request.config.noted = (request.node.rep_call.failed, request.node.name)
"""
SET_UP = """
import pytest, unittest
@pytest.mark.needs("network")
def test_network(): assert one() == 2
def test_fails(noted): assert one() == 2
def test_was_noted(pytestconfig):
    assert pytestconfig.noted == (True, "test_fails") and pytestconfig.depth == one() == 1
@pytest.mark.incremental
class TestSteps:
    def test_first(self): assert one() == 1
    def test_second(self): assert one() == 2
    def test_third(self): assert one() == 3
class TestCases(unittest.TestCase):
    @pytest.mark.needs("network")
    def test_network(self): assert one() == 2
"""


async def test_what_it_does_before_and_after_a_test_is_done(grade_suite: Grade) -> None:
    verdict = await grade_suite(CODE, SET_UP, test_modules={"conftest": AROUND})

    assert [(name, status) for name, status, _ in told(verdict)] == [
        ("TestCases.test_network", "not_run"),
        ("test_network", "not_run"),
        ("test_fails", "failed"),
        ("test_was_noted", "passed"),
        ("TestSteps.test_first", "passed"),
        ("TestSteps.test_second", "failed"),
        ("TestSteps.test_third", "not_run"),
    ]
    assert verdict.tests[6].message == "Skipped: expected to fail: test_second failed before"


EVERY = """
import pytest
def pytest_configure(config): config.said = []
def note(item, text): item.config.said.append(f"{item.name}: {text}")
def pytest_runtest_setup(item): note(item, "setup")
@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    try: return (yield)
    finally: note(item, "called")
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(item):
    outcome = yield
    outcome.get_result()
    note(item, "torn down")
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    if call.excinfo is not None: note(item, f"{call.when} {call.excinfo.typename}")
    report = (yield).get_result()
    if report.when == "call": note(item, report.outcome)
"""
PHASES = """
import unittest
class TestCases(unittest.IsolatedAsyncioTestCase):
    async def test_async(self): assert one() == 1
    def test_skipped(self): self.skipTest("for now")
    def test_wrong(self): say(1)["a"]
def test_broken(): say(1)["a"]
def test_all(pytestconfig):
    assert one() == 1
    assert pytestconfig.said == [
        "test_async: setup", "test_async: called", "test_async: passed",
        "test_async: torn down",
        "test_skipped: setup", "test_skipped: called", "test_skipped: call SkipTest",
        "test_skipped: skipped", "test_skipped: torn down",
        "test_wrong: setup", "test_wrong: called", "test_wrong: call TypeError",
        "test_wrong: failed", "test_wrong: torn down",
        "test_broken: setup", "test_broken: called", "test_broken: call TypeError",
        "test_broken: failed", "test_broken: torn down", "test_all: setup",
    ]
"""


async def test_each_kind_of_test_has_its_phases_and_its_own_errors(grade_suite: Grade) -> None:
    verdict = await grade_suite(CODE, PHASES, test_modules={"conftest": EVERY})

    assert verdict.status == "partial", verdict
    assert [(name, status) for name, status, _ in told(verdict)] == [
        ("TestCases.test_async", "passed"),
        ("TestCases.test_skipped", "not_run"),
        ("TestCases.test_wrong", "error"),
        ("test_broken", "error"),
        ("test_all", "passed"),
    ]
    assert verdict.tests[3].message.startswith("TypeError: list indices")


@pytest.mark.parametrize(
    ("hook", "reason"),
    [
        (
            "def pytest_pyfunc_call(pyfuncitem):\n    return True\n",
            "conftest.py, line 2: the grader does not call pytest_pyfunc_call",
        ),
        (
            "def pytest_collection_modifyitems(items):\n    items.clear()\n",
            "conftest.py: pytest_collection_modifyitems leaves no test",
        ),
        (
            "def pytest_collection_modifyitems(items):\n    items[0].no_such()\n",
            "conftest.py, line 3: AttributeError: 'Item' object has no attribute 'no_such'",
        ),
        (
            "def pytest_runtest_setup(item):\n    {}[item.name]\n",
            "conftest.py, line 3: pytest_runtest_setup: KeyError: 'test_one'",
        ),
    ],
)
async def test_what_cannot_be_done_is_told_to_the_author(
    grade_suite: Grade, hook: str, reason: str
) -> None:
    test = "def test_one(): assert one() == 1\n"
    verdict = await grade_suite(CODE, test, test_modules={"conftest": f"import pytest\n{hook}"})

    assert (verdict.status, verdict.reason) == ("error", "bad_tests")
    assert reason in verdict.message


MARKED = """
import pytest
@pytest.fixture
def unsure(request): request.applymarker(pytest.mark.xfail(reason="is unsure"))
def test_unsure(unsure): assert one() == 2
def test_one(): assert one() == 1
"""


async def test_a_fixture_may_say_that_its_test_is_expected_to_fail(grade_suite: Grade) -> None:
    verdict = await grade_suite(CODE, MARKED)

    assert told(verdict)[0] == ("test_unsure", "not_run", "Skipped: expected to fail: is unsure")
    assert verdict.points == verdict.max_points == 1
