"""Any bytes are a value or a CodecError, on the tests' side and on the student's."""

import sys

import atheris
import pandas  # noqa: F401 - slow to load, and no part of what is looked at

with atheris.instrument_imports(include=["grader"]):
    from grader.inside.handles import Handles
    from grader.wire.codec import Codec, CodecError


def _ask(*_: object) -> None:
    raise CodecError("nobody answers here")


def one(data: bytes) -> None:
    handles = Handles(_ask)
    for codec in (Codec(), Codec(handles.export, handles.resolve)):
        try:
            value = codec.decode(data)
        except CodecError:
            continue
        try:
            again = codec.encode(value)
        except CodecError:
            continue
        codec.decode(again)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
