"""Values as a person reads them: short, and whatever they are."""

from __future__ import annotations

import re
import reprlib
from typing import Any

#: Of an object of the tests' side: nobody needs it, and it tells how memory lies there.
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+>")
#: Longest single text of a verdict.
MAX_TEXT = 2000


class _Repr(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 8
        self.maxdict = self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = 60
        self.maxdeque = self.maxarray = 60
        self.maxstring = self.maxother = self.maxlong = 1000


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
        return clean(text if type(value) is str else _ADDRESS.sub(">", text))
    except Exception as error:
        return f"<{type(value).__name__}: {type(error).__name__} in its repr>"


_MOST_BITS = 13_000
