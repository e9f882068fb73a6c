"""Where in the text of the tests something was asked: the author's alone to decide.

What a thing is called, how often it is handed out and in which order is the student's business,
and differs between right solutions.
"""

from __future__ import annotations

import dis
import sys
import types
from typing import Any

from grader.remote.places import ORDER, operator

_KINDS = {"call": "()", "method": "()", "set": "=", "get": ".", "super": "."}

_Positions = list[tuple[int | None, int | None, int | None, int | None]]


_COMPARE = dis.opmap["COMPARE_OP"]
#: Modules whose functions lie between a comparison and what it asks.
_ASKING = "grader.remote."
#: An `assert` of the tests has its two sides compared there.
_ASSERTING = "grader.testing.asserting"
_BY_ASSERT = ("compare", "_equal")
_CHECKING = "unittest.case"


def _module(frame: types.FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


class Spots:
    def __init__(self) -> None:
        #: With the code, so that its id stays its own.
        self._known: dict[int, tuple[types.CodeType, _Positions]] = {}

    def of(self, message: list[Any]) -> str:
        """What is asked right now, and where: `3:7-3:12 ()`; empty outside of tests."""
        place = self.place()
        kind = operator(message[1]) if message[0] == "op" else _KINDS.get(message[0], "")
        return place and f"{place} {'order' if kind in ORDER else kind}"

    def place(self) -> str:
        """Lines and columns of the first and last character of that part of the test."""
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None and not getattr(frame.f_builtins, "runs_tests", False):
            frame = frame.f_back
        if frame is None:
            return ""
        line, last, column, end = self._positions(frame.f_code)[frame.f_lasti // 2]
        return f"{line}:{column}-{last}:{end}"

    def is_direct(self) -> bool:
        """Whether the test, or a check of its framework, compares two things and nothing else.

        A set compares what its hashes tell it to, and `sorted` what comes in its way.
        """
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None and _module(frame).startswith(_ASKING):
            frame = frame.f_back
        if frame is None:
            return False
        if _module(frame) == _ASSERTING:
            return frame.f_code.co_name in _BY_ASSERT
        checks = _module(frame) == _CHECKING or getattr(frame.f_builtins, "runs_tests", False)
        return checks and frame.f_code.co_code[frame.f_lasti] == _COMPARE

    def _positions(self, code: types.CodeType) -> _Positions:
        known = self._known.get(id(code))
        if known is None:
            known = self._known[id(code)] = code, list(code.co_positions())
        return known[1]
