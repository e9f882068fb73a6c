"""The codec carries exact values, and no bytes of a stranger can do more than be refused."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import math
import uuid
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.codec import Codec, CodecError

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.complex_numbers(),
    st.decimals(),
    st.fractions(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.uuids(),
)
hashable = st.one_of(
    st.one_of(st.integers(), st.text(), st.binary(), st.booleans(), st.dates()),
    st.tuples(st.integers(), st.text()),
    st.frozensets(st.integers()),
)
plain = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(hashable, inner, max_size=4),
        st.sets(hashable, max_size=4),
        st.builds(collections.deque, st.lists(inner, max_size=3)),
        st.builds(collections.OrderedDict, st.dictionaries(hashable, inner, max_size=3)),
    ),
    max_leaves=12,
)


def same(a: Any, b: Any) -> bool:
    """Equal and of the same exact types at every depth; NaN is the same as NaN."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return len(a) == len(b) and all(
            same(x, y) and same(a[x], b[y]) for x, y in zip(a, b, strict=True)
        )
    if isinstance(a, list | tuple | collections.deque):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    if isinstance(a, decimal.Decimal):
        return str(a) == str(b)
    return bool(a == b)


@given(plain)
def test_a_value_comes_back_the_same(value: Any) -> None:
    codec = Codec()

    assert same(codec.decode(codec.encode(value)), value)


@given(st.binary(max_size=300))
def test_random_bytes_are_a_value_or_a_codec_error(data: bytes) -> None:
    try:
        Codec().decode(data)
    except CodecError:
        return


@given(plain, st.data())
def test_damaged_frames_are_a_value_or_a_codec_error(value: Any, data: Any) -> None:
    frame = bytearray(Codec().encode(value))
    for _ in range(3):
        place = data.draw(st.integers(0, len(frame) - 1))
        frame[place] = data.draw(st.integers(0, 255))
    try:
        Codec().decode(bytes(frame))
    except CodecError:
        return


class Colour(enum.IntEnum):
    RED = 1


class LyingStr(str):
    __slots__ = ()


Point = collections.namedtuple("Point", "x y")


@pytest.mark.parametrize(
    "value", [Colour.RED, LyingStr("x"), Point(1, 2), object(), len, int, ValueError("x"), iter([])]
)
def test_a_subclass_or_an_object_is_no_plain_data(value: Any) -> None:
    with pytest.raises(CodecError):
        Codec().encode(value)


@pytest.mark.parametrize(
    "value",
    [
        {1: "int", "1": "str"},
        {(1, 2): {3}},
        collections.Counter("hello"),
        datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
        datetime.timezone(datetime.timedelta(hours=2), "X"),
        range(1, 10, 3),
        slice(None, 3),
        Ellipsis,
        bytearray(b"x"),
        1 << 5000,
        -(1 << 64),
        Fraction(1, 3),
        decimal.Decimal("NaN"),
        uuid.UUID(int=5),
        "\ud800",
    ],
)
def test_awkward_values_come_back(value: Any) -> None:
    codec = Codec()

    assert same(codec.decode(codec.encode(value)), value)


def test_what_is_too_large_or_too_deep_is_refused() -> None:
    codec = Codec()
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    nested: Any = 1
    for _ in range(300):
        nested = (nested,)
    circle: list[Any] = []
    circle.append(circle)
    for value in (b"x" * (2 << 20), 1 << 200_000, deep, nested, circle):
        with pytest.raises(CodecError):
            codec.decode(codec.encode(value))


def test_a_decimal_with_a_huge_exponent_is_refused() -> None:
    codec = Codec()

    with pytest.raises(CodecError):
        codec.decode(codec.encode(decimal.Decimal("1e999999")))
