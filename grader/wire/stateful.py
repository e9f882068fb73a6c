"""Streams and generators of random numbers: what they hold, and where they are in it."""

from __future__ import annotations

from io import BytesIO as BytesIO  # tests may patch the names in io
from io import StringIO as StringIO
from random import Random
from typing import Any

from grader.wire.checking import need

_CLOSED = -1


def pack_io(value: Any) -> list[Any]:
    if value.closed:
        return ["" if type(value) is StringIO else b"", _CLOSED]
    return [value.getvalue(), value.tell()]


def follow(stream: Any, other: Any) -> None:
    """Give a stream the contents and the position of another one of its kind, and so on."""
    if type(stream) is Random:
        stream.setstate(other.getstate())
        return
    if type(stream) not in (StringIO, BytesIO):
        stream[:] = other
        return
    if other.closed or stream.closed:
        stream.close()
        return
    stream.seek(0)
    stream.truncate()
    stream.write(other.getvalue())
    stream.seek(other.tell())


def _positioned(stream: Any, position: Any) -> Any:
    if need(position, int) == _CLOSED:
        stream.close()
    else:
        stream.seek(position)
    return stream


def unpack_stringio(parts: list[Any]) -> StringIO:
    made: StringIO = _positioned(StringIO(need(parts[0], str), newline=""), parts[1])
    return made


def unpack_bytesio(parts: list[Any]) -> BytesIO:
    made: BytesIO = _positioned(BytesIO(need(parts[0], bytes)), parts[1])
    return made


def unpack_random(parts: list[Any]) -> Random:
    made = Random()  # noqa: S311 - what a test or its student asked for
    made.setstate(need(parts[0], tuple))
    return made
