"""Says of a value that cannot be handed to the tests which it is, and what to hand over instead."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from typing import Any

from grader.wire.codec import CodecError, TooDeep, TooLarge


class CannotTravel(Exception):
    """No test waits for this one: it is nothing that the student's code has raised."""


_ADVICE = {
    TooLarge: "return less of it",
    TooDeep: "return a value that lies in fewer layers, and not in itself",
}
_MOST_LAYERS, _MOST_ITEMS = 3, 1000
_NUMBERS = (int, decimal.Decimal)
_OTHERWISE = "return numbers, text, lists, dictionaries, or an object of your own class"


def words(message: list[Any], value: Any, error: CodecError, encode: Callable[[Any], bytes]) -> str:
    """`value`: what the request gave."""
    if type(error) is TooLarge and not _fails(value, encode):
        return f"{_source(message)} made what it was given too large to be handed back: {error}."
    inner = value if type(error) in _ADVICE else _culprit(value, encode)
    held = "" if inner is value else f", which holds {_kind(inner)},"
    otherwise = "return a smaller one" if type(inner) in _NUMBERS else _OTHERWISE
    advice = _ADVICE.get(type(error), otherwise)
    return (
        f"{_source(message)} gave {_kind(value)}{held} that cannot be handed to the tests: "
        f"{error}; {advice}."
    )


def _source(message: list[Any]) -> str:
    kind, *rest = message
    if kind == "call":
        return f"{getattr(rest[0], '__name__', 'the call')}()"
    if kind == "method":
        return f"{rest[1]}()"
    return str(rest[1]) if kind == "get" else "your code"


def _kind(value: Any) -> str:
    name = type(value).__name__
    article = "an" if name[:1].lower() in "aeiou" else "a"
    many = f" of {len(value):,} items" if type(value) in (list, tuple, set, dict) else ""
    if type(value) is str:
        many = f" of {len(value):,} characters"
    return f"{article} {name}{many}"


def _culprit(value: Any, encode: Callable[[Any], bytes]) -> Any:
    """The thing inside that cannot be handed over by itself."""
    for _ in range(_MOST_LAYERS):
        if type(value) not in (list, tuple, set, frozenset, dict):
            break
        items = [*value.keys(), *value.values()] if type(value) is dict else list(value)
        odd = next((item for item in items[:_MOST_ITEMS] if _fails(item, encode)), value)
        if odd is value:
            break
        value = odd
    return value


def _fails(item: Any, encode: Callable[[Any], bytes]) -> bool:
    try:
        encode(item)
    except CodecError:
        return True
    return False
