"""The difference between two values, as a student reads it."""

from __future__ import annotations

import collections
import datetime
import time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.verdicts.differences import MAX_PARTS, difference

DAY = datetime.date(2026, 1, 1)
NOON = datetime.datetime(2026, 1, 1, 12)  # noqa: DTZ001 - one without a time zone is meant


def told(expected: Any, actual: Any, **options: Any) -> list[str]:
    parts = difference(expected, actual, **options)
    return [" ".join(filter(None, (p.kind, p.path, p.note))) for p in parts]


@pytest.mark.parametrize(
    ("expected", "actual", "first"),
    [
        (3, "3", "type '3' (str) instead of 3 (int)"),
        ([1], None, "type None instead of list"),
        ([1], (1,), "type tuple instead of list; the items are the same"),
        ([1, 2], map(int, "12"), "type map instead of list: list(…) makes one of it"),
        (3, len, "type this is the function itself, not its result: are the brackets () missing?"),
        (7, 10, "number too large by 3"),
        (7, 4.5, "number float instead of int; too small by 2.5"),
        (5, -5, "number the sign is the other way round"),
        (0.3, 0.1 + 0.2, "number a rounding error of 5.6e-17, as float arithmetic makes it"),
        (Decimal("0.30"), Decimal("0.29"), "number too small by 0.01"),
        (Fraction(1, 2), Fraction(1, 4), "number too small by 0.25"),
        (1, float("nan"), "number float instead of int; nan (not a number) is never equal to a n"),
        (DAY, DAY + datetime.timedelta(2), "value 2 days, 0:00:00 too late"),
        (NOON, NOON.replace(tzinfo=datetime.UTC), "value one has a time zone, the other has none"),
        ("hello", "helo", "text character 4 is 'o' instead of 'l'"),
        ("a b", "a\tb", "text only white space differs: character 2 is a tab instead of a space"),
        ("a", "a\n", "text only white space differs: yours has a line break too many at the end"),
        ("a b", "a\xa0b", "text only white space differs: character 2 is NO-BREAK SPACE instead"),
        ("Ab", "ab", "text only upper and lower case differ: character 1 is 'a' instead of 'A'"),
        ("abc", "ab", "text 'c' is missing at the end"),
        ("a\nb\nc", "a\nX\nc", "line line 2 character 1 is 'X' instead of 'b'"),
        ("a\nb\nc", "a\nc", "missing line 2 this line is missing"),
        ([1, 2, 3], [1, 2, 4], "number [2] too large by 1"),
        ([1, 2, 3], [3, 2, 1], "order the same items in reverse order"),
        ([1, 2, 3], [2, 1, 3], "order the same items in another order from [0] on"),
        ([1, 2, 3], [1, 2], "shape 2 items instead of 3"),
        ({"ana": [1, 2]}, {"ana": [1, 5]}, "number ['ana'][1] too large by 3"),
        ({3: "x"}, {"3": "x"}, "key the key is '3' (str), not 3 (int)"),
        ({"ana": 1}, {"Ana ": 1}, "key the key is 'Ana ', not 'ana'"),
        ({"a": 1, "b": 2}, {"a": 1}, "missing ['b']"),
        ({"a": 1}, {"a": 1, "b": 2}, "extra ['b']"),
        ({1, 2}, {1}, "missing"),
    ],
)
def test_what_a_student_reads_first(expected: Any, actual: Any, first: str) -> None:
    assert told(expected, actual)[0].startswith(first)


def test_a_part_brings_both_of_its_values() -> None:
    (part,) = difference({"ana": [{"x": 1}]}, {"ana": [{"x": "1"}]})
    assert (part.path, part.expected, part.actual) == ("['ana'][0]['x']", "1", "'1'")


def test_an_item_that_is_missing_in_the_middle_is_named() -> None:
    shape, missing = difference([1, 2, 3, 4], [1, 2, 4])
    assert shape.note == "3 items instead of 4"
    assert (missing.kind, missing.path, missing.expected) == ("missing", "[2]", "3")


def test_long_texts_are_told_by_the_surroundings_of_their_first_difference() -> None:
    (part,) = difference("x" * 500 + "a" + "y" * 500, "x" * 500 + "b" + "y" * 500)
    assert part.expected is not None
    assert len(part.expected) < 60
    assert "xa" in part.expected


