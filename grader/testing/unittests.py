"""Runs unittest's TestCase classes with unittest's own machinery."""

from __future__ import annotations

import functools
import inspect
import sys
import unittest
from collections.abc import Callable, Iterator
from typing import Any

from grader.testing.case_checks import be_brief
from grader.testing.doctests import Examples
from grader.testing.fixtures import Lasting, Scope
from grader.testing.functions import applies, reason
from grader.testing.hooks import Hooks
from grader.testing.items import Item
from grader.testing.parameters import marks_of
from grader.testing.pytest_shim import ExpectedFailure, Mark, Skipped
from grader.verdicts.outcome import Listener, Outcome


class _Result(unittest.TestResult):
    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._listener = listener
        # Its tests ask for what has been printed so far.
        self.buffer = "tmc.utils" in sys.modules
        self._error: BaseException | None = None
        self._skipped: str | None = None
        self._started = False

    def startTest(self, test: Any) -> None:  # noqa: N802
        super().startTest(test)
        self._error = self._skipped = None
        self._started = True
        self._listener.begin(name(test))

    def stopTest(self, test: Any) -> None:  # noqa: N802
        super().stopTest(test)
        self._started = False
        outcome = Outcome(name(test), self._error, self._skipped)
        self._listener.end(outcome)
        if outcome.fatal:
            self.stop()

    def _record(self, test: Any, error: Any) -> None:
        if isinstance(error[1], Skipped):
            self._skipped = str(error[1])
        elif isinstance(error[1], ExpectedFailure):
            self._skipped = f"expected to fail: {error[1]}"
        elif isinstance(test, unittest.TestCase):
            self._error = self._error or error[1]
        else:
            # A class or module could not be set up: none of its tests starts.
            self._listener.begin(str(test))
            self._listener.end(Outcome(str(test), error[1]))

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        self._record(test, err)

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._record(test, err)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        if err is not None and self._error is None:
            self._error = err[1]
            self._listener.seen(err[1])  # the test goes on, and its names will stand for others

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802
        if not isinstance(test, unittest.TestCase):
            return
        self._skipped = reason
        if not self._started:  # Python 3.12.1 does not start what is skipped
            self._listener.begin(name(test))
            self._listener.end(Outcome(name(test), skipped=reason))

    def addExpectedFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._skipped = "expected to fail"

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
        marks = item.own_markers if (item := vars(test).get(_ITEM)) is not None else []
        lax = [m for m in marks if m.name == "xfail" and not m.kwargs.get("strict", False)]
        if not lax:
            self._error = AssertionError("was expected to fail, and passed")


#: Of a test whose class is known by another name than its own: `TestA, TestB = made(1), made(2)`.
_KNOWN_AS = "__pm_known_as__"
#: Of a test: what the hooks of a `conftest.py` know it by.
_ITEM = "__pm_item__"
#: Of a method: what its author calls it.
SHOWN_AS = "__pm_shown_as__"


def name(test: Any) -> str:
    method = getattr(test, "_testMethodName", None)
    shown = getattr(getattr(type(test), str(method), None), SHOWN_AS, None)
    if type(shown) is str:
        return shown
    kind = vars(test).get(_KNOWN_AS, type(test).__name__)
    known = method != "runTest" or _KNOWN_AS in vars(test)
    return f"{kind}.{method}" if known else test.id()


def own_cases(space: dict[str, Any]) -> dict[type[unittest.TestCase], str]:
    """With the name that the file has for each."""
    found: dict[type[unittest.TestCase], str] = {}
    for bound, value in space.items():
        if _is_own_case(value) and (value not in found or bound == value.__name__):
            found[value] = bound
    return found


def _is_own_case(value: Any) -> bool:
    return (
        isinstance(value, type)
        and issubclass(value, unittest.TestCase)
        and not value.__module__.startswith("unittest")
    )


def find_unittests(cases: dict[type[unittest.TestCase], str], space: dict[str, Any]) -> list[Any]:
    """The tests of these classes, or those that the file's own `load_tests` makes of them."""
    loader = unittest.TestLoader()
    suite = unittest.TestSuite(map(loader.loadTestsFromTestCase, cases))
    if "load_tests" in space:
        suite = space["load_tests"](loader, suite, None)
    tests = list(_flat(suite))
    for test in tests:
        if isinstance(test, Examples):
            test.alone = len(tests) == 1
        known_as = cases.get(type(test))
        if known_as is not None and known_as != type(test).__name__:
            vars(test)[_KNOWN_AS] = known_as
    return tests


def _flat(suite: Any) -> Iterator[Any]:
    if isinstance(suite, unittest.TestSuite):
        for test in suite:
            yield from _flat(test)
    else:
        yield suite


def run_unittests(
    tests: list[Any], lasting: Lasting, listener: Listener, wants: Callable[[str], bool]
) -> None:
    be_brief()
    listener.announce([name(test) for test in tests])
    suite = unittest.TestSuite()
    for test in tests:
        if wants(name(test)):
            _with_fixtures(test, lasting)
            suite.addTest(test)
    suite.run(_Result(listener))
    lasting.finish()


def item_of(test: Any, lasting: Lasting) -> Item:
    """The same one each time."""
    if _ITEM not in vars(test):
        function = getattr(type(test), getattr(test, "_testMethodName", ""), None)
        marks = (*marks_of(lasting.space.get("pytestmark", [])), *_marks(test, function))
        vars(test)[_ITEM] = Item(name(test), function, type(test), lasting, marks)
    item: Item = vars(test)[_ITEM]
    return item


def _with_fixtures(test: Any, lasting: Lasting) -> None:
    """pytest's fixtures and skip marks work in a TestCase too: they come before its `setUp`."""
    item = item_of(test, lasting)
    marks = item.own_markers
    scope = Scope(lasting, test, item.function, item)
    used = [n for mark in marks if mark.name == "usefixtures" for n in mark.args]
    names = [*scope.automatic(), *used]
    skips = [m for m in marks if m.name in ("skip", "skipif") and applies(m, lasting.space)]
    if any(m.name == "xfail" and applies(m, lasting.space) for m in marks):
        vars(test)["__unittest_expecting_failure__"] = True
    if not names and not skips and not lasting.hooks.any:
        return
    own = test.setUp

    def set_up() -> Any:
        if skips:
            raise unittest.SkipTest(reason(skips[0]))
        test.addCleanup(tear_down)
        with lasting.hooks.phase("setup", item):
            scope.fill(names)
            return own()

    def tear_down() -> None:
        with lasting.hooks.phase("teardown", item):
            scope.close()

    test.setUp = set_up
    if lasting.hooks.any:
        _call_in_phase(test, lasting.hooks, item)


def _call_in_phase(test: Any, hooks: Hooks, item: Item) -> None:
    method = getattr(test, test._testMethodName)

    @functools.wraps(method)
    def called() -> Any:
        with hooks.phase("call", item):
            return method()

    @functools.wraps(method)
    async def called_async() -> Any:
        with hooks.phase("call", item):
            return await method()

    own = called_async if inspect.iscoroutinefunction(method) else called
    setattr(test, test._testMethodName, own)


def _marks(test: Any, function: Any) -> list[Mark]:
    places = [*reversed(type(test).__mro__), function]
    return [m for p in places for m in marks_of(getattr(p, "__dict__", {}).get("pytestmark", []))]
