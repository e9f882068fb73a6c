"""pytest-style tests: functions and classes, with parameters, marks and fixtures."""

from __future__ import annotations

import inspect
import types
import unittest
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from grader.testing.faults import line_of
from grader.testing.filters import filtered
from grader.testing.fixture_request import wanted
from grader.testing.fixtures import Lasting, Scope
from grader.testing.items import Item
from grader.testing.parameters import Choice, Metafunc, combinations, marks_of
from grader.testing.pytest_shim import Mark, Skipped, UsageError
from grader.verdicts.outcome import Outcome, attempt


@dataclass(frozen=True)
class FunctionCase:
    name: str
    function: Callable[..., Any]
    owner: type | None
    lasting: Lasting
    item: Item
    choice: Choice
    #: "static" or "class" where the method is one of these.
    binding: str = ""

    def run(self) -> Outcome:
        expected = self._expected()
        if expected is not None and not expected.kwargs.get("run", True):
            return Outcome(self.name, skipped=f"expected to fail: {reason(expected)}")
        outcome = attempt(self.name, self._run)
        expected = self._expected()  # the test, or a fixture, may have said so
        if isinstance(outcome.error, UsageError) and outcome.error.line is None:
            code = inspect.unwrap(self.function).__code__
            outcome.error.line = line_of(outcome.error, code.co_filename) or code.co_firstlineno
        if expected is None or outcome.fatal or outcome.skipped is not None:
            return outcome
        if outcome.error is None:
            strict = expected.kwargs.get("strict", False)
            error = AssertionError(f"was expected to fail, and passed: {reason(expected)}")
            return Outcome(self.name, error) if strict else outcome
        if not isinstance(outcome.error, expected.kwargs.get("raises") or BaseException):
            return outcome
        return Outcome(self.name, skipped=f"expected to fail: {reason(expected)}")

    def finish(self) -> None:
        self.lasting.finish()

    def _expected(self) -> Mark | None:
        marks = self.item.own_markers
        return next((m for m in marks if m.name == "xfail" and self._applies(m)), None)

    def _run(self) -> None:
        for mark in self.item.own_markers:
            if mark.name in ("skip", "skipif") and self._applies(mark):
                raise Skipped(reason(mark))
        instance = self.owner() if self.owner else None
        scope = Scope(self.lasting, instance, self.function, self.item)
        scope.direct.update(self.choice.direct)
        scope.params.update(self.choice.params)
        with filtered(self.item.own_markers):
            self._run_phases(scope, instance)

    def _run_phases(self, scope: Scope, instance: Any) -> None:
        phase = self.lasting.hooks.phase
        try:
            with phase("setup", self.item):
                self._set_up(scope, instance)
            with phase("call", self.item):
                self._call(scope, instance)
        finally:
            with phase("teardown", self.item):
                scope.close()

    def _set_up(self, scope: Scope, instance: Any) -> None:
        self.lasting.enter(self.owner)
        scope.fill(scope.automatic())
        self._hook("setup_function", "setup_method", instance)
        scope.exits.callback(self._hook, "teardown_function", "teardown_method", instance)
        for mark in self.item.own_markers:
            scope.fill(mark.args if mark.name == "usefixtures" else ())
        scope.arguments = scope.fill(self._wanted())

    def _wanted(self) -> list[str]:
        bound = self.owner is not None and self.binding != "static"
        return wanted(self.function)[1 if bound else 0 :]

    def _call(self, scope: Scope, instance: Any) -> None:
        function: Any = self.function
        if self.owner is not None and self.binding != "static":
            function = types.MethodType(function, self.owner if self.binding else instance)
        accepted = inspect.signature(function).parameters
        arguments = scope.arguments | {n: v for n, v in self.choice.direct.items() if n in accepted}
        result = function(**arguments)
        if inspect.iscoroutine(result):
            self.lasting.await_(result)
        elif inspect.isgenerator(result):
            raise UsageError("a test does not yield: nothing of it has run")

    def _hook(self, of_module: str, of_class: str, instance: Any) -> None:
        hook = getattr(instance, of_class, None) if instance else self.lasting.space.get(of_module)
        if hook is not None:
            hook(*([self.function] if inspect.signature(hook).parameters else []))

    def _applies(self, mark: Mark) -> bool:
        return applies(mark, self.lasting.space)


