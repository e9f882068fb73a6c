"""Functions of open tests, as the student's code may look at and change them.

A decorator asks for the parameters of what it is given. What runs stays on the tests' side.
"""

from __future__ import annotations

import contextlib
import types
from collections.abc import Callable
from typing import Any

from grader.inside.callbacks import Callback, call
from grader.wire import shapes

_FACTS = frozenset(f"__{n}__" for n in ("name", "qualname", "doc", "module"))
_SHAPE = frozenset(f"__{n}__" for n in ("code", "defaults", "kwdefaults", "signature"))


def is_special(name: str) -> bool:
    return name[:2] == "__" and name[-2:] == "__"


class Attributes(dict[str, Any]):
    """`vars` of a thing of the tests: what is changed in it is changed there."""

    def __init__(self, ask: Callable[..., Any], number: int) -> None:
        super().__init__(ask("back", "vars", number))
        self._tell: Callable[..., Any] = lambda *what: ask("back", "raw", number, *what)

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        self._tell(name, [value])

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        self._tell(name, [])

    def update(self, *args: Any, **kwargs: Any) -> None:
        for name, value in dict(*args, **kwargs).items():
            self[name] = value

    def setdefault(self, name: str, default: Any = None) -> Any:
        if name not in self:
            self[name] = default
        return self[name]

    def pop(self, name: str, *default: Any) -> Any:
        found = super().pop(name, *default)
        self._tell(name, [])
        return found


def _held(function: Any) -> Attributes:
    found = Attributes(function._pm_ask, function._pm_number)
    dict.update(found, vars(Callback)["__dict__"].__get__(function))
    return found


_HELD: Any = property(_held)


class Function(Callback):
    """A function: known by its parameters, and told of the attributes that it is given."""

    __slots__ = ("_facts", "_pm_ask", "_pm_number")

    def __init__(self, ask: Callable[..., Any], number: int, facts: dict[str, Any]) -> None:
        for name, value in zip(self.__slots__, (facts, ask, number), strict=True):
            object.__setattr__(self, name, value)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return types.FunctionType

    __dict__ = _HELD

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return call(self, *args, **kwargs)

    def __get__(self, instance: Any, owner: Any) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        if name in _SHAPE:
            return self._fact(name)
        if name in _FACTS:
            return self._facts.get(name)
        if is_special(name):
            raise AttributeError(f"'function' object has no attribute {name!r}")
        return self._pm_ask("back", "get", self._pm_number, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _FACTS:
            self._facts[name] = value
        else:
            object.__setattr__(self, name, value)
        with contextlib.suppress(TypeError):  # of what cannot travel the test hears nothing
            self._pm_ask("back", "set", self._pm_number, name, ["value", value])

    def __repr__(self) -> str:
        return f"<function {self.__qualname__} at 0x7e{self._pm_number * 16:010x}>"

    def _fact(self, name: str) -> Any:
        if name not in self._facts:
            told = self._pm_ask("back", "shape", self._pm_number)
            shown = (str(self.__name__), str(self.__qualname__))
            told["__code__"] = shapes.code(*shown, *told["__code__"])
            told["__signature__"] = shapes.signature(told["__signature__"])
            self._facts.update(told)
        return self._facts[name]


def _fact(name: str) -> Any:
    return property(lambda self: self._facts.get(name))


# In a class's body, or of a class, these names mean something else.
_TOLD: dict[str, Any] = {
    "__doc__": _fact("__doc__"),
    "__module__": _fact("__module__"),
    "__annotations__": property(lambda self: self._fact("__annotations__")),
}
for _name, _shown in _TOLD.items():
    type.__setattr__(Function, _name, _shown)


type.__setattr__(Function, "__name__", "function")
