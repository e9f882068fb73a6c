"""The codec carries exact values, and no bytes of a stranger can do more than be refused."""

from __future__ import annotations

import array
import collections
import contextlib
import datetime
import decimal
import enum
import io
import math
import pathlib
import tracemalloc
import types
import uuid
import zoneinfo
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.inside.handles import Handles
from grader.wire.codec import Codec, CodecError

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
zones = st.one_of(
    st.none(),
    st.sampled_from(["Europe/Paris", "Asia/Tokyo", "UTC"]).map(zoneinfo.ZoneInfo),
    st.integers(-1439, 1439).map(lambda m: datetime.timezone(datetime.timedelta(minutes=m))),
)
small = st.integers(-1000, 1000)
#: Beside the scalars every other type that the wire knows.
rarer = st.one_of(
    st.datetimes(timezones=zones),
    st.times(timezones=zones),
    st.builds(range, small, small, small.filter(bool)),
    st.builds(slice, st.none() | small, st.none() | small),
    st.sampled_from([Ellipsis, NotImplemented]),
    st.dictionaries(st.text(), small).map(collections.Counter),
    st.dictionaries(small, small).map(lambda d: collections.defaultdict(list, d)),
    st.lists(st.floats()).map(lambda v: array.array("d", v)),
    st.text(max_size=5).map(lambda v: array.array("u", v)),
    st.lists(st.integers(0, 255)).map(lambda v: array.array("B", v)),
    st.text(st.characters(codec="ascii", exclude_characters="/\0"), min_size=1).map(
        pathlib.PurePosixPath
    ),
    st.builds(lambda text: io.StringIO(text, newline=""), st.text()),
    st.builds(io.BytesIO, st.binary()),
    st.dictionaries(st.sampled_from("abc"), small).map(lambda d: types.SimpleNamespace(**d)),
)
plain = st.recursive(
    scalars | rarer,
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


#: How values of a type are compared that are not simply equal.
_COMPARED: dict[type, Callable[[Any], Any]] = {
    decimal.Decimal: str,
    io.StringIO: lambda v: (v.getvalue(), v.tell()),
    io.BytesIO: lambda v: (v.getvalue(), v.tell()),
    array.array: lambda v: (v.typecode, v.tobytes()),
    datetime.datetime: lambda v: (v.isoformat(), v.fold),
    datetime.time: lambda v: (v.isoformat(), v.fold),
    float: lambda v: str(v) if math.isnan(v) else v,
    complex: str,
}


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
    if isinstance(a, types.SimpleNamespace):
        return same(vars(a), vars(b))
    compared = _COMPARED.get(type(a), lambda v: v)
    return bool(compared(a) == compared(b))


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
    for codec in (Codec(), _of_the_student()):
        with contextlib.suppress(CodecError):
            codec.decode(bytes(frame))


def _of_the_student() -> Codec:
    """The codec as the agent has it, which also makes stand-ins for what a test hands over."""

    def ask(*_: Any) -> Any:
        raise CodecError("nobody answers")

    handles = Handles(ask)
    return Codec(handles.export, handles.resolve)


#: What claims to be large in a few bytes, and what is nested or repeated beyond reason.
BOMBS = {
    "a list of four thousand million": b"\xdd\xff\xff\xff\xff",
    "a map of four thousand million": b"\xdf\xff\xff\xff\xff",
    "text of four gigabytes": b"\xdb\xff\xff\xff\xff",
    "bytes of four gigabytes": b"\xc6\xff\xff\xff\xff",
    "an extension of four gigabytes": b"\xc9\xff\xff\xff\xff\x01",
    "half a million lists": b"\x91" * 500_000,
    "half a million maps": b"\x81\x01" * 250_000,
    "a list for key": b"\x81\x91\x01\x01",
    "a timestamp of another age": b"\xc7\x0c\xff" + b"\xff" * 12,
    "text that is none": b"\xa2\xff\xfe",
    "two values": b"\x01\x02",
    "nothing": b"",
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_refused_without_much_memory(data: bytes) -> None:
    tracemalloc.start()
    try:
        with contextlib.suppress(CodecError):
            Codec().decode(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 64 << 20


@pytest.mark.parametrize("code", range(128))
def test_parts_of_any_extension_are_a_value_or_a_codec_error(code: int) -> None:
    awkward: list[Any] = [
        [],
        [None],
        [1],
        [-1, 2, 3],
        ["x"],
        [b"x", 1],
        [[1]],
        [{}],
        ["x", 1 << 62],
    ]
    for parts in [*awkward, [["<f8"], [1 << 40], b""], ["<f8", [1 << 40], b""], [1.5, "x", None]]:
        frame = msgpack.packb(msgpack.ExtType(code, msgpack.packb(parts)))
        for codec in (Codec(), _of_the_student()):
            with contextlib.suppress(CodecError):
                codec.decode(frame)


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


def _extension(code: int, *parts: Any) -> Any:
    return msgpack.ExtType(code, msgpack.packb(list(parts)))


_ENDLESS = _extension(15, 0, 1 << 62, 1)
_ROWS = _extension(69, None, _ENDLESS)


@pytest.mark.parametrize(
    "value",
    [
        _extension(22, _ENDLESS, 1),
        _extension(25, _ENDLESS),
        _extension(20, _ENDLESS),
        _extension(64, "O", [1 << 62], _ENDLESS),
        _extension(66, None, _ROWS, 5),
        _extension(67, _ROWS, _ROWS, [5]),
        _extension(68, None, ["object", _ENDLESS]),
    ],
    ids=["deque", "items", "ordered dict", "array", "column", "table", "index"],
)
def test_a_range_in_the_place_of_its_numbers_is_refused(value: Any) -> None:
    with pytest.raises(CodecError):
        Codec().decode(msgpack.packb(value))
