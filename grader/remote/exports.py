"""What a test may hand to the student's code, and what the student's code may do with it.

A callback can be called and an iterator can be advanced; nothing else. Only where the tests are
open (published suites, nothing to keep secret) do test objects show their public attributes.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import inspect
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader.remote import functions, lending, lent_functions, standard
from grader.remote.answering import (
    OFFERED,
    SPECIAL,
    answer_open,
    defines,
    is_context,
    shareable,
)
from grader.wire import references
from grader.wire.codec import CodecError

if TYPE_CHECKING:
    from grader.remote.session import Session

_BUILTIN_BASES: tuple[Any, ...] = (int, float, str, bytes, list, dict, set, tuple, frozenset)
_CALLS = frozenset({"call", "use", "printing"})
_WITH_ARGUMENTS = _CALLS | {"method", "special"}
_DATACLASS_OPTIONS = ("eq", "order", "frozen", "unsafe_hash")


class NotForStudents(CodecError, TypeError):
    """The author's affair: with no solution could this be handed over."""


class Exports:
    def __init__(self, session: Session, *, open_tests: bool) -> None:
        self._session = session
        self._open = open_tests
        self._numbers: dict[Any, int] = {}
        self._objects: dict[int, Any] = {}
        self._lending = lending.Lending(session, self.number)

    def number(self, value: Any) -> int:
        key = _identity(value)
        if key not in self._numbers:
            number = len(self._objects) + 1
            self._numbers[key] = number
            self._objects[number] = value
        return self._numbers[key]

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
            held = lent_functions.told(self._session, vars(value)) if self._open else {}
            return ["x", self.number(value), type(value), list(value.args), held]
        if isinstance(value, types.TracebackType):
            place = lent_functions.trace(value) if self._open else ["test", "test", 1]
            return ["trace", self.number(value), *place]
        return (
            self._export_class(value) or self._export_standard(value) or self._export_object(value)
        )

    def lends(self, kind: type) -> bool:
        """Whether the student's code knows objects of this class by what they can do."""
        return self._open and lending.is_kind(kind)

    def _export_class(self, value: Any) -> list[Any] | None:
        if not isinstance(value, type):
            return None
        if issubclass(value, BaseException):
            return [
                "t",
                self.number(value),
                value.__bases__[0],
                value.__name__ if self._open else "Exception",
                "__init__" in vars(value),
            ]
        if issubclass(value, tuple) and hasattr(value, "_fields"):
            return self._export_named_tuple(value)
        if isinstance(value, enum.EnumType):
            return ["enumeration", self.number(value), *standard.members(value, self.number)]
        return self._lending.kind(value) if self._open and lending.is_kind(value) else None

    def _export_standard(self, value: Any) -> list[Any] | None:
        if isinstance(value, types.ModuleType) and references.standard(value.__name__):
            return ["module", value.__name__]
        if isinstance(value, enum.Enum):
            return self._export_member(value)
        known = standard.export(value)
        return ["std", self.number(value), *known] if known is not None else None

    def _export_named_tuple(self, kind: Any) -> list[Any]:
        shape = ["ntuple", self.number(kind), kind.__name__, list(kind._fields)]
        if not self._open:
            return [*shape, "tests", [], False]
        given = lent_functions.told(self._session, list(kind._field_defaults.values()))
        return [*shape, str(kind.__module__), given, lending.is_kind(kind)]

    def _export_member(self, value: enum.Enum) -> list[Any]:
        kind = type(value)
        if value.name not in kind.__members__:  # several flags together
            return ["member", self.number(value), kind, value.value]
        if references.standard(kind.__module__):
            return ["s", kind.__module__, f"{kind.__qualname__}.{value.name}"]
        return ["member", self.number(value), kind, value.name]

    def _export_object(self, value: Any) -> list[Any]:
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return ["n", type(value), list(value)]
        for base in _BUILTIN_BASES:
            if isinstance(value, base):
                return ["p", base(value)]
        if _has_fields(value) and not self._open:
            return self._export_fields(value)
        if self._open and type(value) is types.FunctionType:
            return ["function", self.number(value), lent_functions.facts(value)]
        if self._open and lending.is_kind(type(value)):
            return self._lending.thing(value)
        if _is_used(value) or (self._open and shareable(value)):
            return ["g", self.number(value), self._describe(value)]
        return _last_resort(value, self.number)

    def _export_fields(self, value: Any) -> list[Any]:
        """A test's dataclass is known by its fields; its methods stay here."""
        kind: Any = type(value)
        names = [field.name for field in dataclasses.fields(value)]
        options = {name: getattr(kind.__dataclass_params__, name) for name in _DATACLASS_OPTIONS}
        shape = [self.number(kind), kind.__name__, names, options]
        return ["data", self.number(value), shape, [getattr(value, name) for name in names]]

    def _describe(self, value: Any) -> dict[str, Any]:
        info: dict[str, Any] = {
            "call": callable(value),
            "bind": callable(value) and hasattr(type(value), "__get__") and not _is_bound(value),
            "iter": hasattr(type(value), "__next__"),
            "await": inspect.isawaitable(value),
            "coroutine": inspect.iscoroutine(value),
            "aiter": hasattr(type(value), "__anext__"),
            "gen": isinstance(value, types.GeneratorType),
            "ctx": is_context(value),
        }
        if not self._open:
            return info
        for name in ("__name__", "__qualname__", "__doc__"):
            text = getattr(value, name, None)
            if type(text) is str and not isinstance(value, type):
                info[name] = text
        if _is_bound(value):
            info["signature"] = lent_functions.signature(self._session, value)
        if shareable(value):
            info["object"] = True
            info["special"] = [name for name in SPECIAL if defines(type(value), name)]
        return info

    def answer(self, operation: Any, number: Any, *rest: Any) -> Any:
        try:
            return self._answer(operation, number, *rest)
        finally:
            self._session.tell()

    def _answer(self, operation: Any, number: Any, *rest: Any) -> Any:
        target = self.get(number)
        if operation in _WITH_ARGUMENTS and not all(type(r) in (str, list, dict) for r in rest):
            raise CodecError("malformed arguments")  # those of a range would have no end
        watch = self._session.watch
        if watch is not None and operation in _CALLS and len(rest) == 2:
            name = getattr(target, "__qualname__", "a function of the test")
            rest = ([watch.take(f"{name}(…)", arg) for arg in rest[0]], rest[1])
        if operation in OFFERED:
            return OFFERED[operation](self._session, target, *rest)
        if self._open and lending.is_lent(target):
            found = self._lending.answer(target, operation, rest)
            return self._session.lend(found) if operation == "get" else found
        if self._open and shareable(target):
            return self._session.channel.lock.outside(answer_open, target, operation, *rest)
        raise TypeError("a callback can only be called")


