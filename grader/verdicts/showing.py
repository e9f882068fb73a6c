"""Values as a person reads them: short, and whatever they are."""

from __future__ import annotations

import os
import re
import reprlib
from typing import Any

from grader.remote.contexts import Redirected
from grader.remote.proxies import Mirror, Proxy, type_dict

#: Of an object of the tests' side: nobody needs it, and it tells how memory lies there.
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+>")
#: Of an object that the grader has put in the place of another.
_OURS = re.compile(r"<grader\.[\w.]+\.(?=\w+ object>)")
#: Longest single text of a verdict.
MAX_TEXT = 2000


class _Repr(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 8
        self.maxdict = self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = 60
        self.maxdeque = self.maxarray = 60
        self.maxstring = self.maxother = self.maxlong = 1000
        self._deep = 0

    def repr_instance(self, x: Any, level: int) -> str:
        """An object whose class does not say how it is shown: by what it holds."""
        if type(x) is os._Environ:
            return "<the environment>"
        if type(x) is Redirected:
            return "<the output as your code has redirected it>"
        if not _is_bare(type(x)):
            return super().repr_instance(x, level)
        self._deep += 1
        try:
            held = _attributes(x) if self._deep <= _DEEPEST else {}
            names = [name for name in held if type(name) is str][:_MOST_NAMES]
            parts = [f"{name}={self.repr1(held[name], level - 1)}" for name in names]
        finally:
            self._deep -= 1
        inside = f" with {', '.join(parts)}" if parts else ""
        return f"<{type(x).__name__} object{inside}>"


def _is_bare(kind: Any) -> bool:
    """Whether a class of the student does not say how its objects are shown."""
    own = isinstance(kind, Mirror) and type_dict(kind).get("__rid__") is not None
    return own and kind.__repr__ is _BARE


def _attributes(thing: Any) -> dict[Any, Any]:
    try:
        held = type(thing).__remote__.aside("get", thing, "__dict__")
    except Exception:
        return {}  # it has `__slots__`, or holds what cannot be sent
    return held if type(held) is dict else {}


_BARE: Any = Proxy.__repr__
_DEEPEST = 2
_MOST_NAMES = 8
_SHORT = _Repr()


def clean(text: str, limit: int = MAX_TEXT) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def capped(text: str, limit: int) -> str:
    """What a program printed, with a word where it was cut."""
    return text if len(text) <= limit else text[: limit - len(_CUT)] + _CUT


_CUT = "\n[Cut: the rest is not shown.]"


def named(kind: str, message: str) -> str:
    return clean(f"{kind}: {message}" if message else kind)


def text_of(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        return ""  # a __str__ of somebody else's class
    if not isinstance(error, BaseExceptionGroup):
        return text
    inner = (named(type(e).__name__, text_of(e)) for e in error.exceptions[:_MOST_ERRORS])
    return f"{text}: {'; '.join(inner)}"


_MOST_ERRORS = 12


def show(value: Any) -> str:
    """Its repr, cut; a repr that fails is told by its name."""
    if type(value) is int and value.bit_length() > _MOST_BITS:
        return f"<int of {value.bit_length()} bits>"  # Python itself refuses to write it down
    try:
        text = _SHORT.repr(value)
        return clean(text if type(value) is str else _OURS.sub("<", _ADDRESS.sub(">", text)))
    except Exception as error:
        return f"<{type(value).__name__}: {type(error).__name__} in its repr>"


_MOST_BITS = 13_000
