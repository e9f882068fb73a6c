"""Objects of the student's process that the tests hold by number, and the other way round."""

from __future__ import annotations

import abc
import builtins
import enum
import importlib
import inspect
import types
import typing
from collections.abc import Callable
from typing import Any

from grader.inside import stubs
from grader.wire import references, shapes
from grader.wire.codec import CodecError

_VALUE_BASES = (int, float, str, bytes, tuple, frozenset, complex)
_METACLASSES = (type, abc.ABCMeta, enum.EnumType, type(typing.Protocol))
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
_MAX_TEXT = 4000
_MAX_CAUSES = 3


class Handles:
    def __init__(self, ask: Callable[..., Any]) -> None:
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._causes = 0
        self._count = 0
        #: Set by the owner of the codec, which needs these handles first.
        self.encode: Callable[[Any], bytes] = lambda _: b""
        self.stubs = stubs.Stubs(ask)

    def number(self, value: Any) -> int:
        known = self._numbers.get(id(value))
        if known is None:
            self._count += 1
            known = self._count
            self._numbers[id(value)] = known
            self._objects[known] = value  # keeps it alive, so that its id stays its own
        return known

    def drop(self, numbers: list[int]) -> None:
        """Those that no test holds any more."""
        for number in numbers:
            self._numbers.pop(id(self._objects.pop(number, None)), None)

    def export(self, value: Any) -> list[Any]:
        number = self.stubs.number(value)
        if number is not None and getattr(_as_error(value), "__cause__", None) is None:
            return ["g", number]
        if isinstance(value, type):
            return ["k", self.describe(value)]
        if isinstance(value, BaseException):
            return self._export_exception(value)
        if isinstance(value, _FUNCTIONS):
            return ["f", self.number(value), self._describe_function(value)]
        return self._export_object(value)

    def _export_object(self, value: Any) -> list[Any]:
        if isinstance(value, types.GeneratorType):
            started = inspect.getgeneratorstate(value) != inspect.GEN_CREATED
            return ["y", self.number(value), started, value.__name__, value.__qualname__]
        if inspect.isawaitable(value) and not _awaits_by_itself(value):
            names = [str(getattr(value, n, "wait")) for n in ("__name__", "__qualname__")]
            return ["w", self.number(value), *names]
        for base in _VALUE_BASES:
            if isinstance(value, base):
                return ["v", self.number(value), self.describe(type(value)), _plain(base, value)]
        return ["o", self.number(value), self.describe(type(value))]

    def _export_exception(self, error: BaseException) -> list[Any]:
        state = {k: self.plain(v) for k, v in vars(error).items() if not k.startswith("_")}
        # Python's own; of AttributeError's `obj` nothing is told.
        state |= {k: v for k in ("name", "path") if type(v := getattr(error, k, None)) is str}
        notes = getattr(error, "__notes__", None)
        if type(notes) is list:
            state["__notes__"] = [note for note in notes if type(note) is str]
        cause, context = map(self._behind, (error.__cause__, error.__context__))
        try:
            text = str(error)[:_MAX_TEXT]
        except Exception:
            text = ""
        origin = self.stubs.origin(error)
        args = [self.plain(arg) for arg in _made_with(error)]
        kind = self.describe(type(error))
        parts = [self.number(error), kind, args, text, state, cause, origin]
        return ["e", *parts, context, error.__suppress_context__]

    def _behind(self, error: BaseException | None) -> list[Any] | None:
        if error is None or self._causes >= _MAX_CAUSES:
            return None
        self._causes += 1
        try:
            return self._export_exception(error)
        finally:
            self._causes -= 1

    def plain(self, value: Any) -> Any:
        """The value, or its text where it cannot travel."""
        try:
            self.encode(value)
        except CodecError:
            return repr(value)[:200]
        return value

    def _describe_function(self, function: Any) -> dict[str, Any]:
        code = getattr(function, "__code__", None)
        doc = getattr(function, "__doc__", None)
        return {
            "name": str(getattr(function, "__name__", "function")),
            "qualname": str(getattr(function, "__qualname__", "function")),
            "module": str(getattr(function, "__module__", None)),
            "doc": doc if type(doc) is str else None,
            "flags": getattr(code, "co_flags", 0),
            "code": shapes.of_code(code) if type(code) is types.CodeType else None,
        }

    def describe(self, kind: type) -> list[Any]:
        if kind.__module__ == "builtins" and _is_builtin(kind):
            return ["b", kind.__name__]
        lent = self.stubs.number(kind)
        return ["c", self.number(kind)] if lent is None else ["g", lent]

    def description(self, number: int) -> dict[str, Any]:
        kind = self._objects[number]
        # By the class's own dict: a metaclass of the student cannot invent attributes here.
        own = type.__getattribute__(kind, "__dict__")
        special = [k for k in own if k.startswith("__") and k.endswith("__")]
        methods = [k for k, v in own.items() if type(v) is types.FunctionType]
        doc = own.get("__doc__")
        return {
            "name": kind.__name__,
            "qualname": kind.__qualname__,
            "module": str(kind.__module__),
            "doc": doc if type(doc) is str else None,
            "bases": [self.describe(base) for base in kind.__bases__ if base is not object],
            "special": [k for k in special if own[k] is not None],
            "docs": {k: _words(own[k]) for k in methods if k in special and any(_words(own[k]))},
            "missing": [k for k in special if own[k] is None and k != "__doc__"],
            "methods": methods,
            "others": [] if _keeps(kind) else [k for k in own if k not in {*special, *methods}],
            "fields": self._fields(own) if type(own.get("__dataclass_fields__")) is dict else None,
            "reference": references.reference(kind) or references.of_tables(kind),
            "metaclass": None if type(kind) in _METACLASSES else self.describe(type(kind)),
            "iterable": hasattr(type(kind), "__iter__"),
            "asks": issubclass(type(kind), abc.ABCMeta),
            "abstract": sorted(getattr(kind, "__abstractmethods__", ())),
        }

    def _fields(self, own: Any) -> list[Any] | None:
        found = own["__dataclass_fields__"], own.get("__dataclass_params__")
        try:
            return shapes.of_dataclass(*found, self.plain)
        except AttributeError:
            return None  # something else under that name

    def resolve(self, parts: list[Any]) -> Any:
        kind, *rest = parts
        if kind == "h":
            return self._objects[rest[0]]
        if kind == "m":
            return getattr(self._objects[rest[0]], rest[1])
        if kind == "b":
            return getattr(builtins, rest[0])
        if kind == "s":
            return references.load(rest[0], rest[1])
        if kind == "p":
            return rest[0]
        if kind == "module":
            return importlib.import_module(rest[0])
        return self.stubs.resolve(kind, rest)


