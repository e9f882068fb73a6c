"""Streams and generators of random numbers: what they hold, and where they are in it."""

from __future__ import annotations

import random
from io import BytesIO as BytesIO  # tests may patch the names in io
from io import StringIO as StringIO
from typing import Any

from grader.wire.checking import need


def pack_io(value: Any) -> list[Any]:
    return [value.getvalue(), value.tell()]


def unpack_stringio(parts: list[Any]) -> StringIO:
    stream = StringIO(need(parts[0], str), newline="")
    stream.seek(need(parts[1], int))
    return stream


def unpack_bytesio(parts: list[Any]) -> BytesIO:
    stream = BytesIO(need(parts[0], bytes))
    stream.seek(need(parts[1], int))
    return stream


def unpack_random(parts: list[Any]) -> random.Random:
    made = random.Random()  # noqa: S311 - what a test or its student asked for
    made.setstate(need(parts[0], tuple))
    return made
