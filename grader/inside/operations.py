"""What the tests' side may ask of the student's process."""

from __future__ import annotations

import copy
import itertools
import operator
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.inside import contents, failures, loader, unsendable
from grader.inside.awaiting import Awaiting
from grader.inside.classes import Classes
from grader.inside.handles import Handles
from grader.inside.logs import Logs
from grader.inside.looking import Looking
from grader.inside.surrounding import Surrounding
from grader.wire import folders, keeping
from grader.wire.codec import Codec, CodecError, TooLarge, Twin
from grader.wire.containers import assign
from grader.wire.lanes import KEPT, Own
from grader.wire.twins import Twins
from grader.wire.values import is_mutable


def _by_itself(name: str) -> Callable[[Any, Any], Any]:
    """Without asking the other operand, as a test does that calls the method itself."""
    return lambda one, other: getattr(type(one), name)(one, other)


_BY_NAME: dict[str, Callable[..., Any]] = {
    f.__name__: f
    for f in (len, hash, iter, next, bool, str, repr, int, float, abs, format, round, reversed)
} | {f.__name__: f for f in (complex, bytes, divmod, pow, dir, list, dict, set, isinstance)}
_BY_NAME |= {"_eq": _by_itself("__eq__"), "_ne": _by_itself("__ne__")}
_BY_NAME |= {"deepcopy": copy.deepcopy, "copy": copy.copy, "aiter": aiter, "anext": anext}

#: What hands out things that the student's code may go on holding.
_SHARING = frozenset({"call", "method", "get", "op"})


