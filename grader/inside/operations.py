"""What the tests' side may ask of the student's process."""

from __future__ import annotations

import copy
import importlib
import inspect
import itertools
import linecache
import operator
import os
import random
import resource
import sys
import traceback
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader import folders
from grader.codec import Codec, CodecError
from grader.inside import loader
from grader.inside.awaiting import Awaiting
from grader.inside.handles import Handles
from grader.values import is_mutable

_BY_NAME: dict[str, Callable[..., Any]] = {
    f.__name__: f
    for f in (len, hash, iter, next, bool, str, repr, int, float, abs, format, round, reversed)
} | {f.__name__: f for f in (complex, bytes, divmod, pow, dir, list, dict, set, isinstance)}
_BY_NAME |= {"deepcopy": copy.deepcopy, "copy": copy.copy, "aiter": aiter, "anext": anext}
_MAX_TRACEBACK = 4000


class Operations:
    def __init__(self, codec: Codec, handles: Handles, ask: Callable[..., Any]) -> None:
        self._codec = codec
        self._handles = handles
        self._loader = loader.Loader(ask)
        self._awaiting = Awaiting()
        self._patched: list[tuple[Any, str, Any]] = []
        self._known_files: folders.Stamps = {}
        handles.encode = codec.encode

    def run(self, message: list[Any]) -> bytes:
        kind, *rest = message
        before: list[tuple[Any, Any, bytes]] = []
        try:
            if kind in ("call", "method"):
                result, same = self._call(kind, rest, before)
            else:
                result, same = getattr(self, f"do_{kind}")(*rest), None
            return self._codec.encode(["ok", result, same, self._changes(before)])
        except BaseException as error:
            return self._failure(error, before)

    def _call(self, kind: str, rest: list[Any], before: list[Any]) -> tuple[Any, Any]:
        args, kwargs = rest[-2], rest[-1]
        keyed = itertools.chain(enumerate(args), kwargs.items())
        mutable = [(key, value) for key, value in keyed if is_mutable(value)]
        for key, value in mutable:
            before.append((key, value, self._codec.encode(value)))
        function = rest[0] if kind == "call" else _method(*rest[:3])
        result = function(*args, **kwargs)
        same = next((key for key, value in mutable if value is result), None)
        return result, same

    def _changes(self, before: list[tuple[Any, Any, bytes]]) -> dict[Any, Any]:
        return {key: value for key, value, old in before if self._codec.encode(value) != old}

    def _failure(self, error: BaseException, before: list[Any]) -> bytes:
        changes: dict[Any, Any] = {}
        try:
            changes = self._changes(before)
            return self._codec.encode(["exc", error, *_where(error), changes])
        except BaseException as second:
            name = type(error).__name__
            if isinstance(error, CodecError):
                plain: Exception = ValueError(f"The value cannot be used by a test: {error}")
            elif isinstance(error, MemoryError | RecursionError):
                plain = type(error)()
            else:
                plain = RuntimeError(f"{name} ({type(second).__name__} while telling about it)")
            return self._codec.encode(["exc", plain, None, None, "", {}])

    def do_load(self, config: dict[str, Any]) -> Any:
        return self._loader.load(config)

    def do_describe(self, number: int) -> dict[str, Any]:
        return self._handles.description(number)

    def do_names(self, module: str) -> list[str]:
        space = vars(sys.modules[module])
        chosen = space.get("__all__")
        if isinstance(chosen, list | tuple):
            return [str(name) for name in chosen]
        # A star import must not replace the tests' own modules by the student's.
        return [k for k, v in space.items() if k[0] != "_" and type(v) is not types.ModuleType]

    def do_module(self, module: str) -> Any:
        return sys.modules[module]

    def do_get(self, target: Any, name: str) -> Any:
        return getattr(target, name)

    def do_set(self, target: Any, name: str, value: Any) -> None:
        setattr(target, name, value)

    def do_del(self, target: Any, name: str) -> None:
        delattr(target, name)

    def do_op(self, name: str, args: list[Any]) -> Any:
        function = _BY_NAME.get(name) or getattr(operator, name)
        return function(*args)

    def do_snapshot(self, value: Any, kind: str) -> Any:
        """The contents of a list, dict or set under a class of the student."""
        if kind == "dict":
            return {key: dict.__getitem__(value, key) for key in dict.__iter__(value)}
        base: Any = {"list": list, "set": set}[kind]
        return base(base.__iter__(value))

    def do_signature(self, function: Any) -> list[list[Any]]:
        signature = inspect.signature(function)
        empty = inspect.Parameter.empty
        return [
            [p.name, int(p.kind), p.default is not empty, None if p.default is empty else p.default]
            for p in signature.parameters.values()
        ]

    def do_subclass(self, name: str, bases: list[type], body: dict[str, list[Any]]) -> Any:
        made = {key: _member(*value) for key, value in body.items()}
        return types.new_class(name, tuple(bases), {}, lambda space: space.update(made))

    def do_seed(self, args: list[Any]) -> None:
        random.seed(*args)

    def do_patch(self, module: str, name: str, value: Any) -> int:
        target = importlib.import_module(module)
        self._patched.append((target, name, getattr(target, name, None)))
        setattr(target, name, value)
        return len(self._patched) - 1

    def do_unpatch(self, number: int) -> None:
        target, name, value = self._patched[number]
        setattr(target, name, value)

    def do_environment(self, changed: dict[str, str | None]) -> None:
        for name, value in changed.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    def do_files(self, folder: str, changes: list[list[Any]]) -> None:
        folders.apply(Path(folder), changes)
        self._known_files = folders.stamps(Path(folder))

    def do_changed_files(self, folder: str) -> list[list[Any]]:
        now = folders.stamps(Path(folder))
        told = folders.changes(Path(folder), self._known_files, now)
        self._known_files = now
        return told

    def do_usage(self) -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def do_start(self, awaitable: Any) -> int:
        return self._awaiting.start(awaitable)

    def do_advance(self, seconds: float) -> list[Any]:
        return self._awaiting.advance(seconds)

    def do_cancel(self, number: int) -> None:
        self._awaiting.cancel(number)


def _method(owner: type, name: str, instance: Any) -> Any:
    """The method as `owner` defines it, or what the instance itself puts in its place."""
    first = next((k for k in type(instance).__mro__ if name in vars(k)), None)
    if first is owner or first is None:
        return getattr(instance, name)
    return vars(owner)[name].__get__(instance, type(instance))


def _member(kind: str, value: Any) -> Any:
    if kind == "function":
        return _plain_function(value)
    if kind == "static":
        return staticmethod(value)
    if kind == "class":
        return classmethod(_plain_function(value))
    if kind == "property":
        return property(*(_plain_function(part) if part else None for part in value))
    return value


def _plain_function(callback: Any) -> Any:
    def function(*args: Any, **kwargs: Any) -> Any:
        return callback(*args, **kwargs)

    return function


def _where(error: BaseException) -> tuple[int | None, str | None, str]:
    """Line, its text and the traceback, of the student's frames only."""
    mine = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename in linecache.cache and frame.filename.startswith("<student:")
    ]
    shown = [(f"{f.filename[9:-1]}.py", f.lineno, f.name, f.line) for f in mine[-8:]]
    lines = traceback.format_list([traceback.FrameSummary(a, b, c, line=d) for a, b, c, d in shown])
    if not mine:
        return None, None, ""
    text = "".join(lines)[-_MAX_TRACEBACK:]
    return mine[-1].lineno, mine[-1].line, text
