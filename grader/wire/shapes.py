"""Functions and dataclasses by their outside: parameters, `f.__code__`, fields."""

from __future__ import annotations

import dataclasses
import inspect
import types
from collections.abc import Callable
from typing import Any

_FIELD = getattr(dataclasses, "_FIELD")  # noqa: B009 - private, but what dataclasses.fields asks for
_NOTHING = (lambda: None).__code__
_MAX_NAMES = 100
_OF_FIELDS = ("init", "repr", "compare", "kw_only")
_OF_DATACLASSES = ("init", "repr", "eq", "order", "unsafe_hash", "frozen")


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
        return _NoCode(flags)


class _NoCode:
    """Of a function that is not written in Python; that it is none `inspect` sees by its flags."""

    def __init__(self, flags: int) -> None:
        self.co_flags = flags

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{_NOT_PYTHON!r} object has no attribute '__code__'")


# As messages of Python call what has none.
_NoCode.__name__ = _NoCode.__qualname__ = _NOT_PYTHON = "builtin_function_or_method"


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


def of_dataclass(fields: Any, parameters: Any, plain: Callable[[Any], Any]) -> list[Any]:
    """Its options, and of each field what there is."""
    told = []
    for name, each in fields.items():
        if each._field_type is not _FIELD:
            continue  # of the class
        given = [getattr(each, option) for option in _OF_FIELDS]
        values = [_given_field(each.default, plain), _given_field(each.default_factory, plain)]
        told.append([name, given, *values, plain(dict(each.metadata)), plain(each.type)])
    return [told, [getattr(parameters, name, False) for name in _OF_DATACLASSES]]


def dataclass(told: list[Any]) -> dict[str, Any]:
    """As parts of a class."""
    fields, options = told
    chosen = zip(_OF_DATACLASSES, options, strict=True)
    return {
        "__dataclass_fields__": {each[0]: field(*each) for each in fields},
        "__dataclass_params__": types.SimpleNamespace(**{k: v is True for k, v in chosen}),
    }


def field(
    name: str,
    options: Any = (True, True, True, False),
    default: Any = (),
    factory: Any = (),
    metadata: Any = None,
    kind: Any = None,
) -> Any:
    chosen = zip(_OF_FIELDS, options, strict=True)
    given: dict[str, Any] = {option: value is True for option, value in chosen}
    if default:
        given["default"] = default[0]
    elif factory:
        given["default_factory"] = factory[0]
    made = dataclasses.field(**given, metadata=metadata if type(metadata) is dict else None)
    made.name, made.type = name, kind
    made._field_type = _FIELD
    return made


def _given_field(value: Any, plain: Callable[[Any], Any]) -> list[Any]:
    return [] if value is dataclasses.MISSING else [plain(value)]


def _given(value: Any) -> list[Any]:
    return [] if value is inspect.Parameter.empty else [value]