def test_the_authors_tolerance_and_order_are_kept() -> None:
    assert told([1.0, 2.0], [1.05, 2.5], tolerance=0.1) == ["number [1] too large by 0.5"]
    assert told([1, 2], [2, 1], ordered=False) == []
    parts = difference([1, 2, 2], [2, 1, 3], ordered=False)
    assert [(p.kind, p.expected, p.actual) for p in parts] == [
        ("missing", "2", None),
        ("extra", None, "3"),
    ]


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (1, 1.0),
        (1, True),
        ({"a": 1}, collections.OrderedDict(a=1)),
        ({1, 2}, frozenset({2, 1})),
        (Decimal("1.0"), 1),
        ([(1, [2])], [(1.0, [2])]),
    ],
)
def test_what_is_equal_in_python_is_no_difference(expected: Any, actual: Any) -> None:
    assert told(expected, actual) == []


def test_a_missing_key_is_not_added_to_a_defaultdict() -> None:
    actual = collections.defaultdict(int, a=1)
    difference({"a": 1, "b": 2}, actual)
    assert dict(actual) == {"a": 1}


class Loud:
    """An object whose own comparison must not be asked."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise AssertionError("asked")

    def __repr__(self) -> str:
        return "<loud>"


def test_objects_are_shown_and_never_asked() -> None:
    assert told([Loud()], [Loud()]) == []
    assert told([Loud(), 1], [Loud(), 2]) == ["number [1] too large by 1"]
    assert told([3], [Loud()]) == ["type [0] <loud> (Loud) instead of 3 (int)"]


def test_values_that_contain_themselves_come_to_an_end() -> None:
    one: list[Any] = [1]
    other: list[Any] = [2]
    one.append(one)
    other.append(other)
    assert told(one, other)[0] == "number [0] too large by 1"


HUGE = [
    ([[i] * 3 for i in range(30_000)], [[i] * 3 for i in range(30_001)]),
    (list(range(300_000)), list(range(1, 300_001))),
    ("\n" * 400_000, "\n" * 399_999 + "x"),
    ("ab" * 400_000, "ba" * 400_000),
    ({i: i for i in range(100_000)}, {i: -i for i in range(100_000)}),
    (set(range(100_000)), set(range(1, 100_001))),
    ([{} for _ in range(5000)], [{1} for _ in range(5000)]),
    (list(range(5000)), list(range(5000, 0, -1))),
    (10**40_000, -(10**40_000) + 1),
    (Decimal("1e90000"), 1.5),
]


@pytest.mark.parametrize("pair", HUGE, ids=range(len(HUGE)))
def test_huge_values_take_bounded_work(pair: tuple[Any, Any]) -> None:
    began = time.process_time()
    parts = difference(*pair)
    # Generous: the quadratic way of any of these takes minutes.
    assert time.process_time() - began < 5
    assert len(parts) <= MAX_PARTS + 1


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.binary(max_size=9)
    | st.decimals()
    | st.fractions()
    | st.complex_numbers()
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(datetime.UTC))
    | st.timedeltas()
)
KEYS = st.integers() | st.text(max_size=5) | st.booleans() | st.tuples(st.integers())
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.sets(KEYS, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(VALUES, VALUES)
def test_any_two_values_are_told_in_few_short_words(expected: Any, actual: Any) -> None:
    parts = difference(expected, actual)
    assert len(parts) <= MAX_PARTS + 1
    for part in parts:
        assert max(len(part.path), len(part.note)) <= 700
    if _equal(expected, actual):
        assert parts == ()


def _equal(expected: Any, actual: Any) -> bool:
    try:
        return bool(expected == actual)
    except ArithmeticError:  # a signalling NaN is equal to nothing
        return False


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    assert difference([value], [value]) == ()


def test_arrays_differ_by_shape_dtype_and_cells() -> None:
    numpy = pytest.importorskip("numpy")
    assert told(numpy.zeros((2, 3)), numpy.zeros((3, 2))) == [
        "shape shape (3, 2) instead of (2, 3)"
    ]
    assert told(numpy.array([[1, 2], [3, 4]]), numpy.array([[1, 2], [5, 4]])) == [
        "value 1 of 4 cells differ",
        "number [1, 0] too large by 2",
    ]
    assert told(numpy.array([1]), numpy.array([1.0])) == ["type dtype float64 instead of int64"]


def test_tables_differ_by_columns_index_and_cells() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert told(table, table.rename(columns={"b": "c"}))[0].startswith("text .columns[1]")
    assert told(table, table.assign(b=["x", "z"])) == [
        "value ['b'] 1 of 2 cells differ",
        "text ['b'][1] character 1 is 'z' instead of 'y'",
    ]
