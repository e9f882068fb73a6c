"""pytest-style tests: functions and classes, with parameters, marks and fixtures."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import types
import unittest
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from grader.fixtures import Lasting, Scope
from grader.outcome import Outcome, attempt
from grader.pytest_shim import Fixture, Mark, Param, Skipped, UsageError


@dataclass(frozen=True)
class FunctionCase:
    name: str
    function: Callable[..., Any]
    owner: type | None
    space: dict[str, Any]
    lasting: Lasting
    marks: tuple[Mark, ...]
    values: dict[str, Any] = field(default_factory=dict)
    indirect: frozenset[str] = frozenset()

    def run(self) -> Outcome:
        outcome = attempt(self.name, self._run)
        expected = next((m for m in self.marks if m.name == "xfail" and _applies(m)), None)
        if expected is not None and outcome.error is not None and not outcome.fatal:
            return Outcome(self.name, skipped=f"expected to fail: {_reason(expected)}")
        return outcome

    def finish(self) -> None:
        self.lasting.exits.close()

    def _run(self) -> None:
        for mark in self.marks:
            if mark.name in ("skip", "skipif") and _applies(mark):
                raise Skipped(_reason(mark))
        instance = self.owner() if self.owner else None
        scope = Scope(self.space, self.lasting, instance)
        scope.parameters.update(self.values)
        function = types.MethodType(self.function, instance) if instance else self.function
        try:
            self._hook("setup_function", "setup_method", instance)
            scope.use_automatic()
            for mark in self.marks:
                for name in mark.args if mark.name == "usefixtures" else ():
                    scope.get(name)
            wanted = inspect.signature(function).parameters
            direct = {
                n: v for n, v in self.values.items() if n in wanted and n not in self.indirect
            }
            scope.parameters = {**self.values}
            arguments = {
                n: scope.get(n)
                for n, p in wanted.items()
                if n not in direct and p.default is inspect.Parameter.empty
            }
            result = function(**arguments, **direct)
            if inspect.iscoroutine(result):
                asyncio.run(result)
        finally:
            scope.close()
            self._hook("teardown_function", "teardown_method", instance)

    def _hook(self, of_module: str, of_class: str, instance: Any) -> None:
        hook = getattr(instance, of_class, None) if instance else self.space.get(of_module)
        if hook is not None:
            hook(*([self.function] if inspect.signature(hook).parameters else []))


def _applies(mark: Mark) -> bool:
    conditions = [a for a in mark.args if not isinstance(a, str)]
    if "condition" in mark.kwargs:
        conditions.append(mark.kwargs["condition"])
    return all(bool(c) for c in conditions)


def _reason(mark: Mark) -> str:
    text = mark.kwargs.get("reason") or next((a for a in mark.args if isinstance(a, str)), "")
    return str(text)


def function_cases(space: dict[str, Any]) -> Iterator[FunctionCase]:
    lasting = Lasting()
    module_marks = _marks_of(space.get("pytestmark", []))
    for name, value in list(space.items()):
        if isinstance(value, types.FunctionType) and name.startswith("test"):
            marks = (*module_marks, *_marks(value))
            yield from _expand(FunctionCase(name, value, None, space, lasting, marks))
        elif _is_test_class(name, value):
            yield from _class_cases(name, value, space, lasting, module_marks)


def _class_cases(
    name: str, kind: type, space: dict[str, Any], lasting: Lasting, outer: list[Mark]
) -> Iterator[FunctionCase]:
    marks = [*outer, *_marks(kind)]
    for method in _methods(kind):
        function = getattr(kind, method)
        all_marks = (*marks, *_marks(function))
        case = FunctionCase(f"{name}.{method}", function, kind, space, lasting, all_marks)
        yield from _expand(case)
    for inner, value in vars(kind).items():
        if _is_test_class(inner, value):
            yield from _class_cases(f"{name}.{inner}", value, space, lasting, marks)


def _is_test_class(name: str, value: Any) -> bool:
    return (
        type(value) is type and name.startswith("Test") and not issubclass(value, unittest.TestCase)
    )


def _methods(kind: type) -> list[str]:
    seen: dict[str, None] = {}
    for owner in reversed(kind.__mro__):
        for name, value in vars(owner).items():
            if name.startswith("test") and isinstance(value, types.FunctionType):
                seen[name] = None
    return list(seen)


def _marks(value: Any) -> list[Mark]:
    return _marks_of(getattr(value, "pytestmark", []))


def _marks_of(value: Any) -> list[Mark]:
    many = value if isinstance(value, list | tuple) else [value]
    return [mark for mark in many if isinstance(mark, Mark)]


def _expand(case: FunctionCase) -> Iterator[FunctionCase]:
    """One case for each combination of parameters, of marks and of fixtures."""
    axes = [_axis(mark) for mark in reversed(case.marks) if mark.name == "parametrize"]
    axes += [_fixture_axis(name, f) for name, f in _fixtures_with_params(case)]
    if not axes:
        yield case
        return
    for combination in itertools.product(*axes):
        label = "-".join(part[0] for part in combination)
        values: dict[str, Any] = {}
        marks = list(case.marks)
        indirect: set[str] = set()
        for _, some, extra, through in combination:
            values.update(some)
            marks.extend(_marks_of(extra))
            indirect |= through
        yield replace(
            case,
            name=f"{case.name}[{label}]",
            values=values,
            marks=tuple(marks),
            indirect=frozenset(indirect),
        )


_Axis = list[tuple[str, dict[str, Any], Any, set[str]]]


def _axis(mark: Mark) -> _Axis:
    names = mark.args[0] if mark.args else mark.kwargs["argnames"]
    rows = mark.args[1] if len(mark.args) > 1 else mark.kwargs["argvalues"]
    ids = mark.kwargs.get("ids") or (mark.args[2] if len(mark.args) > 2 else None)
    indirect = mark.kwargs.get("indirect", False)
    if isinstance(names, str):
        names = [name.strip() for name in names.split(",") if name.strip()]
    through = set(names) if indirect is True else set(indirect or ())
    axis: _Axis = []
    for index, row in enumerate(rows):
        given = row if isinstance(row, Param) else None
        values = tuple(row) if len(names) > 1 and given is None else (row,)
        values = values if given is None else given.values
        if len(values) != len(names):
            raise UsageError(f"parametrize: {len(names)} names, {len(values)} values")
        label = given.id if given is not None and given.id else _label(ids, index, values)
        pairs = dict(zip(names, values, strict=True))
        axis.append((label, pairs, given.marks if given else (), through))
    return axis


def _label(ids: Any, index: int, values: tuple[Any, ...]) -> str:
    if callable(ids):
        return "-".join(str(ids(value)) for value in values)
    if ids is not None:
        return str(list(ids)[index])
    simple = all(isinstance(v, str | int | float | bool) or v is None for v in values)
    return "-".join(str(v) for v in values)[:60] if simple else str(index)


def _fixtures_with_params(case: FunctionCase) -> list[tuple[str, Fixture]]:
    found: dict[str, Fixture] = {}
    scope = Scope(case.space, case.lasting)

    def visit(function: Any) -> None:
        for name in inspect.signature(function).parameters:
            fixture = scope.find(name)
            if fixture is not None and name not in found:
                if fixture.params:
                    found[name] = fixture
                visit(fixture.function)

    visit(case.function)
    return list(found.items())


def _fixture_axis(name: str, fixture: Fixture) -> _Axis:
    params = fixture.params or []
    return [(_label(None, i, (p,)), {name: p}, (), {name}) for i, p in enumerate(params)]
