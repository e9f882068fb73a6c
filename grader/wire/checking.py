"""Checks of the parts that a value on the wire is rebuilt from."""

from __future__ import annotations

from typing import Any


class BadValueError(ValueError):
    """The parts do not make a value of this type."""


def need(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise BadValueError(f"expected {kind.__name__}")
    return value


def pairs(parts: list[Any]) -> list[Any]:
    if any(type(part) not in (tuple, list) or len(part) != 2 for part in parts):
        raise BadValueError("expected pairs")
    return parts


def numbers(parts: list[Any]) -> list[int]:
    if any(type(part) is not int for part in parts):
        raise BadValueError("expected whole numbers")
    return parts
