"""A test's `with` of the student's context manager.

A check in its body that did not hold is the test's: `__exit__` is asked, but cannot swallow it.
What a test raises by its own `raise` it can.
"""

from __future__ import annotations

import dis
from collections.abc import Callable
from types import TracebackType
from typing import Any

from grader.remote import contexts
from grader.remote.final import FINAL

Method = Callable[..., Any]


def through_method(name: str) -> Method:
    def method(self: Any, *args: Any) -> Any:
        session = type(self).__remote__
        return session.call(session.request("get", self, name), args, {})

    return method


def entering(self: Any) -> Any:
    session = type(self).__remote__
    return contexts.around(session, lambda: through_method("__enter__")(self))


def leaving(self: Any, kind: Any, error: Any, trace: Any) -> Any:
    answer = _left("__exit__", self, (kind, error, trace))
    return answer and not _is_check(error)


def leaving_later(self: Any, kind: Any, error: Any, trace: Any) -> Any:
    answer = _left("__aexit__", self, (kind, error, trace))
    return _checked(answer) if _is_check(error) else answer


def _left(name: str, self: Any, given: tuple[Any, ...]) -> Any:
    session = type(self).__remote__
    return contexts.around(
        session, lambda: session.call(session.request("get", self, name), given, {})
    )


async def _checked(answer: Any) -> bool:
    await answer
    return False


def _is_check(error: Any) -> bool:
    """Whether a test has failed by it, or can go on no more."""
    if isinstance(error, FINAL):
        return True
    if not isinstance(error, AssertionError) or hasattr(error, "__student__"):
        return False
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is None or not _is_raised(trace)


def _is_raised(trace: TracebackType) -> bool:
    """By a `raise` that stands in the test, and no `assert`."""
    frame = trace.tb_frame
    if not getattr(frame.f_builtins, "runs_tests", False):
        return False
    steps = [step for step in dis.get_instructions(frame.f_code) if step.offset <= trace.tb_lasti]
    line = steps[-1].positions.lineno if steps[-1].positions else None
    asserts = (step for step in steps if step.opname == "LOAD_ASSERTION_ERROR")
    own = any(step.positions and step.positions.lineno == line for step in asserts)
    return steps[-1].opname == "RAISE_VARARGS" and not own
