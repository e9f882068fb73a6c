"""JSON to frozen dataclasses: every field of the type that its annotation says, and no other."""

from __future__ import annotations

import dataclasses
import functools
import json
import types
import typing
from collections.abc import Callable
from typing import Any, Literal, TypeVar

_T = TypeVar("_T")
_LEAVES = frozenset({str, int, float, bool, type(None)})
#: Takes a value as JSON has it and gives it as the annotation wants it.
_Converter = Callable[[Any], Any]


class ProtocolError(ValueError):
    """The request or verdict does not have the agreed form."""


class _Misfit(Exception):
    """Raised where it is found; each level above adds its part of the way there."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
        self.place = ""

    def below(self, part: str) -> _Misfit:
        self.place = part + self.place
        return self


def read(kind: type[_T], text: str | bytes) -> _T:
    return from_plain(kind, parse(text))


def parse(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"This is not JSON: {error}") from None


def from_plain(kind: type[_T], value: Any) -> _T:
    """From what `json.loads` gives."""
    try:
        return typing.cast("_T", _converter(typing.cast("Any", kind))(value))
    except _Misfit as misfit:
        raise ProtocolError(f"{kind.__name__}{misfit.place} {misfit.text}") from None


def write(value: Any) -> str:
    # ASCII on purpose: lone surrogates in a student's text survive every transport.
    return json.dumps(value, separators=(",", ":"), default=vars)


def plain(value: Any) -> Any:
    """What `json.loads(write(value))` would give, without the way through text."""
    if type(value) in _LEAVES:
        return value
    if hasattr(type(value), "__dataclass_fields__"):
        value = vars(value)
    if isinstance(value, tuple | list):
        return [item if type(item) in _LEAVES else plain(item) for item in value]
    if isinstance(value, dict):
        return {k: item if type(item) in _LEAVES else plain(item) for k, item in value.items()}
    return value


@functools.cache
def _converter(kind: Any) -> _Converter:
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind)
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return functools.partial(_literal, args)
    if origin in (types.UnionType, typing.Union):
        inner = _converter(next(a for a in args if a is not type(None)))
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        return functools.partial(_tuple, _converter(args[0]))
    if origin is dict:
        return functools.partial(_dict, _converter(args[1]))
    if kind is Any:
        return lambda value: value
    return functools.partial(_scalar, kind)


def _scalar(kind: type, value: Any) -> Any:
    if type(value) is kind:
        return value
    if kind is float and type(value) is int:
        return float(value)
    raise _Misfit(f"must be {kind.__name__}, not {type(value).__name__}.")


def _literal(choices: tuple[Any, ...], value: Any) -> Any:
    if value not in choices:
        raise _Misfit(f"must be one of {', '.join(map(str, choices))}.")
    return value


def _tuple(inner: _Converter, value: Any) -> tuple[Any, ...]:
    made = []
    for number, item in enumerate(_scalar(list, value)):
        try:
            made.append(inner(item))
        except _Misfit as misfit:
            raise misfit.below(f"[{number}]") from None
    return tuple(made)


def _dict(inner: _Converter, value: Any) -> dict[str, Any]:
    made = {}
    for key, item in _scalar(dict, value).items():
        try:
            made[key] = inner(item)
        except _Misfit as misfit:
            raise misfit.below(f"[{key}]") from None
    return made


def quickly(kind: type[_T], made: dict[str, Any]) -> _T:
    """With all its fields: a frozen dataclass would set them one by one in Python."""
    whole = object.__new__(kind)
    vars(whole).update(made)
    return whole


def _dataclass(kind: Any) -> _Converter:
    hints = typing.get_type_hints(kind)
    # Most items are of the very type that is wanted, and need no converter.
    fields = {
        field.name: (hints[field.name], _converter(hints[field.name]))
        for field in dataclasses.fields(kind)
    }

    def convert(value: Any) -> Any:
        made = {}
        for name, item in _scalar(dict, value).items():
            if name not in fields:
                raise _Misfit(f"has no field {name!r}.")
            wanted, converter = fields[name]
            try:
                made[name] = item if type(item) is wanted else converter(item)
            except _Misfit as misfit:
                raise misfit.below(f".{name}") from None
        if len(made) == len(fields):
            return quickly(kind, made)
        try:
            return kind(**made)
        except TypeError as error:
            raise _Misfit(str(error)) from None

    return convert
