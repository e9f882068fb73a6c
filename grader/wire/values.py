"""Which types beside msgpack's own are plain data, and how each is taken apart and rebuilt."""

from __future__ import annotations

import array
import collections
import types
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import PosixPath, PurePosixPath
from random import Random
from typing import Any

from grader.wire import late, records, stateful, times
from grader.wire.checking import BadValueError, need, numbers, pairs

MAX_INT_BITS = 1 << 17
MAX_DECIMAL_DIGITS = 20_000
MAX_DECIMAL_EXPONENT = 100_000

_EMPTY: dict[Any, Any] = {}
_KEYS, _VALUES, _ITEMS = type(_EMPTY.keys()), type(_EMPTY.values()), type(_EMPTY.items())

#: Types whose changes inside a call are carried back to the caller.
MUTABLE: frozenset[type] = frozenset(
    {
        list,
        dict,
        set,
        bytearray,
        collections.deque,
        collections.Counter,
        collections.OrderedDict,
        collections.defaultdict,
        array.array,
        stateful.StringIO,
        stateful.BytesIO,
        Random,
        *records.RECORDS,
    }
)
_TABLES = frozenset({"ndarray", "DataFrame", "Series"})


def is_mutable(value: Any) -> bool:
    """Whether changes that a call makes to this argument are carried back."""
    kind = type(value)
    if kind in MUTABLE or kind is tuple:
        return True
    return kind.__name__ in _TABLES and kind.__module__.startswith(("numpy", "pandas"))


def _pack_int(value: int) -> list[Any]:
    if value.bit_length() > MAX_INT_BITS:
        raise BadValueError("the whole number has too many digits")
    return [value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)]


def _unpack_int(parts: list[Any]) -> int:
    data = need(parts[0], bytes)
    if len(data) > MAX_INT_BITS // 8 + 1:
        raise BadValueError("the whole number has too many digits")
    return int.from_bytes(data, "little", signed=True)


def _unpack_decimal(parts: list[Any]) -> Decimal:
    text = need(parts[0], str)
    if len(text) > MAX_DECIMAL_DIGITS:
        raise BadValueError("the Decimal has too many digits")
    value = Decimal(text)
    if "e" in text or "E" in text:  # else it is at most as large as the text is long
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and abs(exponent) > MAX_DECIMAL_EXPONENT:
            raise BadValueError("the Decimal's exponent is too large")
    return value


def _unpack_fraction(parts: list[Any]) -> Fraction:
    return Fraction(need(parts[0], int), need(parts[1], int))


def _unpack_counter(parts: list[Any]) -> collections.Counter[Any]:
    counter: collections.Counter[Any] = collections.Counter()
    dict.update(counter, need(parts[0], dict))
    return counter


def _unpack_array(parts: list[Any]) -> array.array[Any]:
    if parts[0] not in tuple("bBhHiIlLqQfdu"):
        raise BadValueError("array type")
    made: array.array[Any] = array.array(parts[0])
    made.frombytes(need(parts[1], bytes))  # the constructor would want a text for "u"
    if parts[0] == "u":
        made.tounicode()  # raises where a character is none
    return made


def _unpack_deque(parts: list[Any]) -> collections.deque[Any]:
    # A range would be short to send and take for ever to fill it with.
    return collections.deque(need(parts[0], list), parts[1])


def _unpack_proxy(parts: list[Any]) -> Any:
    return types.MappingProxyType(need(parts[0], dict))


_Pack = Callable[[Any], list[Any]]
_Unpack = Callable[[list[Any]], Any]

