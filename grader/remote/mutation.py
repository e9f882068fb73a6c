"""Carries changes that a call made to its arguments back into the caller's own objects."""

from __future__ import annotations

import collections
import types
from typing import Any

from grader.wire import stateful
from grader.wire.containers import STREAMS, refill
from grader.wire.records import RECORDS

_MAPPINGS = (dict, collections.Counter, collections.OrderedDict, collections.defaultdict)
_NESTED = (list, tuple, collections.deque, *_MAPPINGS, *RECORDS)


def restore(old: Any, new: Any) -> bool:
    """Make `old` equal to `new` in place, keeping inner objects where they still fit."""
    kind = type(old)
    if kind is not type(new):
        return False
    if kind is tuple:
        return len(old) == len(new) and all(
            _inner(a, b) is a for a, b in zip(old, new, strict=True)
        )
    if kind in (list, collections.deque):
        _restore_sequence(old, new)
    elif kind in _MAPPINGS:
        _restore_mapping(old, new)
    elif kind is set:
        old.clear()
        old.update(new)
    elif kind in RECORDS:
        _restore_record(old, new)
    elif kind in STREAMS:
        stateful.follow(old, new)
    else:
        return _restore_table(old, new)
    return True


def _inner(old: Any, new: Any) -> Any:
    """The old object if it could be made equal to the new one, else the new one."""
    if type(old) in _NESTED and restore(old, new):
        return old
    if type(old) in (set, bytearray) and restore(old, new):
        return old
    return old if type(old) is type(new) and _same(old, new) else new


def _same(old: Any, new: Any) -> bool:
    return old is new or (type(old) in (int, str, bytes, bool, float) and old == new)


def _restore_sequence(old: Any, new: Any) -> None:
    items = list(new)
    if len(items) == len(old):
        items = [_inner(a, b) for a, b in zip(old, items, strict=True)]
    if type(old) is list:
        old[:] = items
    else:
        old.clear()
        old.extend(items)


def _restore_record(old: Any, new: Any) -> None:
    if type(old) is types.SimpleNamespace:
        _restore_mapping(vars(old), vars(new))
    else:
        _restore_sequence(old.maps, new.maps)


def _restore_mapping(old: Any, new: Any) -> None:
    items = {key: _inner(old[key], value) if key in old else value for key, value in new.items()}
    refill(old, items)


def _restore_table(old: Any, new: Any) -> bool:
    if not type(old).__module__.startswith(("numpy", "pandas")):
        return False
    if type(old).__name__ == "ndarray":
        if old.shape == new.shape and old.flags.writeable:
            old[...] = new
            return True
        return False
    if hasattr(old, "_update_inplace"):
        old._update_inplace(new)
        return True
    return False
