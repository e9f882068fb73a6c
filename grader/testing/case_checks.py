"""unittest's own checks: they keep what they compared, and say it in few words."""

from __future__ import annotations

import types
import unittest
from typing import Any
from unittest.util import safe_repr

from grader.testing.exception_info import raised


class Difference(AssertionError):
    """A check that two values are equal failed."""

    def __init__(self, message: str, first: Any, second: Any) -> None:
        super().__init__(message)
        self.actual = first
        self.expected = second


class _Message(str):
    """Of a check that did not hold, with what the author says of it beside what unittest says."""

    __slots__ = ("author",)
    author: str


def said(error: BaseException) -> str:
    message = error.args[0] if error.args else None
    return message.author if isinstance(message, _Message) else ""


_FORMAT: Any = unittest.TestCase._formatMessage
_CONTEXT: Any = getattr(unittest.case, "_AssertRaisesContext")  # noqa: B009 - not in its stub
_LEAVE = _CONTEXT.__exit__


def _format(self: Any, msg: Any, standard: str) -> str:
    message = _Message(_FORMAT(self, msg, standard))
    message.author = "" if msg is None else str(msg)
    return message


def _base_assert_equal(self: Any, first: Any, second: Any, msg: Any = None) -> None:
    if not first == second:  # noqa: SIM201 - what unittest itself asks
        standard = f"{safe_repr(first, True)} != {safe_repr(second, True)}"
        raise self.failureException(self._formatMessage(msg, standard))


class _Raises:
    def __exit__(self: Any, kind: Any, error: BaseException | None, trace: Any) -> Any:
        if error is None:
            return _LEAVE(self, kind, error, trace)
        meant = raised(error, self.expected)
        return _LEAVE(self, type(meant), meant, trace)


def _equality_function(self: Any, first: Any, second: Any) -> Any:
    added = self._type_equality_funcs.get(type(first)) if type(first) is type(second) else None
    return added if callable(added) else self._baseAssertEqual


def be_brief() -> None:
    """No line-by-line differences: they take time that grows with the square of the length."""
    case: Any = unittest.TestCase
    case._formatMessage = _format
    case._baseAssertEqual = _base_assert_equal
    _CONTEXT.__exit__ = _Raises.__exit__
    case._getAssertEqualityFunc = _equality_function
    unittest.case.difflib = types.SimpleNamespace(ndiff=lambda a, b: [])  # type: ignore[attr-defined]