class Operations(Classes, Looking, Surrounding):
    def __init__(
        self, codec: Codec, handles: Handles, ask: Callable[..., Any], tell: Callable[..., None]
    ) -> None:
        super().__init__()
        #: Calls the student's code; set by the owner of the turn.
        self.outside: Callable[..., Any] = lambda work, *args, **kwargs: work(*args, **kwargs)
        self._codec = codec
        self._handles = handles
        self.loader = loader.Loader(ask, tell)
        self._logs = Logs(ask)
        self._awaiting = Awaiting()
        self._known_files: folders.Stamps = {}
        handles.encode = codec.encode
        self._twins = Twins(codec)
        handles.stubs.twins = self._twins

    def own(self) -> Own:
        """Of what runs at one time, each has this for itself."""
        own: Own = [(self._codec, "_depth", int), (self._handles, "_causes", int)]
        return own + self._twins.own()

    def run(self, message: list[Any]) -> bytes:
        kind, *rest = message
        before = self._mutable(rest) if kind in ("call", "method") else []
        counts = _references(before)
        outer = self._twins.look_inside(*rest[-2:]) if before else None
        # Now: the call may change what it is given.
        inner = keeping.references(self._twins.inside) if before else {}
        result: Any = None
        try:
            if kind in ("call", "method"):
                function = rest[0] if kind == "call" else _method(*rest[:3])
                result = self.outside(function, *rest[-2], **rest[-1])
            elif kind in KEPT:
                result = getattr(self, f"do_{kind}")(*rest)
            else:
                result = self.outside(getattr(self, f"do_{kind}"), *rest)
            same = _place(result, before) if before else None
            shared = result
            if same is None and kind in _SHARING:
                del shared
                shared = self._twins.mark(result, held=True)
            self._handles.stubs.settle()
            changes = self._changes(before, counts)
            if inner:
                self._keep_inner(inner, None if type(shared) is Twin else result, changes)
            return self._codec.encode(["ok", shared, same, changes])
        except CodecError as error:
            words = unsendable.words(message, result, error, self._codec.encode)
            return self._failure(
                unsendable.CannotTravel(words), [] if type(error) is TooLarge else before, counts
            )
        except BaseException as error:
            return self._failure(error, before, counts)
        finally:
            if outer is not None:
                self._twins.look_again(outer)

    def _mutable(self, rest: list[Any]) -> list[tuple[Any, Any, bytes]]:
        keyed = itertools.chain(enumerate(rest[-2]), rest[-1].items())
        return [(k, value, self._codec.bytes_of(value)) for k, value in keyed if is_mutable(value)]

    def _changes(self, before: list[tuple[Any, Any, bytes]], counts: list[int]) -> dict[Any, Any]:
        """Of the arguments by place or name; under None those of twins."""
        kept = []
        for index, now in enumerate(_references(before)):
            if now > counts[index]:
                number = self._twins.keep(before[index][1])
                if number is not None:
                    kept.append([before[index][0], number])
        changed: dict[Any, Any] = {}
        for key, value, old in before:
            if self._codec.bytes_of(value) != old:
                changed[key] = self._twins.items(value)
        if changed:
            items = {n: self._twins.items(inner) for n, inner in self._twins.inside.items()}
            changed = {**items, **changed}
        twins = self._twins.changes() if self._twins else []
        if twins or kept:
            changed[None] = [kept, twins]
        return changed

    def _keep_inner(self, inner: dict[int, int], result: Any, changes: dict[Any, Any]) -> None:
        """Of what lies in the arguments, what the code goes on holding, as after `list(rows)`.

        Last of all, because the tests' side does not know these numbers while it reads the answer.
        """
        now = keeping.references(self._twins.inside)
        for number, container in keeping.held(inner, now, self._twins.inside, result):
            kept = self._twins.keep(container)
            if kept is not None:
                changes.setdefault(None, [[], []])[0].append([number, kept])

    def _failure(self, error: BaseException, before: list[Any], counts: list[int]) -> bytes:
        changes: dict[Any, Any] = {}
        try:
            changes = self._changes(before, counts)
            return self._codec.encode(["exc", error, *failures.where(error), changes])
        except BaseException as second:
            name = type(error).__name__
            if isinstance(error, CodecError):
                plain: Exception = unsendable.CannotTravel(
                    f"The value cannot be used by a test: {error}"
                )
            elif isinstance(error, MemoryError | RecursionError):
                plain = type(error)()
            else:
                plain = RuntimeError(f"{name} ({type(second).__name__} while telling about it)")
            plain.__traceback__ = error.__traceback__
            return self._codec.encode(["exc", plain, *failures.where(error), {}])

    def do_load(self, config: dict[str, Any]) -> Any:
        self._codec.max_encode = config["result_kb"] * 1024
        return self.loader.load(config)

    def do_program(self, name: str, part: str, code: str, new: bool, key: str = "") -> None:
        """For a test; under `key` the module is found when another has its name."""
        made = self.loader.run(name, part, code, new=new)
        if key:
            sys.modules[key] = made

    def do_describe(self, number: int) -> dict[str, Any]:
        return self._handles.description(number)

    def do_drop(self, numbers: list[int]) -> None:
        self._handles.drop(numbers)

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
        return contents.snapshot(value, kind)

    def do_files(self, folder: str, changes: list[list[Any]]) -> None:
        import tempfile

        # Where both sides work in one folder, its temporary files are seen by both.
        tempfile.tempdir = folder
        folders.apply(Path(folder), changes)
        self._known_files = folders.stamps(Path(folder))

    def do_changed_files(self, folder: str) -> tuple[list[list[Any]], str]:
        """And where the student's code works now."""
        now = folders.stamps(Path(folder))
        told = folders.changes(Path(folder), self._known_files, now)
        self._known_files = now
        return told, folders.place()

    def do_failure(self, error: BaseException) -> dict[str, Any]:
        return failures.failure(error)

    def do_twins(self, dead: list[int], changed: list[list[Any]]) -> None:
        self._twins.forget(dead)
        self._twins.apply(changed, assign)

    def do_alias(self, number: int, items: Any) -> None:
        self._twins.add(number, items)

    def do_log(self, on: bool) -> None:
        self._logs.listen()

    def do_log_level(self, name: str, level: int) -> None:
        self._logs.set_level(name, level)

    def do_start(self, awaitable: Any) -> list[Any]:
        return self._awaiting.start(awaitable)

    def do_advance(self, seconds: float) -> list[Any]:
        return self._awaiting.advance(seconds)

    def do_cancel(self, number: int) -> None:
        self._awaiting.cancel(number)


def _references(before: list[tuple[Any, Any, bytes]]) -> list[int]:
    """How often each argument is referred to: after a call, more than before if it is kept."""
    return [sys.getrefcount(before[index][1]) for index in range(len(before))]


def _place(result: Any, before: list[tuple[Any, Any, bytes]]) -> Any:
    return next((key for key, value, _ in before if value is result), None)


def _method(owner: type, name: str, instance: Any) -> Any:
    """The method as `owner` defines it, or what the instance itself puts in its place."""
    first = next((k for k in type(instance).__mro__ if name in vars(k)), None)
    if first is owner or first is None:
        return getattr(instance, name)
    return vars(owner)[name].__get__(instance, type(instance))
