"""Requests to the student's process as a watch reads them: what is called, with what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grader.profiles.answers import OF
from grader.remote.functions import RemoteFunction
from grader.remote.proxies import Mirror
from grader.wire.codec import Codec, CodecError

_MAX_TEXT = 200
_SIGNS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
    "contains": "holds",
}


def number(value: Any) -> Any:
    if isinstance(value, Mirror):
        return value.__rid__
    if isinstance(value, RemoteFunction) or isinstance(type(value), Mirror):
        return object.__getattribute__(value, "_rid")
    return None


def values(message: list[Any]) -> dict[int | str, Any]:
    kind = message[0]
    if kind in ("call", "method"):
        return {**dict(enumerate(message[-2])), **message[-1]}
    if kind == "op":
        return dict(enumerate(message[2]))
    return {0: message[3]} if kind == "set" else {}


def operands(message: list[Any]) -> list[Any]:
    """Whom a request is about, then what is handed over."""
    kind = message[0]
    if kind == "op":
        return list(message[2])
    if kind == "method":
        return [message[3], *message[4], *message[5].values()]
    if kind == "call":
        return [*message[2], *message[3].values()]
    return [message[1]]


def denies(message: list[Any]) -> bool:
    """Whether it asks by `!=`, which in another solution may be asked by `==`."""
    return bool(message[0] == "op" and message[1].strip("_") == "ne")


def call_of(place: str, message: list[Any], name: Callable[[type], str]) -> str:
    """The place with the kinds of its operands: `__mul__ of Vector,int`."""
    return f"{place}{OF}{','.join(name(type(operand)) for operand in operands(message))}"


def replace(message: list[Any], values: Mapping[int | str, Any]) -> None:
    kind = message[0]
    for key, value in values.items():
        if kind == "set":
            message[3] = value
        elif type(key) is int:
            where = message[2] if kind == "op" else message[-2]
            if key < len(where):
                where[key] = value
        elif kind in ("call", "method"):
            message[-1] = {**message[-1], key: value}


def told(place: str, message: list[Any]) -> str:
    """The request as somebody would write it; objects stay dots."""
    shown = [
        (repr(value) if is_plain(value) else "…") if type(key) is int else f"{key}={value!r}"
        for key, value in values(message).items()
    ]
    sign = _SIGNS.get(place.strip("_"))
    text = f"{place.removesuffix('()')}({', '.join(shown)})"
    if sign is not None and len(shown) == 2:
        text = f"{shown[0]} {sign} {shown[1]}"
    elif place.endswith("="):
        text = f"{place[:-1]} = {shown[0]}"
    return text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 1]}…"


def is_plain(value: Any) -> bool:
    try:
        Codec().encode([value])
    except CodecError:
        return False
    return True


def owner(message: list[Any]) -> str:
    target = message[3] if message[0] == "method" else message[1]
    if message[0] not in ("get", "method") or not isinstance(type(target), Mirror):
        return ""
    return f"{type(target).__name__}."


def article(word: str) -> str:
    if word.startswith("None"):
        return ""
    return "an " if word[:1].lower() in "aeiou" else "a "