def applies(mark: Mark, space: dict[str, Any]) -> bool:
    """Whether the conditions of a skip, skipif or xfail mark hold."""
    if mark.name == "skip":
        return True
    conditions = list(mark.args)
    if "condition" in mark.kwargs:
        conditions.append(mark.kwargs["condition"])
    return all(_holds(condition, space) for condition in conditions)


def _holds(condition: Any, space: dict[str, Any]) -> bool:
    if not isinstance(condition, str):
        return bool(condition)
    try:
        return bool(eval(condition, dict(space)))  # noqa: S307 - the author's own condition
    except (SyntaxError, NameError):
        return True  # a reason, where a condition may stand


def reason(mark: Mark) -> str:
    text = mark.kwargs.get("reason") or next((a for a in mark.args if isinstance(a, str)), "")
    return str(text)


def function_cases(space: dict[str, Any], shared: dict[str, Any]) -> Iterator[FunctionCase]:
    """The tests of a file; `shared` holds the names of the `conftest.py` beside it."""
    lasting = Lasting(space, shared)
    module_marks = marks_of(space.get("pytestmark", []))[::-1]
    for name, value in list(space.items()):
        if isinstance(value, types.FunctionType) and name.startswith("test"):
            if getattr(value, "__test__", True):
                yield from _expand(name, value, None, lasting, [*module_marks, *_marks(value)])
        elif _is_test_class(name, value):
            yield from _class_cases(name, value, lasting, module_marks)


def _class_cases(
    name: str, kind: type, lasting: Lasting, outer: list[Mark]
) -> Iterator[FunctionCase]:
    inherited = [mark for base in reversed(kind.__mro__) for mark in _marks(base)]
    marks = [*outer, *inherited]
    for method, (function, binding) in _methods(kind).items():
        all_marks = [*marks, *_marks(function)]
        yield from _expand(f"{name}.{method}", function, kind, lasting, all_marks, binding)
    for inner, value in vars(kind).items():
        if _is_test_class(inner, value):
            yield from _class_cases(f"{name}.{inner}", value, lasting, marks)


def _is_test_class(name: str, value: Any) -> bool:
    return (
        isinstance(value, type)
        and not hasattr(value, "__remote__")
        and (name.startswith("Test") or getattr(value, "__test__", False) is True)
        and not issubclass(value, unittest.TestCase)
        and value.__init__ is object.__init__
        and getattr(value, "__test__", True) is True
    )


def _methods(kind: type) -> dict[str, tuple[Any, str]]:
    found: dict[str, tuple[Any, str]] = {}
    for owner in reversed(kind.__mro__):
        for name, value in vars(owner).items():
            if not name.startswith("test"):
                continue
            if isinstance(value, types.FunctionType):
                found[name] = (value, "")
            elif isinstance(value, staticmethod):
                found[name] = (value.__func__, "static")
            elif isinstance(value, classmethod):
                found[name] = (value.__func__, "class")
            else:
                found.pop(name, None)
    return found


def _marks(value: Any) -> list[Mark]:
    # By its own dict: what a base class is marked with is collected from the base.
    return marks_of(getattr(value, "__dict__", {}).get("pytestmark", []))[::-1]


def _expand(
    name: str,
    function: Any,
    owner: type | None,
    lasting: Lasting,
    marks: list[Mark],
    binding: str = "",
) -> Iterator[FunctionCase]:
    """One case for each combination of parameters, of marks and of fixtures."""
    metafunc = Metafunc(function, owner)
    for names in (lasting.shared, lasting.space):
        if "pytest_generate_tests" in names:
            names["pytest_generate_tests"](metafunc)
    instance = owner() if owner is not None else None
    scope = Scope(lasting, instance)
    try:
        choices = list(combinations(function, tuple(marks), scope, metafunc.marks))
    except UsageError as error:
        error.line = inspect.unwrap(function).__code__.co_firstlineno
        raise
    for choice in choices:
        label = f"{name}[{choice.label}]" if choice.label else name
        all_marks = (*marks, *choice.marks)
        item = Item(label, function, owner, lasting, all_marks, choice)
        yield FunctionCase(label, function, owner, lasting, item, choice, binding)
