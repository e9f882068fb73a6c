"""Any stream of bytes from the student's process ends a call in a way that a verdict can tell."""

import sys

import atheris
import pandas  # noqa: F401 - slow to load, and no part of what is looked at

with atheris.instrument_imports(include=["grader"]):
    from fuzz.wires import frame, session, tidy

#: Stands between two frames, so that the fuzzer need not find their lengths first.
NEXT = b"\xfe\xfe"


def one(data: bytes) -> None:
    if not data:
        return
    raw = bool(data[0] & 2)
    sent = data[1:] if raw else b"".join(frame(part) for part in data[1:].split(NEXT))
    with session(sent, objects=bool(data[0] & 1)) as tests:
        rows = [1, [2], {"a": 3}]
        for _ in range(4):
            tidy(lambda: tests.call(len, (rows, {1: 2}), {"key": rows}))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
