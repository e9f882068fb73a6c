"""What the student's code may do with an object of the test's side."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from unittest import TestCase, mock

from grader.remote import printing, standard
from grader.remote.awaiting import run_apart
from grader.wire import references
from grader.wire.containers import KINDS

if TYPE_CHECKING:
    from grader.remote.session import Session

SPECIAL = frozenset(
    f"__{name}__"
    for name in [
        "init",
        "enter",
        "exit",
        "iter",
        "next",
        "len",
        "getitem",
        "setitem",
        "delitem",
        "contains",
        "call",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "hash",
        "add",
        "sub",
        "mul",
        "truediv",
        "floordiv",
        "mod",
        "pow",
        "neg",
        "abs",
        "radd",
        "rsub",
        "rmul",
        "str",
        "repr",
        "bool",
        "int",
        "float",
    ]
)


def _call(session: Session, target: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    if not callable(target):
        raise TypeError("this cannot be called")
    return session.channel.lock.outside(target, *args, **kwargs)


def _use(session: Session, target: Any, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    """Call it; its result, and what it has changed of the containers that it was given."""
    places: dict[Any, Any] = {**dict(enumerate(args)), **kwargs}
    lent = {k: (v, session.encode(v)) for k, v in places.items() if type(v) in KINDS}
    result = _call(session, target, args, kwargs)
    return [result, {k: v for k, (v, old) in lent.items() if session.encode(v) != old}]


def _printing(session: Session, target: Any, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    """And what it printed, where the tests are open."""
    if not session.open_tests:
        return [*_use(session, target, args, kwargs), ""]
    with printing.kept() as printed:
        result, changed = _use(session, target, args, kwargs)
    return [result, changed, printed.getvalue()]


def _next(session: Session, target: Any) -> Any:
    if not hasattr(type(target), "__next__"):
        raise TypeError("this is no iterator")
    return _advanced(session, next, target)


def _of_generator(name: str) -> Callable[..., Any]:
    def step(session: Session, target: Any, *args: Any) -> Any:
        if not isinstance(target, types.GeneratorType):
            raise TypeError("this is no generator")
        if name == "throw" and not (len(args) == 1 and isinstance(args[0], BaseException)):
            raise TypeError("this is no exception")
        return _advanced(session, getattr(target, name), *args)

    return step


def _advanced(session: Session, step: Callable[..., Any], *args: Any) -> list[Any]:
    """`[item]`; of what has ended, None and its value."""
    try:
        return [session.channel.lock.outside(step, *args)]
    except StopIteration as stop:
        return [None, stop.value]


def _await(session: Session, target: Any) -> list[Any]:
    """`[result]`; `[None, task]` where it runs in the test's loop, and is asked for later."""
    if not inspect.isawaitable(target):
        raise TypeError("this cannot be awaited")
    if session.awaiting.pumping:
        return [None, asyncio.ensure_future(target)]
    return [session.channel.lock.outside(run_apart, target, session.channel.lock)]


def _awaited(_: Session, target: Any) -> list[Any]:
    if not isinstance(target, asyncio.Future):
        raise TypeError("this is not running")
    return [target.result()] if target.done() else [None, target]


def _anext(session: Session, target: Any) -> list[Any] | None:
    if not hasattr(type(target), "__anext__"):
        raise TypeError("this is no asynchronous iterator")
    try:
        return [session.channel.lock.outside(run_apart, anext(target), session.channel.lock)]
    except StopAsyncIteration:
        return None


def _method(_: Session, target: Any, name: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    return standard.call(target, name, args, kwargs)


def _read(session: Session, target: Any, name: Any) -> Any:
    return standard.read(target, name, session.open_tests)


def _enter(session: Session, target: Any) -> Any:
    if not is_context(target):
        raise TypeError("this is no context")
    return session.channel.lock.outside(target.__enter__)


def _exit(session: Session, target: Any, error: BaseException | None) -> bool:
    if not is_context(target):
        raise TypeError("this is no context")
    trace = None if error is None else error.__traceback__
    kind = None if error is None else type(error)
    return bool(session.channel.lock.outside(target.__exit__, kind, error, trace))


def _set_field(_: Session, target: Any, name: Any, value: Any) -> None:
    if name not in {field.name for field in dataclasses.fields(target)}:
        raise AttributeError(f"no field {name!r}")
    setattr(target, name, value)


OFFERED: dict[str, Callable[..., Any]] = {
    "call": _call,
    "use": _use,
    "printing": _printing,
    "next": _next,
    "await": _await,
    "awaited": _awaited,
    "anext": _anext,
    "method": _method,
    "read": _read,
    "enter": _enter,
    "exit": _exit,
    "field": _set_field,
    **{name: _of_generator(name) for name in ("send", "throw", "close")},
}


def answer_open(target: Any, operation: str, name: Any, *rest: Any) -> Any:
    if type(name) is not str:
        raise TypeError("not a name")
    if operation == "special" and name in SPECIAL and defines(type(target), name):
        return getattr(target, name)(*rest[0])
    if operation in ("get", "set") and not name.startswith("_"):
        return getattr(target, name) if operation == "get" else setattr(target, name, rest[0])
    raise AttributeError(f"no attribute {name!r}")


def is_context(value: Any) -> bool:
    """A context that a function of the test makes, or one of `contextlib`'s own."""
    return type(value).__module__ == "contextlib" and hasattr(type(value), "__exit__")


def shareable(value: Any) -> bool:
    """An object that the test's author made: no function, class or part of a test framework."""
    if isinstance(value, mock.NonCallableMock | type(mock.ANY) | type(mock.sentinel.any)):
        return True
    kind = type(value)
    if isinstance(value, TestCase | type | types.ModuleType):
        return False
    return kind.__module__ != "builtins" and not references.standard(kind.__module__)


def defines(kind: type, name: str) -> bool:
    return any(name in vars(k) for k in kind.__mro__ if k is not object)
