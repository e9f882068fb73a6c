"""Which containers inside its arguments a call goes on holding, as after `list(rows)`."""

from __future__ import annotations

import collections
import itertools
import sys
from collections.abc import Iterator
from typing import Any

from grader.wire.containers import KINDS, MAPPINGS

_MAX_DEPTH = 6
#: Items of a result that are looked at.
_MOST_SHOWN = 10_000


def references(inside: dict[int, Any]) -> dict[int, int]:
    """How often each container inside the arguments is referred to."""
    return {number: sys.getrefcount(item) for number, item in inside.items()}


def held(
    before: dict[int, int], now: dict[int, int], inside: dict[int, Any], result: Any
) -> list[tuple[int, Any]]:
    """Those referred to more often than before, and not by the result alone; with their numbers."""
    risen = [number for number, count in before.items() if now[number] > count]
    if not risen:
        return []
    items = itertools.islice(_items_in(result, 0), _MOST_SHOWN)
    shown = collections.Counter(map(id, items))
    found = [(n, inside[n]) for n in risen if inside[n] is not result]
    return [(n, item) for n, item in found if now[n] - before[n] > shown[id(item)]]


def _items_in(value: Any, depth: int) -> Iterator[Any]:
    if depth >= _MAX_DEPTH or (type(value) not in KINDS and type(value) is not tuple):
        return
    for item in value.values() if type(value) in MAPPINGS else value:
        yield item
        yield from _items_in(item, depth + 1)
