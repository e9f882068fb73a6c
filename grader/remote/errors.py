"""Exceptions and generators of the student that are real ones on the tests' side."""

from __future__ import annotations

import contextlib
import unittest
from collections.abc import Callable
from typing import Any

from grader.remote.proxies import Mirror
from grader.wire.codec import CodecError

#: Raised by student's code, these would steer the test framework itself.
STEERING = (
    *(KeyboardInterrupt, GeneratorExit, unittest.SkipTest),
    *(getattr(unittest.case, name) for name in ("_ShouldStop", "_UnexpectedSuccess")),
)


def is_lent(kind: Any) -> bool:
    """An exception class of the tests, which the student's code was given."""
    return isinstance(kind, type) and issubclass(kind, BaseException)


def make_exception(kind: Any, args: list[Any]) -> Any:
    # The student's __init__ ran over there; only Python's own part is done again here.
    base = next(b for b in kind.__mro__ if not isinstance(b, Mirror))
    try:
        error = kind.__new__(kind, *args)
    except Exception:
        return RuntimeError(*args)
    with contextlib.suppress(Exception):
        base.__init__(error, *args)
    if base.__module__ == "builtins":  # else a class of the tests, which has chosen its own
        error.args = tuple(args)
    return error


def set_state(error: Any, state: dict[Any, Any]) -> None:
    error.__dict__.update(state)
    for name in ("name", "path"):
        if isinstance(error, _NAMING) and type(state.get(name)) is str and hasattr(error, name):
            setattr(error, name, state[name])  # not part of its `__dict__`


_NAMING = (NameError, AttributeError, ImportError)


def link(error: Any, made: Callable[..., Any], cause: Any, context: Any, suppress: Any) -> None:
    """To what it came from, and to what was handled when it was raised."""
    if type(cause) is list:
        error.__cause__ = made(*cause[1:])
    if type(context) is list:
        error.__context__ = made(*context[1:])
    error.__suppress_context__ = suppress is True


def raise_from(error: Any, made: Callable[..., Any], cause: Any) -> None:
    """One of the tests, which the student's code raised; nothing comes from itself."""
    if not isinstance(error, BaseException):
        raise CodecError("not an exception")
    if type(cause) is not list or error.__cause__ is not None:
        return
    found = step = made(*cause[1:])
    while step is not None and step is not error:
        step = step.__cause__ or step.__context__
    if step is None:
        error.__cause__ = found


def ask_exception(self: Any, name: str) -> Any:
    if name.startswith("__") or "_rid" not in self.__dict__:
        raise AttributeError(name)
    return type(self).__remote__.request("get", self, name)


def exception_text(self: Any) -> str:
    text = self.__dict__.get("_text")
    return text if type(text) is str else BaseException.__str__(self)


def empty_generator() -> Any:
    yield


def drive(handle: Any, started: bool) -> Any:
    """A real generator that advances the student's one; `started`: that waits at a `yield`."""
    made = _driving(handle, started)
    if started:
        next(made)
    return made


def _driving(handle: Any, waits: bool) -> Any:
    resume = type(handle).__remote__.resume
    value: Any = None
    item: Any = None
    step = "send"
    while True:
        try:
            item = None if waits else resume(getattr(handle, step), value)
        except StopIteration as stop:
            return stop.value
        waits = False
        try:
            value = yield item
            step = "send"
        except GeneratorExit:
            handle.close()
            raise
        except BaseException as error:
            value, step = error, "throw"
