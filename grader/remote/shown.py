"""How things of the student are shown, as Python would, and which classes are the library's."""

from __future__ import annotations

from typing import Any

from grader.wire import references

#: Of a class that stands for one of Python's own: that one.
REAL = "__real__"
#: What a class itself holds, whatever its metaclass says.
type_dict: Any = type.__dict__["__dict__"].__get__


def address(thing: Any) -> str:
    """In the place of where it lies in memory, which is nobody's business."""
    return f"0x7f{object.__getattribute__(thing, '_rid') * 16:010x}"


def full_name(kind: Any) -> str:
    kind = type_dict(kind).get(REAL, kind)
    name, module = kind.__qualname__, kind.__module__
    return name if module == "builtins" else f"{module}.{name}"


def in_library(cls: Any, kind: Any) -> bool:
    """Whether the student's module has a class of a library in it, and this is one of these."""
    place = type_dict(cls).get("__place__")
    if not place or hasattr(kind, "__remote__"):
        return False
    found = references.loaded(*place)
    return isinstance(found, type) and type.__subclasscheck__(found, kind)