#: code, exact type, take apart, rebuild. Codes are part of the wire format.
_TABLE: list[tuple[int, type, _Pack, _Unpack]] = [
    (1, tuple, list, tuple),
    (2, set, list, set),
    (3, frozenset, list, frozenset),
    (4, int, _pack_int, _unpack_int),
    (
        5,
        complex,
        lambda v: [v.real, v.imag],
        lambda p: complex(need(p[0], float), need(p[1], float)),
    ),
    (6, Decimal, lambda v: [str(v)], _unpack_decimal),
    (7, Fraction, lambda v: [v.numerator, v.denominator], _unpack_fraction),
    (
        8,
        datetime,
        lambda v: [v.replace(tzinfo=None).isoformat(), times.pack_zone(v.tzinfo), v.fold],
        times.unpack_datetime,
    ),
    (9, date, lambda v: [v.isoformat()], lambda p: date.fromisoformat(p[0])),
    (
        10,
        time,
        lambda v: [v.replace(tzinfo=None).isoformat(), times.pack_zone(v.tzinfo), v.fold],
        times.unpack_time,
    ),
    (
        11,
        timedelta,
        lambda v: [v.days, v.seconds, v.microseconds],
        lambda p: timedelta(*numbers(p)),
    ),
    (12, timezone, times.pack_zone, times.unpack_zone),
    (14, bytearray, lambda v: [bytes(v)], lambda p: bytearray(need(p[0], bytes))),
    (15, range, lambda v: [v.start, v.stop, v.step], lambda p: range(*numbers(p))),
    (16, slice, lambda v: [v.start, v.stop, v.step], lambda p: slice(*p)),
    (17, type(Ellipsis), lambda _: [], lambda _: Ellipsis),
    (18, type(NotImplemented), lambda _: [], lambda _: NotImplemented),
    (19, collections.Counter, lambda v: [dict(v)], _unpack_counter),
    (
        20,
        collections.OrderedDict,
        lambda v: [dict(v)],
        lambda p: collections.OrderedDict(need(p[0], dict)),
    ),
    (
        21,
        collections.defaultdict,
        records.pack_defaultdict,
        records.unpack_defaultdict,
    ),
    (22, collections.deque, lambda v: [list(v), v.maxlen], _unpack_deque),
    (23, _KEYS, list, lambda p: dict.fromkeys(p).keys()),
    (24, _VALUES, list, lambda p: dict(enumerate(p)).values()),
    (25, _ITEMS, list, lambda p: dict(pairs(p)).items()),
    (27, PosixPath, lambda v: [str(v)], lambda p: PosixPath(need(p[0], str))),
    (
        28,
        PurePosixPath,
        lambda v: [str(v)],
        lambda p: PurePosixPath(need(p[0], str)),
    ),
    (29, array.array, lambda v: [v.typecode, v.tobytes()], _unpack_array),
    (30, stateful.StringIO, stateful.pack_io, stateful.unpack_stringio),
    (31, stateful.BytesIO, stateful.pack_io, stateful.unpack_bytesio),
    (
        32,
        types.SimpleNamespace,
        lambda v: [vars(v)],
        lambda p: types.SimpleNamespace(**need(p[0], dict)),
    ),
    (34, types.MappingProxyType, lambda v: [dict(v)], _unpack_proxy),
    (35, Random, lambda v: [v.getstate()], stateful.unpack_random),
]
_PACK: dict[type, tuple[int, _Pack]] = {kind: (code, pack) for code, kind, pack, _ in _TABLE}
_UNPACK: dict[int, _Unpack] = {code: unpack for code, _, _, unpack in _TABLE}
_UNPACK |= {33: lambda _: types.NoneType, **late.UNPACK}


def send_as(kind: type, plain: type) -> None:
    """Objects of this class of ours arrive as what they extend."""
    _PACK[kind] = _PACK[plain]


def packer(value: Any) -> tuple[int, list[Any]] | None:
    """The extension code and parts of a plain value, or None if it is none."""
    kind = type(value)
    known = _PACK.get(kind)
    if known is not None:
        code, pack = known
        return code, pack(value)
    if value is types.NoneType:
        return 33, []
    module = kind.__module__
    top = module.partition(".")[0] if type(module) is str else ""
    if top in ("uuid", "zoneinfo"):
        return late.packer(value)
    if top in ("numpy", "pandas"):
        from grader.wire import frames

        return frames.packer(value)
    if top in ("argparse", "collections"):
        record = records.packer(value)
        if record is not None:
            return record
    if top in ("types", "typing", "collections", "_collections_abc"):
        from grader.wire import hints

        return hints.packer(value)
    return None


def unpack(code: int, parts: list[Any]) -> Any:
    rebuild = _UNPACK.get(code)
    if rebuild is not None:
        return rebuild(parts)
    if code in records.CODES:
        return records.unpack(code, parts)
    if 48 <= code < 64:
        from grader.wire import hints

        return hints.unpack(code, parts)
    from grader.wire import frames

    return frames.unpack(code, parts)
