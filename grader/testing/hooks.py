"""Hooks of a `conftest.py` around the tests: their order and marks, and what comes before each."""

from __future__ import annotations

import contextlib
import inspect
import types
import unittest
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from grader.testing.exception_info import ExceptionInfo
from grader.testing.faults import BadTests, line_of, told
from grader.testing.pytest_shim import ExpectedFailure, Skipped, UsageError
from grader.verdicts.outcome import trace_of

if TYPE_CHECKING:
    from grader.testing.items import Item

FILE = "conftest.py"
MODIFY = "pytest_collection_modifyitems"
#: They add tests, or run them in another way: without them other things would be checked.
_REFUSED = (
    *("pytest_collect_directory", "pytest_collect_file", "pytest_pycollect_makeitem"),
    *("pytest_pycollect_makemodule", "pytest_runtest_protocol", "pytest_runtestloop"),
    "pytest_pyfunc_call",
)
_OF_TESTS = frozenset(
    {"pytest_runtest_setup", "pytest_runtest_call", "pytest_runtest_teardown"}
    | {"pytest_runtest_makereport"}
)


def refuse_unknown(names: dict[str, Any]) -> None:
    """Raises BadTests for what would be ignored without a word."""
    for name in _REFUSED:
        code = getattr(names.get(name), "__code__", None)
        if code is not None:
            reason = f"the grader does not call {name}: write it as a fixture with autouse=True"
            raise BadTests(FILE, code.co_firstlineno, reason)


def call(hook: Callable[..., Any] | None, given: dict[str, Any]) -> Any:
    """With those of the values that it has parameters for."""
    if hook is None:
        return None
    accepted = inspect.signature(hook).parameters
    return hook(**{name: value for name, value in given.items() if name in accepted})


class Hooks:
    """Those that are called around each test."""

    def __init__(self, names: dict[str, Any]) -> None:
        """`names`: of the `conftest.py`."""
        self._names = names
        self.any = not _OF_TESTS.isdisjoint(names)

    def phase(self, when: str, item: Item) -> contextlib.AbstractContextManager[Any]:
        """`when`: "setup", "call" or "teardown"."""
        return self._phase(when, item) if self.any else contextlib.nullcontext()

    @contextlib.contextmanager
    def _phase(self, when: str, item: Item) -> Iterator[None]:
        about = types.SimpleNamespace(when=when, excinfo=None, start=0.0, stop=0.0, duration=0.0)
        try:
            with self._around(f"pytest_runtest_{when}", item):
                yield
        except (Exception, Skipped, ExpectedFailure) as error:
            about.excinfo = ExceptionInfo()
            about.excinfo._error = error
            self._report(about, item)
            raise
        self._report(about, item)

    @contextlib.contextmanager
    def _around(self, name: str, item: Item) -> Iterator[None]:
        hook = self._names.get(name)
        steps = _told(name, lambda: call(hook, {"item": item, "nextitem": None}))
        if not inspect.isgenerator(steps):
            yield
            return
        _told(name, lambda: next(steps, None))
        try:
            yield
        except (Exception, Skipped, ExpectedFailure) as error:
            raised = Result(None, error)
            _told(name, lambda: _end(hook, steps, raised))
            raise
        _told(name, lambda: _end(hook, steps, Result(None)))

    def _report(self, about: Any, item: Item) -> None:
        """What a report is made for is not here; what it notes on the test may be asked later."""
        hook = self._names.get("pytest_runtest_makereport")
        with contextlib.suppress(Exception):
            steps = call(hook, {"item": item, "call": about})
            if inspect.isgenerator(steps):
                next(steps)
                _end(hook, steps, Result(Report(about, item)))


class Result:
    """What a hook that wraps the others is given at its `yield`."""

    def __init__(self, value: Any, error: BaseException | None = None) -> None:
        self._value, self.exception = value, error
        self.excinfo = None if error is None else (type(error), error, error.__traceback__)

    def get_result(self) -> Any:
        if self.exception is not None:
            raise self.exception
        return self._value

    def force_result(self, value: Any) -> None:
        """The verdict is made of what the test did."""


class Report:
    def __init__(self, about: Any, item: Item) -> None:
        error = None if about.excinfo is None else about.excinfo.value
        self.when, self.nodeid, self.keywords = about.when, item.nodeid, item.keywords
        self.location, self.longrepr = item.location, about.excinfo
        self.skipped = isinstance(error, Skipped | ExpectedFailure | unittest.SkipTest)
        self.passed, self.failed = error is None, error is not None and not self.skipped
        self.outcome = "passed" if self.passed else "skipped" if self.skipped else "failed"
        self.longreprtext = "" if error is None else about.excinfo.exconly()
        self.sections: list[Any] = []
        self.duration, self.user_properties = 0.0, item.user_properties


def _end(hook: Any, steps: Any, result: Result) -> None:
    """`wrapper=True` is given the value itself, `hookwrapper=True` what holds it."""
    plain = getattr(hook, "pytest_impl", {}).get("wrapper", False)
    try:
        if not plain:
            steps.send(result)
        elif result.exception is not None:
            steps.throw(result.exception)
        else:
            steps.send(result.get_result())
    except StopIteration:
        return
    except BaseException as error:
        if error is not result.exception:  # else it is the test's, which the hook has let through
            raise


def _told(name: str, work: Callable[[], Any]) -> Any:
    """An error of the hook itself is its author's; that a test fails or is skipped may be said."""
    try:
        return work()
    except (AssertionError, UsageError):
        raise
    except Exception as error:
        line = line_of(error, FILE)
        if trace_of(error) is not None or line is None:
            raise
        fault = UsageError(f"{name}: {told(error)}")
        fault.file, fault.line = FILE, line
        raise fault from None


def modified(names: dict[str, Any], config: Any, items: list[Item]) -> list[Item]:
    """In the order, and with the marks, that `pytest_collection_modifyitems` gives them."""
    hook = names.get(MODIFY)
    session = types.SimpleNamespace(config=config, items=items, testscollected=len(items))
    steps = call(hook, {"session": session, "config": config, "items": items})
    if inspect.isgenerator(steps):
        for _ in steps:
            """The others, which it wraps, change nothing."""
    if not items:
        raise UsageError(f"{MODIFY} leaves no test")
    return items
