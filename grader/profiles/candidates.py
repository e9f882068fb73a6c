"""Thinks of changes to the calls of a test that may make it fail.

First choice are values that other calls of the same thing have in these tests: they are valid, and
nothing about them looks unlike a test. Where they differ in most places they come first, so that
the changed object is another one by any sensible notion of being equal.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import fractions
import itertools
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from grader.profiles.control import ALIKE, APART, Control

_MOST = 40
_MOST_CHANGED = 24
#: Calls of one thing whose values are tried in each other's place.
_MOST_DONORS = 60
_NUMBERS = (int, float, complex, decimal.Decimal, fractions.Fraction)
_SEQUENCES = (str, bytes, list, tuple)

Values = Mapping[int | str, Any]


def candidates(calls: Mapping[str, Sequence[Control]], row: str) -> list[Control]:
    """For one test, of the calls that all tests make; the last calls of the test come first."""
    ways = [changes for _, changes in changes_by_call(calls, row)]
    return list(itertools.islice(in_turn(ways), _MOST))


def changes_by_call(
    calls: Mapping[str, Sequence[Control]], row: str
) -> list[tuple[Control, Iterator[Control]]]:
    donors: dict[str, list[Values]] = {}
    for call in itertools.chain.from_iterable(calls.values()):
        donors.setdefault(call.called, []).append(call.values)
    # Another one for each test: a value that comes in each could be told by that.
    order = random.Random(row)  # noqa: S311 - no secret
    for some in donors.values():
        order.shuffle(some)
        del some[_MOST_DONORS:]
    own = reversed(calls.get(row, ()))
    return [(call, _of_call(call, donors[call.called])) for call in own]


def changed_objects(
    compared: Sequence[tuple[str, int, list[str]]], methods: Mapping[str, Sequence[Control]]
) -> list[Control]:
    """One of two compared objects is changed just before: `q.copy() == q` holds no other value."""
    ways = [
        _changes_before(place, turn, [methods.get(name, ()) for name in names])
        for place, turn, names in reversed(compared)
    ]
    return list(itertools.islice(in_turn(ways), _MOST_CHANGED))


def _changes_before(place: str, turn: int, methods: list[Sequence[Control]]) -> Iterator[Control]:
    """First this operand, then that one: code that notices only its own changes is not enough."""
    for some in itertools.zip_longest(*methods):
        for index, call in enumerate(some):
            if call is not None and call.before is not None:
                yield Control(place, turn, call.values, (call.before[0], index))


def both_sides(changed: Sequence[Control]) -> list[Control]:
    """For code that notices the call of a method, by calls of it on one of two operands.

    What is changed alike has to stay equal, and what is changed in two ways has to be unequal, even
    where the number of calls is all that it looks at.
    """
    one = changed[0]
    name, _ = one.before or ("", 0)
    alike = dataclasses.replace(one, before=(name, ALIKE))
    by_position = {*range(len(one.values))}
    for other in changed[1:]:
        same = other.before is not None and other.before[0] == name
        keys = one.values.keys() == other.values.keys() == by_position
        if same and keys and not _same(one.values, other.values):
            given: Values = dict(enumerate([*one.values.values(), *other.values.values()]))
            return [alike, dataclasses.replace(one, values=given, before=(name, APART))]
    return [alike]


def in_turn(ways: Iterable[Iterable[Any]]) -> Iterator[Any]:
    """The first of each, then the second ones."""
    for some in itertools.zip_longest(*ways):
        yield from (one for one in some if one is not None)


def _one_changed(values: Values, donors: list[Values]) -> Iterator[Values]:
    if len(values) > 1:
        for donor in donors:
            for key in values:
                if type(donor[key]) is type(values[key]):
                    yield {**values, key: donor[key]}


def _of_call(call: Control, donors: list[Values]) -> Iterator[Control]:
    alike = [values for values in donors if values.keys() == call.values.keys()]
    alike.sort(key=lambda values: -_distance(values, call.values))
    tried: list[Values] = [call.values]
    # Then one value alone, which looks as valid as all; and near misses, by which an answer that
    # is only plausible is wrong.
    ways = [alike, _one_changed(call.values, alike), _altered(call.values)]
    for values in in_turn(ways):
        if not any(_same(values, other) for other in tried):
            tried.append(values)
            yield dataclasses.replace(call, values=values)


def _same(one: Values, other: Values) -> bool:
    return _distance(one, other) == 0


def _distance(one: Values, other: Values) -> int:
    return sum(
        type(one[key]) is not type(other[key]) or _differ(one[key], other[key]) for key in one
    )


def _differ(one: Any, other: Any) -> bool:
    return repr(one) != repr(other)  # arrays and frames compare item by item


def _altered(values: Values) -> Iterator[Values]:
    changed = {key: new for key, value in values.items() if (new := _another(value)) is not None}
    if changed:
        yield {**values, **changed}
    if len(changed) > 1:
        for key, new in changed.items():
            yield {**values, key: new}


def _another(value: Any) -> Any:
    kind = type(value)
    if kind is bool:
        return not value
    if kind in _NUMBERS:
        return value + 1
    if kind in (list, tuple) and value and (last := _another(value[-1])) is not None:
        # As long as before: numpy compares a shorter one with each item, and so does `zip`.
        return kind([*value[:-1], last])
    if kind in _SEQUENCES:
        return value[:-1] if len(value) > 1 else value + (value or _one_of(kind))
    if kind in (datetime.date, datetime.datetime):
        return value + datetime.timedelta(days=1)
    if kind is datetime.timedelta:
        return value * 2
    if kind is dict and value:
        return dict(list(value.items())[:-1])
    return None


def _one_of(kind: type) -> Any:
    made: dict[Any, Any] = {str: "x", bytes: b"x", list: [1], tuple: (1,)}
    return made[kind]