def _words(method: Any) -> list[Any]:
    """Docstring and annotations, as far as both sides know what these name."""
    notes = method.__annotations__
    known = all(n is None or type(n) is str or _is_builtin(n) for n in notes.values())
    return [method.__doc__, dict(notes) if known else {}]


def _is_builtin(value: Any) -> bool:
    return isinstance(value, type) and vars(builtins).get(value.__name__) is value


def _as_error(value: Any) -> BaseException | None:
    return value if issubclass(type(value), BaseException) else None


def _awaits_by_itself(value: Any) -> bool:
    """An object of a class with an `__await__` in Python: that is not all there is to it."""
    return isinstance(getattr(type(value), "__await__", None), types.FunctionType)


def _keeps(kind: type) -> bool:
    """Whether its attributes are told in another way."""
    return isinstance(kind, enum.EnumType) or issubclass(kind, BaseException)


def _plain(base: type, value: Any) -> Any:
    """The bare value under a subclass, without asking methods that the student may have changed."""
    if base is tuple:
        return tuple.__getitem__(value, slice(None))
    if base is frozenset:
        return frozenset(frozenset.__iter__(value))
    if base is str:
        return str.__getitem__(value, slice(None))
    if base is bytes:
        return bytes.__getitem__(value, slice(None))
    if base is float:
        return float.__float__(value)
    if base is complex:
        return complex.__add__(value, 0j)
    return int.__int__(value)


def _made_with(error: BaseException) -> tuple[Any, ...]:
    """What the exception was made with: an OSError does not show the name of its file."""
    if isinstance(error, OSError) and len(error.args) == 2 and error.filename is not None:
        return (*error.args, error.filename)
    return error.args
