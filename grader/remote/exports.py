"""What a test may hand to the student's code, and what the student's code may do with it.

A callback can be called and an iterator can be advanced; nothing else. Only where the tests are
open (published suites, nothing to keep secret) do test objects show their public attributes.
"""

from __future__ import annotations

import collections.abc
import inspect
import types
from typing import TYPE_CHECKING, Any
from unittest import TestCase, mock

from grader.remote import functions
from grader.remote.awaiting import run_apart
from grader.wire import references
from grader.wire.codec import CodecError

if TYPE_CHECKING:
    from grader.remote.session import Session

_BUILTIN_BASES: tuple[Any, ...] = (int, float, str, bytes, list, dict, set, tuple, frozenset)
_SPECIAL = frozenset(
    f"__{name}__"
    for name in [
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


class Exports:
    def __init__(self, session: Session, *, open_tests: bool) -> None:
        self._session = session
        self._open = open_tests
        self._numbers: dict[int, int] = {}
        self._objects: dict[int, Any] = {}

    def number(self, value: Any) -> int:
        if id(value) not in self._numbers:
            number = len(self._objects) + 1
            self._numbers[id(value)] = number
            self._objects[number] = value
        return self._numbers[id(value)]

    def get(self, number: Any) -> Any:
        if type(number) is not int or number not in self._objects:
            raise CodecError("no such callback")
        return self._objects[number]

    def export(self, value: Any) -> list[Any]:
        known = functions.identify(value)
        if known is not None:
            return known
        named = references.reference(value)
        if named is not None and named[0] != "builtins":
            return ["s", *named]
        if named is not None and "." not in named[1]:
            return ["b", named[1]]
        if named is not None:
            return ["s", *named]
        if isinstance(value, BaseException):
            return ["x", self.number(value), type(value), list(value.args)]
        if isinstance(value, type) and issubclass(value, BaseException):
            return self._export_exception_class(value)
        if isinstance(value, types.ModuleType) and references.standard(value.__name__):
            return ["module", value.__name__]
        return self._export_object(value)

    def _export_exception_class(self, kind: type) -> list[Any]:
        name = kind.__name__ if self._open else "Exception"
        return ["t", self.number(kind), kind.__bases__[0], name]

    def _export_object(self, value: Any) -> list[Any]:
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return ["n", type(value).__name__, list(value._fields), list(value)]
        for base in _BUILTIN_BASES:
            if isinstance(value, base):
                return ["p", base(value)]
        if _is_used(value):
            return ["g", self.number(value), self._describe(value)]
        if self._open and _shareable(value):
            return ["g", self.number(value), self._describe(value)]
        if isinstance(value, collections.abc.Mapping):
            return ["p", dict(value)]
        if type(value) is object:
            return ["g", self.number(value), {}]  # a bare token
        raise CodecError(f"a test cannot hand a {type(value).__name__} to the student's code")

    def _describe(self, value: Any) -> dict[str, Any]:
        info: dict[str, Any] = {
            "call": callable(value),
            "iter": hasattr(type(value), "__next__"),
            "await": inspect.isawaitable(value),
            "aiter": hasattr(type(value), "__anext__"),
        }
        if not self._open:
            return info
        for name in ("__name__", "__qualname__", "__doc__"):
            text = getattr(value, name, None)
            if type(text) is str and not isinstance(value, type):
                info[name] = text
        if _shareable(value):
            info["object"] = True
            info["special"] = [name for name in _SPECIAL if _defines(type(value), name)]
        return info

    def answer(self, operation: Any, number: Any, *rest: Any) -> Any:
        target = self.get(number)
        if operation == "call" and callable(target):
            args, kwargs = rest
            return target(*args, **kwargs)
        if operation == "next" and hasattr(type(target), "__next__"):
            try:
                return [next(target)]
            except StopIteration as stop:
                return [None, stop.value]
        if operation in ("await", "anext"):
            return self._wait(operation, target)
        if self._open and _shareable(target):
            return self._answer_open(target, operation, *rest)
        raise TypeError("a callback can only be called")

    def _wait(self, operation: str, target: Any) -> Any:
        lock = self._session.channel.lock
        if operation == "await" and inspect.isawaitable(target):
            return run_apart(target, lock)
        if operation == "anext" and hasattr(type(target), "__anext__"):
            try:
                return [run_apart(anext(target), lock)]
            except StopAsyncIteration:
                return None
        raise TypeError("this cannot be awaited")

    def _answer_open(self, target: Any, operation: str, name: Any, *rest: Any) -> Any:
        if type(name) is not str:
            raise TypeError("not a name")
        if operation == "special" and name in _SPECIAL and _defines(type(target), name):
            return getattr(target, name)(*rest[0])
        if operation in ("get", "set") and not name.startswith("_"):
            return getattr(target, name) if operation == "get" else setattr(target, name, rest[0])
        raise AttributeError(f"no attribute {name!r}")


def _is_used(value: Any) -> bool:
    """Whether it can be called, advanced or awaited."""
    advanced = hasattr(type(value), "__next__") or hasattr(type(value), "__anext__")
    return callable(value) or advanced or inspect.isawaitable(value)


def _shareable(value: Any) -> bool:
    """An object that the test's author made: no function, class or part of a test framework."""
    if isinstance(value, mock.NonCallableMock | type(mock.ANY) | type(mock.sentinel.any)):
        return True
    kind = type(value)
    if isinstance(value, TestCase | type | types.ModuleType):
        return False
    return kind.__module__ != "builtins" and not references.standard(kind.__module__)


def _defines(kind: type, name: str) -> bool:
    return any(name in vars(k) for k in kind.__mro__ if k is not object)
