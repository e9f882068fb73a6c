"""Values that look like another one and are not equal to it, by any sensible notion of equal."""

from __future__ import annotations

import datetime
import decimal
import fractions
import random
import string
from typing import Any

_MOST = 11
_MOST_ITEMS = 100_000
#: Apart from neighbours, further away than what is equal modulo 7, 12, 24, 60 or 360 may be.
_OFFSETS = (29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89)
_NUMBERS = (int, float, complex, decimal.Decimal, fractions.Fraction)
_DAYS = (datetime.date, datetime.datetime, datetime.timedelta)
_CHOICE = random.SystemRandom()


def decoys(value: Any) -> list[Any]:
    """None of what has too few values, or is no plain value."""
    kind = type(value)
    if kind in _NUMBERS:
        return [value + offset for offset in _offsets()]
    if kind in _DAYS:
        return [value + datetime.timedelta(days=offset) for offset in _offsets()]
    if kind is str:
        return _distinct(_other_text(value) for _ in range(_MOST))
    if kind is bytes:
        return [value + bytes([_CHOICE.randrange(1, 256)]) for _ in range(_MOST)]
    if kind is range:
        return [range(value.start, value.stop + (n + 1) * value.step, value.step) for n in _few()]
    if kind in (list, tuple, set, frozenset) and len(value) <= _MOST_ITEMS:
        return [kind(_other_items(list(value))) for _ in range(_MOST)]
    if kind is dict and len(value) <= _MOST_ITEMS:
        return [dict(_other_items(list(value.items()), pairs=True)) for _ in range(_MOST)]
    return []


def shuffled(values: list[Any]) -> list[Any]:
    return _CHOICE.sample(values, len(values))


def _offsets() -> list[int]:
    far = _CHOICE.sample(_OFFSETS, _MOST - 2)
    return [1, -1, *(offset * _CHOICE.choice((1, -1)) for offset in far)]


def _few() -> range:
    return range(_MOST)


def _distinct(texts: Any) -> list[str]:
    return list({text.casefold(): text for text in texts}.values())


def _other_text(text: str) -> str:
    place = _CHOICE.randrange(len(text) + 1)
    letters = "".join(_CHOICE.choices(string.ascii_lowercase, k=_CHOICE.randint(1, 2)))
    made = text[:place] + letters + text[place + _CHOICE.randint(0, 1) :]
    return made if made.casefold() != text.casefold() else text + "x" + letters


def _other_items(items: list[Any], *, pairs: bool = False) -> list[Any]:
    """One left out, or one changed, or one more."""
    number = _CHOICE.randrange(10_000, 100_000)
    added = (f"key{number}", number) if pairs else number
    if items and _CHOICE.random() < 2 / 3:
        place = _CHOICE.randrange(len(items))
        changed = [added] if _CHOICE.random() < 1 / 2 else []
        rest = items[:place] + items[place + 1 :]
        if pairs or not _is_in(items[place], rest):
            return items[:place] + changed + items[place + 1 :]
    return [*items, added]


def _is_in(item: Any, rest: list[Any]) -> bool:
    """An object that counts how often it holds an item need not tell one from two."""
    return any(type(item) is type(other) and repr(item) == repr(other) for other in rest)
