"""`codewars_test`: groups that run where they are defined, and checks that end them.

There a group goes on after a check that has failed, and prints; here the failure is its verdict.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from grader.testing.closeness import plain_number
from grader.verdicts.showing import show

_NUMBERS = (int, float, bool, complex, Decimal, Fraction)
_Body = Callable[[], Any]


class AssertException(AssertionError):
    """A check has failed."""


class _Group:
    """`@describe("…")` runs what it decorates; a call alone is a headline."""

    def __init__(
        self, title: str = "", before: _Body | None = None, after: _Body | None = None
    ) -> None:
        self._around = before, after

    def __call__(self, body: _Body) -> _Body:
        before, after = self._around
        if callable(before):
            before()
        body()
        if callable(after):
            after()
        return body


describe = it = _Group


def _told(message: str | None, words: str) -> str:
    return f"{message}: {words}" if message else words


def pass_() -> None:
    """Says that all is well."""


def fail(message: str | None = None, allow_raise: bool = False) -> None:
    raise AssertException(message or "Test failed")


def expect(passed: Any = None, message: str | None = None, allow_raise: bool = False) -> None:
    if not passed:
        raise AssertException(message or "Value is not what was expected")


def assert_equals(
    actual: Any, expected: Any, message: str | None = None, allow_raise: bool = False
) -> None:
    if not actual == expected:
        raise AssertException(_told(message, f"{show(actual)} should equal {show(expected)}"))


def assert_deep_equals(
    actual: Any, expected: Any, message: str | None = None, allow_raise: bool = False
) -> None:
    assert_equals(actual, expected, message)


def assert_not_equals(
    actual: Any, expected: Any, message: str | None = None, allow_raise: bool = False
) -> None:
    if not actual != expected:
        raise AssertException(_told(message, f"{show(actual)} should be another value"))


def assert_approx_equals(
    actual: Any,
    expected: Any,
    margin: float = 1e-9,
    message: str | None = None,
    allow_raise: bool = False,
) -> None:
    """Within the margin of the larger of the two, and of 1."""
    sides = plain_number(actual), plain_number(expected)
    # An object of the student's would have a say in how far away it is.
    plain = all(type(side) in _NUMBERS for side in sides)
    if not plain or not abs(sides[0] - sides[1]) < margin * max(*map(abs, sides), 1):
        near = f"{show(expected)} within {margin:g}"
        raise AssertException(_told(message, f"{show(actual)} should be {near}"))


def expect_error(
    message: str | None, function: _Body, exception: type[BaseException] = Exception
) -> None:
    try:
        function()
    except exception:
        return
    raise AssertException(message or f"{exception.__name__} should be raised")


def expect_no_error(
    message: str | None, function: _Body, exception: type[BaseException] = Exception
) -> None:
    try:
        function()
    except exception as error:
        told = f"Unexpected {type(error).__name__}"
        raise AssertException(f"{message or told}: {error}") from error


def timeout(seconds: float) -> Callable[[_Body], _Body]:
    """For a body that does not end the limits of the submission are there."""

    def run(body: _Body) -> _Body:
        began = time.monotonic()
        body()
        if time.monotonic() - began > seconds:
            raise AssertException(f"Exceeded time limit of {seconds:g} seconds")
        return body

    return run
