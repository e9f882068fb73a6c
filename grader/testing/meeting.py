"""Whether an error of a test came where it met a function or class of the student's.

Where a list is wanted, a function in its place is as wrong as a list with other contents, though
nothing of the student's code has run.
"""

from __future__ import annotations

import dis
import sys
import types
from collections.abc import Iterator
from typing import Any

from grader.remote.functions import RemoteModule, identify


def meets_theirs(error: BaseException) -> bool:
    if not isinstance(error, TypeError | AttributeError | KeyError):
        return False
    if any(map(_is_theirs, (getattr(error, "obj", None), *error.args))):
        return True
    here = None
    trace = error.__traceback__
    while trace is not None:
        if getattr(trace.tb_frame.f_builtins, "runs_tests", False):
            here = trace
        trace = trace.tb_next
    return here is not None and any(map(_is_theirs, _values(here)))


def _is_theirs(value: Any) -> bool:
    return not isinstance(value, types.ModuleType) and identify(value) is not None


def _values(trace: types.TracebackType) -> Iterator[Any]:
    """What the names within the expression that failed stand for."""
    steps = list(dis.get_instructions(trace.tb_frame.f_code))
    # What it stands at may be within a step: one takes more than one place.
    last = sum(step.offset <= trace.tb_lasti for step in steps) - 1
    # `a, b = total`: what is taken apart was read before.
    last -= steps[last].opname.startswith("UNPACK") and last > 0
    failed = steps[last].positions
    for step in steps:
        if type(step.argval) is str and _lies_in(step.positions, failed):
            yield _value(trace.tb_frame, step.argval)


def _lies_in(inner: dis.Positions | None, outer: dis.Positions | None) -> bool:
    if inner is None or outer is None:
        return False
    ends = [
        (at.lineno or 0, at.col_offset or 0, at.end_lineno or 0, at.end_col_offset or 0)
        for at in (outer, inner)
    ]
    (*first, last_line, last), (*begin, end_line, end) = ends
    return first <= begin and (end_line, end) <= (last_line, last)


def _value(frame: types.FrameType, name: str) -> Any:
    for names in (frame.f_locals, frame.f_globals):
        if name in names:
            return names[name]
    module = sys.modules.get(getattr(frame.f_builtins, "module", ""))
    return module.__pm_known__.get(name) if isinstance(module, RemoteModule) else None
