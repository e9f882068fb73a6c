"""Makes classes, and parts of them, on the tests' side."""

from __future__ import annotations

import dis
import sys
import types
from typing import Any


def make(meta: Any, name: Any, bases: tuple[type, ...], body: dict[str, Any]) -> Any:
    for base in bases:
        if issubclass(type(base), meta):
            meta = type(base)
    return type.__new__(meta, str(name), bases, body)


def as_instance_of(base: Any, name: Any) -> Any:
    """For `isinstance(x, list)`, where the student's class is a subclass of `list`."""
    try:
        kind = types.new_class(str(name), (base,))
    except TypeError:
        kind = base  # it allows no subclass here
    return known_as(kind)


def known_as(kind: Any) -> property:
    """What `isinstance` finds; whoever asks for `x.__class__` by name gets the student's own."""
    return property(lambda self: type(self) if _is_by_name(sys._getframe(1)) else kind)


def _is_by_name(frame: types.FrameType) -> bool:
    return frame.f_code.co_code[frame.f_lasti] in _BY_NAME


_BY_NAME = {dis.opmap[name] for name in ("LOAD_ATTR", "LOAD_METHOD") if name in dis.opmap}
