"""Answers that are nearly right: handles, classes, exceptions and changes made of any parts."""

import sys

import atheris
import pandas  # noqa: F401 - slow to load, and no part of what is looked at

with atheris.instrument_imports(include=["grader"]):
    from fuzz.wires import frame, packed, session, tidy, use

import msgpack

KINDS = ["ok", "exc", "back", "input", "stdin", "warn", "ret"]
HANDLES = ["o", "v", "e", "k", "f", "y", "w", "g", "x"]
NAMES = [
    *["int", "str", "tuple", "list", "dict", "ValueError", "KeyboardInterrupt", "BaseException"],
    *["__eq__", "__init__", "__class__", "__slots__", "__del__", "value", "__dict__", "object"],
    *["type", "bool", "range", "memoryview", "property", "unittest", "SkipTest", "call", "next"],
]
FIELDS = ["name", "qualname", "module", "doc", "bases", "special", "missing", "methods", "fields"]
FIELDS += ["reference", "iterable", "abstract"]


class Maker:
    def __init__(self, data: bytes) -> None:
        self.source = atheris.FuzzedDataProvider(data)

    def value(self, depth: int = 0) -> object:
        makers = [self.scalar, self.scalar, self.handle, self.extension, self.items, self.mapping]
        if depth > 4 or not self.source.remaining_bytes():
            return self.scalar(depth)
        return self.source.PickValueInList(makers)(depth + 1)

    def scalar(self, depth: int = 0) -> object:
        one = self.source.ConsumeIntInRange(0, 8)
        if one < 3:
            return self.source.ConsumeIntInRange(-2, 12)
        if one < 5:
            return self.source.PickValueInList(NAMES)
        if one == 5:
            return self.source.ConsumeUnicode(12)
        if one == 6:
            return self.source.ConsumeBytes(12)
        return [None, True, 1.5][self.source.ConsumeIntInRange(0, 2)]

    def items(self, depth: int = 0) -> list[object]:
        return [self.value(depth) for _ in range(self.source.ConsumeIntInRange(0, 4))]

    def mapping(self, depth: int = 0) -> dict[object, object]:
        return {self.source.PickValueInList(NAMES): self.value(depth) for _ in range(2)}

    def handle(self, depth: int = 0) -> object:
        kind = self.source.PickValueInList(HANDLES)
        number = self.source.ConsumeIntInRange(0, 6)
        if kind == "e":
            parts = [self.kind(), self.items(depth), "text", self.mapping(depth), None, None]
        elif kind == "v":
            parts = [self.kind(), self.value(depth)]
        elif kind == "f":
            parts = [self.mapping(depth)]
        elif kind == "k":
            return self.packed([kind, self.kind()])
        else:
            parts = [self.kind()] if kind == "o" else []
        return self.packed([kind, number, *parts])

    def kind(self) -> list[object]:
        if self.source.ConsumeBool():
            return ["b", self.source.PickValueInList(NAMES)]
        return ["c", self.source.ConsumeIntInRange(0, 6)]

    def packed(self, parts: list[object]) -> object:
        return msgpack.ExtType(127, packed(parts))

    def extension(self, depth: int = 0) -> object:
        code = self.source.ConsumeIntInRange(0, 40)
        return msgpack.ExtType(code, packed(self.items(depth)))

    def description(self) -> dict[str, object]:
        told: dict[str, object] = {
            "name": "Made",
            "qualname": "Made",
            "module": "answer",
            "doc": None,
            "bases": [],
            "special": ["__eq__"],
            "missing": [],
            "methods": ["value"],
            "fields": None,
            "reference": None,
            "iterable": False,
            "abstract": False,
        }
        for _ in range(self.source.ConsumeIntInRange(0, 3)):
            told[self.source.PickValueInList(FIELDS)] = self.value(2)
        return told

    def message(self) -> list[object]:
        kind = self.source.PickValueInList(KINDS[:2] * 3 + KINDS)
        if kind == "ok" and self.source.ConsumeBool():
            return ["ok", self.description(), None, {}]
        if kind == "ok":
            return ["ok", self.value(), self.scalar(), self.mapping()]
        if kind == "exc":
            return ["exc", self.handle(), 1, "text", "trace", {}]
        return [kind, *self.items()]


def one(data: bytes) -> None:
    maker = Maker(data)
    objects = maker.source.ConsumeBool()
    messages = [maker.message() for _ in range(maker.source.ConsumeIntInRange(1, 8))]
    sent = b"".join(frame(packed(message)) for message in messages)
    with session(sent, objects=objects) as tests:
        rows = [1, [2], {"a": 3}]
        for _ in range(3):
            found = tidy(lambda: tests.call(len, (rows, {1: 2}), {"value": rows}))
            try:
                use(found)
            except BaseException:  # noqa: S112 - what a test asks may fail as it likes
                continue


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
