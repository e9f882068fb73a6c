"""Which controls of a test go together in one run, and what a run has shown."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

from grader.profiles.control import Control
from grader.remote.recording import TIE

Some = Sequence[Control]
_Answer = tuple[str, object]


def together(controls: Some) -> list[list[Control]]:
    """Those that touch one comparison each, one for each of them; all others by themselves."""
    alone: dict[int, list[Control]] = {}
    for control in controls:
        if control.is_alone:
            alone.setdefault(control.decides, []).append(control)
    rows = itertools.zip_longest(*alone.values())
    groups = [[control for control in row if control is not None] for row in rows]
    return groups + by_themselves([control for control in controls if not control.is_alone])


def by_themselves(controls: Some) -> list[list[Control]]:
    return [[control] for control in controls]


def rounds(
    known: Mapping[str, Some], divided: Callable[[Some], list[list[Control]]]
) -> list[dict[str, list[Control]]]:
    parts = {key: divided(some) for key, some in known.items()}
    most = max(map(len, parts.values()), default=0)
    return [
        {key: some[number] for key, some in parts.items() if number < len(some)}
        for number in range(most)
    ]


def differs(real: Sequence[_Answer], changed: Sequence[_Answer]) -> int | None:
    """Where both answered, and not alike: a test that ended before it compared shows nothing."""
    pairs = enumerate(zip(real, changed, strict=False))
    return next((index for index, (one, other) in pairs if one != other), None)


def first_difference(real: Sequence[_Answer], changed: Sequence[_Answer]) -> int | None:
    where = differs(real, changed)
    # What follows a new tie is for each solution to decide.
    return None if where is None or changed[where][1] == TIE else where
