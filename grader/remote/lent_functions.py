"""Functions of open tests: what the student's code may see and change of them."""

from __future__ import annotations

import contextlib
import inspect
import types
from typing import TYPE_CHECKING, Any

from grader.wire import shapes
from grader.wire.codec import CodecError

if TYPE_CHECKING:
    from grader.remote.session import Session

_OF_FUNCTIONS = frozenset(f"__{n}__" for n in ("name", "qualname", "doc", "wrapped"))


def facts(function: Any) -> dict[str, Any]:
    """What is told of a function at once; the rest is asked for."""
    names = ("__name__", "__qualname__", "__doc__", "__module__")
    return {name: text for name in names if type(text := getattr(function, name)) in (str, None)}


def trace(found: types.TracebackType) -> list[Any]:
    code = found.tb_frame.f_code
    return [code.co_filename, code.co_name, found.tb_lineno]


def shape(session: Session, function: Any) -> dict[str, Any]:
    code = function.__code__
    return {
        "__code__": [code.co_flags, shapes.of_code(code)],
        "__signature__": signature(session, function),
        "__annotations__": told(session, dict(function.__annotations__)),
        "__defaults__": told(session, function.__defaults__),
        "__kwdefaults__": told(session, function.__kwdefaults__),
    }


def signature(session: Session, function: Any) -> list[Any]:
    try:
        found = inspect.signature(function)
    except (TypeError, ValueError):
        found = inspect.signature(_anything)
    made: list[Any] = told(session, shapes.of_signature(found))
    return made


def _anything(*args: Any, **kwargs: Any) -> None:
    """Of what says nothing about its parameters."""


def told(session: Session, value: Any) -> Any:
    """With texts in the place of what cannot travel."""
    try:
        session.encode(value)
    except CodecError:
        if type(value) is dict:
            return {name: told(session, item) for name, item in value.items()}
        if type(value) in (list, tuple):
            return type(value)(told(session, item) for item in value)
        return repr(value)
    return value


def held(session: Session, function: Any) -> dict[str, Any]:
    """What the test has set on it, as far as it can travel."""
    found = {}
    for name, value in vars(function).items():
        with contextlib.suppress(CodecError):
            session.encode(value)
            found[name] = value
    return found


def public(name: Any) -> str:
    if type(name) is not str or name[:2] == "__" == name[-2:]:
        raise AttributeError(f"no attribute {name!r}")
    return name


def get_of_function(target: Any, name: Any) -> Any:
    with contextlib.suppress(KeyError):
        return vars(target)[name]
    raise AttributeError(f"'function' object has no attribute {name!r}")


def set_of_function(target: Any, name: Any, told: Any) -> None:
    if name not in _OF_FUNCTIONS:
        public(name)
    setattr(target, name, told[1])
