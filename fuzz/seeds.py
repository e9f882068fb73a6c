"""Frames to start from, in a folder of their own: `python -m fuzz.seeds FOLDER`."""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import fractions
import io
import pathlib
import sys
import types
import uuid
import zoneinfo

import msgpack

from fuzz.wires import handle
from grader.wire.codec import Codec

_NOW = datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC)
_VALUES: list[object] = [
    *[(1, (2, "x")), {1, 2}, frozenset({3}), 1 << 200, 1 + 2j, decimal.Decimal("1.50")],
    *[fractions.Fraction(1, 3), _NOW, _NOW.date(), _NOW.time(), datetime.timedelta(3, 4, 5)],
    *[datetime.UTC, zoneinfo.ZoneInfo("Europe/Paris"), bytearray(b"x"), range(1, 9, 2)],
    *[slice(1, None), ..., NotImplemented, collections.Counter("ab"), {1: {2: 3}}.keys()],
    *[collections.OrderedDict(a=1), collections.defaultdict(list, a=[1]), uuid.UUID(int=7)],
    *[collections.deque([1], 3), {"a": 1}.items(), {"a": 1}.values(), pathlib.PurePosixPath("a")],
    *[array.array("d", [1.5]), io.StringIO("text"), io.BytesIO(b"b"), types.SimpleNamespace(a=1)],
]


def messages() -> list[bytes]:
    """Answers of a student's process, one of each kind."""
    codec = Codec()
    whole = [codec.encode(["ok", value, None, {}]) for value in _VALUES]
    made = [
        ["ok", handle("o", 1, ["c", 2]), None, {}],
        ["ok", handle("v", 1, ["c", 2], 5), None, {}],
        ["ok", handle("f", 1, {"name": "f", "flags": 128}), None, {0: [1, [3]]}],
        ["ok", handle("k", ["b", "int"]), 0, {"key": [9]}],
        ["exc", handle("e", 1, ["b", "ValueError"], ["x"], "x", {}, None, None), 1, "", "", {}],
        ["back", "call", 1, [], {}],
        ["input", "prompt"],
    ]
    tables = [
        msgpack.ExtType(64, msgpack.packb(["<f8", [1], bytes(8)])),
        msgpack.ExtType(64, msgpack.packb(["O", [1], [None]])),
        msgpack.ExtType(69, msgpack.packb([None, codec_range()])),
    ]
    made += [["ok", table, None, {}] for table in tables]
    return whole + [msgpack.packb(message) for message in made]


def codec_range() -> object:
    return msgpack.ExtType(15, msgpack.packb([0, 3, 1]))


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for number, message in enumerate(messages()):
        (folder / f"seed-{number}").write_bytes(message)
        (folder / f"frame-{number}").write_bytes(b"\0" + message)


if __name__ == "__main__":
    main()
