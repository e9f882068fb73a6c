"""Members of a class that a test derives from a student's class: they run on the tests' side."""

from __future__ import annotations

from typing import Any


def member(kind: str, value: Any) -> Any:
    if kind == "function":
        return _plain_function(value)
    if kind == "static":
        return staticmethod(value)
    if kind == "class":
        return classmethod(_plain_function(value))
    if kind == "property":
        return property(*(_plain_function(part) if part else None for part in value))
    if kind == "abstract":
        return _abstract(member(*value))
    return value


def _abstract(made: Any) -> Any:
    function: Any = made.fget if isinstance(made, property) else getattr(made, "__func__", made)
    function.__isabstractmethod__ = True
    return made


def _plain_function(callback: Any) -> Any:
    def function(*args: Any, **kwargs: Any) -> Any:
        return callback(*args, **kwargs)

    return function
