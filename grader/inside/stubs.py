"""Stand-ins for what a test hands over: callbacks, iterators, exceptions, named tuples.

A stand-in can be called or advanced. It has no attributes of the test's object, except where the
tests are open, and then only those that the tests' side agrees to.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import types
from collections.abc import Callable
from typing import Any

from grader.inside import functions, lent, standard
from grader.inside.callbacks import PARTS, Callback, awaited, special
from grader.wire import shapes
from grader.wire.codec import CodecError


def _member(_: int, kind: Any, name: Any) -> Any:
    return kind[name] if isinstance(name, str) and name in kind.__members__ else kind(name)


def _trace(_: int, file: str, name: str, line: int) -> Any:
    """Of code that is not here."""
    code = compile("\n" * (line - 1) + "raise Exception", file, "exec").replace(co_name=name)
    try:
        types.FunctionType(code, {})()
    except Exception as error:
        return error.__traceback__ and error.__traceback__.tb_next


def _fill(made: Any, fields: list[str], values: list[Any]) -> Any:
    for name, value in zip(fields, values, strict=True):
        object.__setattr__(made, name, value)
    return made


def _told_of_changes(base: Any, ask: Callable[..., Any], fields: frozenset[str]) -> type:
    """What the student's code sets is set in the test's object, too."""

    def set_attribute(self: Any, name: str, value: Any) -> None:
        base.__setattr__(self, name, value)
        if name in fields and "_pm_number" in vars(self):
            ask("back", "field", self._pm_number, name, value)

    return type(base.__name__, (base,), {"__setattr__": set_attribute})


def _told_of_arguments(stubs: Any, ask: Callable[..., Any]) -> Callable[..., Any]:
    def asked(*message: Any) -> Any:
        try:
            with stubs.turn:
                stubs.tell()
                return ask(*message)
        except CodecError as error:
            raise TypeError(f"this cannot be handed to the test: {error}") from None

    return asked


def _native(kind: type) -> Any:
    return next(base for base in kind.__mro__ if base.__module__ == "builtins")


def _made_there(ask: Callable[..., Any], number: int, base: type, name: str) -> type:
    """An exception class of the tests that says by itself how its objects are made."""

    def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if cls is made:
            return ask("back", "call", number, list(args), kwargs)
        return _native(cls).__new__(cls, *args)

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        if type(self) is not made:
            _native(type(self)).__init__(self, *args)

    made = type(name, (base,), {"__new__": new, "__init__": init})
    return made


_NAMED_TUPLE: Any = collections.namedtuple


class Stubs:
    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = _told_of_arguments(self, ask)
        self._tell = ask
        #: Set by their owner, which needs these stubs first.
        self.twins: Any = None
        self.turn: Any = contextlib.nullcontext()
        self._known: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._kinds: dict[Any, type] = {}
        self._used: list[Any] = []

    def number(self, value: Any) -> int | None:
        """The tests' own number of something that came from there."""
        return self._numbers.get(id(value))

    def origin(self, error: BaseException) -> int | None:
        return self._numbers.get(id(error))

    def resolve(self, kind: str, rest: list[Any]) -> Any:
        if kind == "n":
            return rest[0]._make(rest[1])
        number = rest[0]
        if number not in self._known:
            builders: dict[str, Callable[..., Any]] = {
                "g": self._callback,
                "x": self._exception,
                "t": self._exception_class,
                "std": lambda number, *rest: standard.make(self._ask, number, *rest),
                "enumeration": self._enumeration,
                "member": _member,
                "data": self._data,
                "function": lambda number, facts: functions.Function(self._ask, number, facts),
                "ntuple": self._named_tuple,
                "kind": self._kind,
                "thing": self._thing,
                "trace": _trace,
            }
            value = builders[kind](*rest)
            self._known[number] = value
            self._numbers[id(value)] = number
        elif kind == "data":
            _fill(self._known[number], rest[1][2], rest[2])
        if kind == "thing":
            self._used.append(self._known[number])
        return self._known[number]

    def tell(self) -> None:
        """What a test sees while it is asked must not be older than what the code has done."""
        changed = self.twins.changes() if self.twins else []
        if changed:
            self._tell("twins", changed)

    def settle(self) -> None:
        """Before an answer is sent."""
        while self._used:
            lent.told_elsewhere(self._used.pop())

    def _kind(self, number: int) -> Any:
        if number not in self._known:
            told = self._ask("back", "kind", number)
            bases = tuple(self._kind(b) if type(b) is int else b for b in told["bases"])
            self._known[number] = lent.make_kind(self._ask, number, told, bases)
            self._numbers[id(self._known[number])] = number
        return self._known[number]

    def _thing(self, number: int, kind: int) -> Any:
        return lent.make_thing(self._kind(kind), self._ask, number)

    def _callback(self, number: int, info: dict[str, Any]) -> Any:
        parts = tuple(part for part in PARTS if info.get(part))
        named = tuple(info.get("special", ()))
        kind = self._kinds.get((parts, named))
        if kind is None:
            body: dict[str, Any] = {}
            for part in parts:
                body.update(PARTS[part])
            body.update({name: special(name) for name in named if name not in body})
            kind = self._kinds[(parts, named)] = type("callback", (Callback,), body)
        # Its `__init__` may be that of the test's object, for the student's code to call.
        made: Any = object.__new__(kind)
        _fill(made, ["_pm_ask", "_pm_number"], [self._ask, number])
        for name in ("__name__", "__qualname__", "__doc__"):
            if name in info:
                object.__setattr__(made, name, info[name])
        if "signature" in info:
            object.__setattr__(made, "__signature__", shapes.signature(info["signature"]))
        return awaited(made) if info.get("coroutine") else made

    def _enumeration(self, _: int, base: str, name: str, members: list[list[Any]]) -> Any:
        kind = standard.enumeration(base, name, members)
        for key, _value, number in members:
            self._known[number] = kind[key]
            self._numbers[id(kind[key])] = number
        return kind

    def _data(self, number: int, shape: list[Any], values: list[Any]) -> Any:
        known, name, fields, options = shape
        if ("data", known) not in self._kinds:
            base: Any = dataclasses.make_dataclass(name, fields, **options)
            self._kinds["data", known] = _told_of_changes(base, self._ask, frozenset(fields))
        made: Any = object.__new__(self._kinds["data", known])
        object.__setattr__(made, "_pm_number", number)
        return _fill(made, fields, values)

    def _exception_class(self, number: int, base: type, name: str, called: bool) -> type:
        return _made_there(self._ask, number, base, name) if called else type(name, (base,), {})

    def _exception(
        self, number: int, kind: Any, args: list[Any], held: dict[str, Any]
    ) -> BaseException:
        error: BaseException = _native(kind).__new__(kind, *args)
        error.args = tuple(args)
        vars(error).update(held)
        return error

    def _named_tuple(
        self, number: int, name: str, fields: list[str], module: str, given: list[Any], asked: bool
    ) -> Any:
        made = _NAMED_TUPLE(name, fields, module=module, defaults=given)
        if asked:  # what the tests have put into it runs there
            parts = lent.parts(self._ask("back", "kind", number))
            added = {n: part for n, part in parts.items() if not hasattr(made, n)}
            made = type(name, (made,), {"__slots__": (), "__module__": module, **added})
        return made
