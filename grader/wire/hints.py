"""Annotations as plain data: `list[int]`, `int | None`, `typing.Callable[[int], str]`."""

from __future__ import annotations

import types
import typing
from typing import Any

from grader.wire import references

_MAX_PARTS = 40
_BUILT, _UNION, _TYPING, _FORM = range(48, 52)
_Callable: Any = type(typing.Callable[[int], int])
_Generic: Any = type(typing.List[int])  # noqa: UP006 - the class behind this old spelling
_Union: Any = type(typing.Optional[int])  # noqa: UP045 - likewise
_Literal: Any = type(typing.Literal[1])
_Abstract: Any = type(__import__("collections.abc").abc.Callable[[int], int])


def packer(value: Any) -> tuple[int, list[Any]] | None:
    kind = type(value)
    form = references.form(value)
    if form is not None:
        return _FORM, [form]
    if kind is types.GenericAlias or kind is _Abstract:
        return _BUILT, [value.__origin__, _parts(value)]
    if kind is types.UnionType:
        return _UNION, list(value.__args__)
    if kind in _OF_TYPING:
        name = _OF_TYPING[kind] or value._name
        if type(name) is str and name in typing.__all__:
            return _TYPING, [name, _parts(value)]
    return None


_OF_TYPING: dict[Any, str] = {
    _Generic: "",
    _Callable: "Callable",
    _Union: "Union",
    _Literal: "Literal",
}


def _parts(value: Any) -> list[Any]:
    """Its arguments; of a callable the parameters are one list."""
    args = list(value.__args__)
    if type(value) in (_Callable, _Abstract) and args:
        return [args[0] if args[0] is ... else args[:-1], args[-1]]
    return args


def unpack(code: int, parts: list[Any]) -> Any:
    if len(parts) > _MAX_PARTS:
        raise ValueError("too many parts")
    if code == _FORM:
        return _named(parts[0])
    if code == _UNION:
        return _united(parts)
    start, args = parts
    if type(args) is not list or len(args) > _MAX_PARTS:
        raise ValueError("arguments")
    if code == _BUILT:
        if not isinstance(start, type):
            raise ValueError("not a class")
        built: Any = start if _is_callable(start) else None
        return built[tuple(args)] if built else types.GenericAlias(start, tuple(args))
    return _named(start)[tuple(args)]


def _named(name: Any) -> Any:
    if name not in typing.__all__:
        raise ValueError("no such annotation")
    return getattr(typing, name)


def _is_callable(start: type) -> bool:
    return start.__module__ == "collections.abc" and start.__name__ == "Callable"


def _united(parts: list[Any]) -> Any:
    united = parts[0]
    for part in parts[1:]:
        united = united | part
    return united
