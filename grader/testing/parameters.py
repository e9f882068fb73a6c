"""One test becomes several: `parametrize` marks, and fixtures with `params`."""

from __future__ import annotations

import enum
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from grader.testing.fixture_request import wanted
from grader.testing.fixtures import Scope
from grader.testing.pytest_shim import Fixture, Mark, Param, UsageError

_MAX_LABEL = 80


@dataclass(frozen=True)
class Choice:
    """One row of one `parametrize`, or one parameter of a fixture."""

    label: str
    direct: dict[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()


def marks_of(value: Any) -> list[Mark]:
    many = value if isinstance(value, list | tuple) else [value]
    return [mark for mark in many if isinstance(mark, Mark)]


def combinations(
    function: Any, marks: tuple[Mark, ...], scope: Scope, extra: list[Mark]
) -> Iterator[Choice]:
    """Every combination of all parameters; one empty choice where there are none."""
    axes = [_axis(mark) for mark in (*extra, *reversed(marks)) if mark.name == "parametrize"]
    used = [name for mark in marks if mark.name == "usefixtures" for name in mark.args]
    given = {name for axis in axes for choice in axis for name in (*choice.direct, *choice.params)}
    names = [*scope.automatic(), *used, *wanted(function)]
    closure = scope.closure(name for name in names if name not in given)
    # The parameters of fixtures come before those of marks, also in the name of the test.
    of_fixtures = [
        _fixture_axis(name, fixture)
        for name, fixture in closure.items()
        if fixture.params is not None and name not in given
    ]
    axes = [*of_fixtures, *axes]
    seen: dict[str, int] = {}
    for combination in itertools.product(*axes):
        label = "-".join(choice.label for choice in combination)[:_MAX_LABEL]
        seen[label] = seen.get(label, 0) + 1
        merged = Choice(label if seen[label] == 1 else f"{label}_{seen[label]}")
        extra_marks: list[Mark] = []
        for choice in combination:
            merged.direct.update(choice.direct)
            merged.params.update(choice.params)
            extra_marks += choice.marks
        yield Choice(merged.label, merged.direct, merged.params, tuple(extra_marks))


def _axis(mark: Mark) -> list[Choice]:
    names = mark.args[0] if mark.args else mark.kwargs["argnames"]
    rows = mark.args[1] if len(mark.args) > 1 else mark.kwargs.get("argvalues")
    if not isinstance(rows, Iterable):
        raise UsageError("parametrize: after the names comes a list of values")
    rows = list(rows)
    indirect = mark.kwargs.get("indirect", mark.args[2] if len(mark.args) > 2 else False)
    ids = mark.kwargs.get("ids")
    # `("word",)` is told from `"word"`: its rows are as long as it is.
    alone = isinstance(names, str)
    if isinstance(names, str):
        names = [name.strip() for name in names.split(",") if name.strip()]
    alone = alone and len(names) == 1
    through = set(names) if indirect is True else set(indirect or ())
    ids = list(ids) if ids is not None and not callable(ids) else ids
    if isinstance(ids, list) and len(ids) != len(rows):
        raise UsageError(f"parametrize: {len(rows)} rows, {len(ids)} ids")
    if alone:
        rows = [row if isinstance(row, Param) else (row,) for row in rows]
    elif len(names) == 1:
        rows = [row if isinstance(row, Param | tuple | list) else (row,) for row in rows]
    axis = [_row(list(names), row, index, ids, through) for index, row in enumerate(rows)]
    if not axis:
        skip = Mark("skip", (), {"reason": "got an empty parameter set"})
        return [Choice("NOTSET", dict.fromkeys(names), {}, (skip,))]
    return _told_apart(axis)


def _told_apart(axis: list[Choice]) -> list[Choice]:
    """Rows with the same name are numbered, as pytest does it."""
    many = {label for label, n in Counter(row.label for row in axis).items() if n > 1}
    if not many:
        return axis
    taken = {row.label for row in axis}
    told = []
    for row in axis:
        if row.label in many:
            between = "_" if row.label[-1:].isdigit() else ""
            names = (f"{row.label}{between}{number}" for number in itertools.count())
            row = replace(row, label=next(name for name in names if name not in taken))
            taken.add(row.label)
        told.append(row)
    return told


def _row(names: list[str], row: Any, index: int, ids: Any, through: set[str]) -> Choice:
    given = row if isinstance(row, Param) else None
    values = given.values if given is not None else tuple(row)
    if len(values) != len(names):
        raise UsageError(
            f"parametrize: {len(names)} names ({', '.join(names)}), {len(values)} values"
        )
    pairs = dict(zip(names, values, strict=True))
    label = given.id if given is not None and given.id else _label(ids, index, pairs)
    return Choice(
        label,
        {name: value for name, value in pairs.items() if name not in through},
        {name: value for name, value in pairs.items() if name in through},
        tuple(marks_of(given.marks)) if given is not None else (),
    )


#: Characters that would tear a name: line breaks and their like.
_UNSEEN = {code: ascii(chr(code))[1:-1] for code in (*range(32), 127)}


def _label(ids: Any, index: int, pairs: dict[str, Any]) -> str:
    if ids is not None and not callable(ids) and ids[index] is not None:
        return str(ids[index]).translate(_UNSEEN)
    parts = []
    for name, value in pairs.items():
        told = ids(value) if callable(ids) else None
        parts.append(str(told) if told is not None else _text(value, f"{name}{index}"))
    return "-".join(parts).translate(_UNSEEN)


def _text(value: Any, otherwise: str) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii", "backslashreplace")
    if isinstance(value, str):
        return value.encode("unicode_escape").decode()
    if isinstance(value, int | float | bool | complex) or value is None:
        return str(value)
    if isinstance(value, re.Pattern):
        return str(value.pattern)
    if isinstance(value, enum.Enum):
        return str(value)
    name = getattr(value, "__name__", None) if callable(value) else None
    return name if isinstance(name, str) else otherwise


def _fixture_axis(name: str, fixture: Fixture) -> list[Choice]:
    choices = []
    for index, row in enumerate(fixture.params or []):
        value = row.values[0] if isinstance(row, Param) else row
        label = row.id if isinstance(row, Param) and row.id else None
        marks = tuple(marks_of(row.marks)) if isinstance(row, Param) else ()
        label = label or _label(fixture.ids, index, {name: value})
        choices.append(Choice(label, {}, {name: value}, marks))
    return _told_apart(choices)


class Metafunc:
    """What `pytest_generate_tests` is given."""

    def __init__(self, function: Any, owner: type | None) -> None:
        self.function, self.cls = function, owner
        self.fixturenames = wanted(function)
        self.marks: list[Mark] = []

    def parametrize(self, *args: Any, **kwargs: Any) -> None:
        self.marks.append(Mark("parametrize", args, kwargs))
