"""Functions and dataclasses by their outside: parameters, `f.__code__`, fields."""

from __future__ import annotations

import dataclasses
import inspect
import types
from typing import Any

_FIELD = getattr(dataclasses, "_FIELD")  # noqa: B009 - private, but what dataclasses.fields asks for
_NOTHING = (lambda: None).__code__
_MAX_NAMES = 100


def of_code(code: types.CodeType) -> list[Any]:
    """What tests look at: numbers of parameters, names, the first line."""
    counts = [code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount]
    return [counts, list(code.co_varnames)[:_MAX_NAMES], code.co_firstlineno]


def code(name: str, qualname: str, flags: Any, shape: Any, file: str | None = None) -> Any:
    """A code object with the outside of another one; nothing of that ever runs here."""
    flags = flags if type(flags) is int and 0 <= flags < 1 << 30 else 0
    try:
        (positional, only, keywords), names, line = shape
        return _NOTHING.replace(
            co_name=name,
            co_qualname=qualname,
            co_flags=flags,
            co_argcount=positional,
            co_posonlyargcount=only,
            co_kwonlyargcount=keywords,
            co_varnames=tuple(names),
            co_nlocals=len(names),
            co_firstlineno=line,
            co_filename=file or _NOTHING.co_filename,
        )
    except (TypeError, ValueError, OverflowError):
        return types.SimpleNamespace(co_flags=flags)


def of_signature(signature: inspect.Signature) -> list[Any]:
    """Of each parameter, and of the result, what there is: a default, an annotation."""
    parameters = [
        [p.name, int(p.kind), _given(p.default), _given(p.annotation)]
        for p in signature.parameters.values()
    ]
    return [parameters, _given(signature.return_annotation)]


def signature(told: list[Any]) -> inspect.Signature:
    empty = inspect.Parameter.empty
    parameters, result = told
    made = [
        inspect.Parameter(
            name,
            inspect._ParameterKind(kind),
            default=next(iter(default), empty),
            annotation=next(iter(annotation), empty),
        )
        for name, kind, default, annotation in parameters
    ]
    return inspect.Signature(made, return_annotation=next(iter(result), empty))


def field(name: str) -> Any:
    made: Any = dataclasses.field()
    made.name = name
    made._field_type = _FIELD
    return made


def _given(value: Any) -> list[Any]:
    return [] if value is inspect.Parameter.empty else [value]
