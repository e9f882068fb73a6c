"""Values on the wire between the tests and the student's process.

Exact builtin types only: a subclass, or anything with behaviour of its own, never arrives as data.
No pickle. What is not plain data is handed to `export`, and comes back through `resolve`.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

import msgpack  # type: ignore[import-untyped]

from grader.wire import values

MAX_FRAME = 1 << 20
HANDLE = 127
_TWIN = 126
_MAX_NESTED_EXTENSIONS = 100
_MARKED_DEPTH = 4
_UNMARKED = frozenset({str, int, float, bool, type(None)})
_MARKED_LENGTH = 32
#: With what msgpack writes bytes, and a bytearray; other values may have them too.
_OF_BYTES = (b"\xc4", b"\xc5", b"\xc6")
#: Bytes that a packer begins with; by default 256 KB, mapped and given back each time.
_BUFFER = 4096
#: Kept for the next value.
_MOST_PACKERS = 2


class _ByteArray(bytearray):
    """msgpack would write a bytearray as bytes, even strictly; a subclass it hands to us."""


class Twin:
    """Stands for a container that both sides hold; with its items where it is new to the other."""

    __slots__ = ("items", "number")

    def __init__(self, number: int, items: Any) -> None:
        self.number = number
        self.items = items


class CodecError(ValueError):
    """This value cannot go over the wire."""


class TooLarge(CodecError):
    """It takes more bytes than one message may."""


class TooDeep(CodecError):
    """It lies in more layers than can be taken apart."""


_DEEP = "it is nested too deeply, or holds itself"
_MOST_LAYERS, _MOST_LOOKED_AT = 400, 10_000


def _is_deep(value: Any) -> bool:
    layers = [(value, 0)]
    for _ in range(_MOST_LOOKED_AT):
        if not layers:
            return False
        inner, depth = layers.pop()
        if depth > _MOST_LAYERS:
            return True
        if type(inner) in (list, tuple, dict):
            items = inner.values() if type(inner) is dict else inner
            layers += [(item, depth + 1) for item in itertools.islice(items, _MOST_LAYERS)]
    return False


def _size(number: int) -> str:
    return (
        f"{number >> 20} MB"
        if number >= 1 << 20 and number % (1 << 20) == 0
        else f"{number >> 10} KB"
    )


def _no_export(value: Any) -> list[Any]:
    raise CodecError(f"a {type(value).__name__} is not plain data")


def _no_resolve(parts: list[Any]) -> Any:
    raise CodecError("no objects are allowed here")


class Codec:
    def __init__(
        self,
        export: Callable[[Any], list[Any]] = _no_export,
        resolve: Callable[[list[Any]], Any] = _no_resolve,
        *,
        max_encode: int = MAX_FRAME,
        max_decode: int = MAX_FRAME,
    ) -> None:
        self._export = export
        self._resolve = resolve
        self.max_encode = max_encode
        self.max_decode = max_decode
        self._depth = 0
        self._packers = [self._new_packer()]
        #: Finds or makes the container that `[number, items]` means.
        self.twin: Callable[[list[Any]], Any] = _no_resolve

    def encode(self, value: Any) -> bytes:
        data = self.bytes_of(value)
        if len(data) > self.max_encode:
            raise TooLarge(f"it takes more than {_size(self.max_encode)}, the limit for one value")
        return data

    def bytes_of(self, value: Any) -> bytes:
        """Of any size, to be compared with others."""
        try:
            data = self._pack(value)
            if any(map(data.__contains__, _OF_BYTES)):  # seldom; looking first takes longer
                data = self._pack(_mark(value, 0))
        except CodecError:
            raise
        except RecursionError:
            raise TooDeep(_DEEP) from None
        except (ValueError, OverflowError, TypeError) as error:
            if type(error) is ValueError and _is_deep(value):  # msgpack has no error of its own
                raise TooDeep(_DEEP) from None
            raise CodecError(str(error)[:200]) from None
        return data

    def decode(self, data: bytes) -> Any:
        if len(data) > self.max_decode:
            raise CodecError("the frame is too large")
        outer, self._depth = self._depth, 0  # resolving an object may need a frame of its own
        try:
            return self._unpack(data)
        except CodecError:
            raise
        except RecursionError:
            raise CodecError("the frame is nested too deeply") from None
        except Exception as error:
            raise CodecError(f"bad frame: {type(error).__name__}") from None
        finally:
            self._depth = outer

    def _pack(self, value: Any) -> bytes:
        try:
            packer = self._packers.pop()
        except IndexError:  # for a value inside of others, or another thread
            packer = self._new_packer()
        try:
            return bytes(packer.pack(value))
        finally:
            if len(self._packers) < _MOST_PACKERS:
                self._packers.append(packer)

    def _new_packer(self) -> msgpack.Packer:
        return msgpack.Packer(
            default=self._default,
            strict_types=True,
            unicode_errors="surrogatepass",
            buf_size=_BUFFER,
        )

    def _unpack(self, data: bytes) -> Any:
        return msgpack.unpackb(
            data, ext_hook=self._extension, strict_map_key=False, unicode_errors="surrogatepass"
        )

    def _default(self, value: Any) -> Any:
        # Exact type: values.packer knows no subclass.
        if type(value) is _ByteArray:
            value = bytearray(value)
        packer = values.packer(value)
        if packer is not None:
            code, parts = packer
            return msgpack.ExtType(code, self._pack(parts))
        if type(value) is Twin:
            items = _mark(value.items, 0)
            return msgpack.ExtType(_TWIN, self._pack([value.number, items]))
        return msgpack.ExtType(HANDLE, self._pack(self._export(value)))

    def _extension(self, code: int, data: bytes) -> Any:
        self._depth += 1
        if self._depth > _MAX_NESTED_EXTENSIONS:
            raise CodecError("the frame is nested too deeply")
        try:
            parts = self._unpack(data)
        finally:
            self._depth -= 1
        if type(parts) is not list:
            raise CodecError("malformed value")
        if code == HANDLE:
            return self._resolve(parts)
        if code == _TWIN:
            if len(parts) != 2:
                raise CodecError("malformed twin")
            return self.twin(parts)
        return values.unpack(code, parts)


def handle(parts: list[Any]) -> Any:
    """In the place of an object whose `export` is known: for what is sent again and again."""
    return msgpack.ExtType(HANDLE, msgpack.packb(parts, strict_types=True))


def _mark(value: Any, depth: int) -> Any:
    """The value with its bytearrays marked, as far as arguments and results may hold them."""
    kind = type(value)
    if kind is bytearray:
        return _ByteArray(value)
    if depth < _MARKED_DEPTH and kind in (list, tuple) and len(value) <= _MARKED_LENGTH:
        marked = [i if type(i) in _UNMARKED else _mark(i, depth + 1) for i in value]
        if not all(map(operator.is_, marked, value)):
            return kind(marked)
    if depth < _MARKED_DEPTH and kind is dict and len(value) <= _MARKED_LENGTH:
        return {k: i if type(i) in _UNMARKED else _mark(i, depth + 1) for k, i in value.items()}
    return value
