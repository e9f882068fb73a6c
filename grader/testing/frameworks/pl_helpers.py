"""`pl_helpers`: what stands above a test for PrairieLearn; all tests count alike here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.testing.frameworks.pl_unit_test import ONCE, SHOWN_AS

_Decorator = Callable[[Any], Any]


def points(_: float) -> _Decorator:
    return lambda test: test


def name(text: str) -> _Decorator:
    def decorate(test: Any) -> Any:
        setattr(test, SHOWN_AS, text)
        return test

    return decorate


def not_repeated(test: Any) -> Any:
    setattr(test, ONCE, True)
    return test


def print_student_code(*_: Any, **__: Any) -> None:
    """The student has it before their eyes."""