def _identity(value: Any) -> Any:
    """A method is made anew each time that it is asked for: the same is what does the same."""
    if type(value) is types.MethodType:
        return id(value.__self__), id(value.__func__)
    if type(value) is types.BuiltinMethodType:
        return id(value.__self__), value.__name__
    return id(value)


def _is_used(value: Any) -> bool:
    """Whether it can be called, advanced or awaited."""
    advanced = hasattr(type(value), "__next__") or hasattr(type(value), "__anext__")
    advanced = advanced or is_context(value)
    return callable(value) or advanced or inspect.isawaitable(value)


def _is_bound(value: Any) -> bool:
    return type(value) is types.MethodType


def _has_fields(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _view(value: Any) -> Any:
    """Of a mapping of the tests' own: that of a dict."""
    if isinstance(value, collections.abc.ItemsView):
        return dict(value).items()
    keys = isinstance(value, collections.abc.KeysView)
    return dict.fromkeys(value).keys() if keys else dict(enumerate(value)).values()


def _last_resort(value: Any, number: Callable[[Any], int]) -> list[Any]:
    if isinstance(value, collections.abc.Mapping):
        return ["p", dict(value)]
    if isinstance(value, collections.abc.MappingView):
        return ["p", _view(value)]
    if type(value) is object:
        return ["g", number(value), {}]  # a bare token
    raise NotForStudents(
        f"a test cannot hand a {type(value).__name__} to the student's code: hand over plain "
        "values, functions or dataclasses, or make it in `given`, which lies beside that code"
    )
