"""Makes classes, and parts of them, on the tests' side."""

from __future__ import annotations

import types
from typing import Any


def make(meta: Any, name: Any, bases: tuple[type, ...], body: dict[str, Any]) -> Any:
    return type.__new__(meta, str(name), bases, body)


def as_instance_of(base: Any, name: Any) -> Any:
    """For `isinstance(x, list)`, where the student's class is a subclass of `list`."""
    try:
        kind = types.new_class(str(name), (base,))
    except TypeError:
        kind = base  # it allows no subclass here
    return property(lambda self: kind)
