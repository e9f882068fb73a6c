"""What the student's process tells of a failure; nothing of it can be trusted."""

from __future__ import annotations

from typing import Any

from grader.protocol import LocalValue
from grader.verdicts.showing import clean

_MOST_VALUES = 12
_MAX_VALUE = 200
_MAX_NAME = 80


def values(told: Any) -> tuple[LocalValue, ...]:
    if type(told) is not list:
        return ()
    return tuple(
        LocalValue(name=clean(pair[0], _MAX_NAME), value=clean(pair[1], _MAX_VALUE))
        for pair in told[:_MOST_VALUES]
        if type(pair) is list and len(pair) == 2 and all(type(text) is str for text in pair)
    )


def columns(told: Any) -> tuple[int | None, int | None]:
    if type(told) is list and len(told) == 2 and all(type(x) is int for x in told):
        first, last = told
        if 1 <= first < last <= 1 << 16:
            return first, last
    return None, None
