"""Namespaces, chains of mappings, and dictionaries with defaults."""

from __future__ import annotations

import collections
import importlib
import types
from typing import Any

from grader.wire.checking import BadValueError, need

#: Kept in step as a whole.
RECORDS: frozenset[type] = frozenset({types.SimpleNamespace, collections.ChainMap})
_CHAIN, _NAMESPACE = 36, 37
CODES = frozenset({_CHAIN, _NAMESPACE})
_MAPPINGS = (dict, collections.Counter, collections.OrderedDict, collections.defaultdict)

_FACTORIES: dict[str, type] = {
    t.__name__: t for t in (list, dict, set, int, float, str, tuple, bool, frozenset)
}


def packer(value: Any) -> tuple[int, list[Any]] | None:
    kind = type(value)
    if kind is collections.ChainMap and all(type(each) in _MAPPINGS for each in value.maps):
        return _CHAIN, list(value.maps)
    if (kind.__module__, kind.__name__) == ("argparse", "Namespace"):
        return _NAMESPACE, [vars(value)]
    return None


def unpack(code: int, parts: list[Any]) -> Any:
    if code == _NAMESPACE:
        return importlib.import_module("argparse").Namespace(**need(parts[0], dict))
    if not all(type(each) in _MAPPINGS for each in parts):
        raise BadValueError("no mapping")
    return collections.ChainMap(*parts)


def follow(record: Any, other: Any) -> None:
    """Give it what another one of its kind holds."""
    if type(record) is types.SimpleNamespace:
        vars(record).clear()
        vars(record).update(vars(other))
    else:
        record.maps[:] = other.maps


def pack_defaultdict(value: collections.defaultdict[Any, Any]) -> list[Any]:
    factory = value.default_factory
    name = "" if factory is None else getattr(factory, "__name__", "")
    return [name if _FACTORIES.get(name) is factory else factory, dict(value)]


def unpack_defaultdict(parts: list[Any]) -> collections.defaultdict[Any, Any]:
    factory = _FACTORIES.get(parts[0]) if type(parts[0]) is str else parts[0]
    return collections.defaultdict(factory, need(parts[1], dict))
