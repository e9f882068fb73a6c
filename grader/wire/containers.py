"""Containers and streams that both sides can hold, and how one is made like another."""

from __future__ import annotations

import array
import collections
from random import Random
from typing import Any

from grader.wire import records, stateful

KINDS: frozenset[type] = frozenset(
    {
        list,
        dict,
        set,
        collections.deque,
        collections.Counter,
        collections.OrderedDict,
        collections.defaultdict,
    }
)
MAPPINGS = frozenset({dict, collections.Counter, collections.OrderedDict, collections.defaultdict})
#: Kept in step as a whole.
STREAMS: frozenset[type] = frozenset(
    {stateful.StringIO, stateful.BytesIO, bytearray, array.array, Random, *records.RECORDS}
)
#: Items of a container that are looked at one by one.
MAX_SEARCHED = 64


def small(container: Any) -> bool:
    """Whether all inside it was counted, so that its items can be taken as they come."""
    return type(container) in KINDS and len(container) <= MAX_SEARCHED


def assign(old: Any, new: Any) -> None:
    """Give a container the items of another of its kind."""
    if type(old) is list:
        old[:] = new
        return
    if type(old) in STREAMS:
        (records if type(old) in records.RECORDS else stateful).follow(old, new)
        return
    if type(old) in MAPPINGS:
        refill(old, dict(new))
        return
    items = list(new)
    old.clear()
    if type(old) is set:
        old.update(items)
    else:
        old.extend(items)


def refill(mapping: Any, items: dict[Any, Any]) -> None:
    """Item by item: `dict.update` knows nothing of the order that an OrderedDict keeps."""
    mapping.clear()
    for key, value in items.items():
        mapping[key] = value


def like(value: Any, items: Any) -> Any:
    kind = type(value)
    if kind is collections.deque:
        return collections.deque(items, value.maxlen)
    if kind in MAPPINGS and kind is not dict:
        made = value.copy()
        dict.update(made, items)
        return made
    return items
