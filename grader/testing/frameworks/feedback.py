"""What tests for PrairieLearn find out and say: `code_feedback`, for the test that runs.

There a score may be a part of the points; here a test has passed if it is the whole. Numbers and
containers are compared by their exact kinds: an object of the student's has no say in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

from grader.testing.closeness import plain_number
from grader.testing.pytest_shim import UsageError
from grader.verdicts.showing import show

_NUMBERS = (int, float, bool, complex, Decimal, Fraction)


class GradingComplete(Exception):
    """The test ends with the score that it has."""


class _Score:
    """Of the test that runs."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.score: float | None = None
        self.said: list[str] = []

    def check(self) -> None:
        """AssertionError where it is not the whole."""
        if self.score is not None and self.score >= 1:
            return
        said = [text for text in self.said if text.strip()]
        if self.score:
            said.append(f"This gives {self.score:g} of 1 point; all of it is needed to pass.")
        raise AssertionError("\n".join(said) or "The test gave no points.")


CURRENT = _Score()


def _is_near(wanted: Any, came: Any, rtol: float | None, atol: float | None) -> bool:
    """Both are plain numbers, of any size."""
    try:
        away = abs(wanted - came)
        near = [away < abs(wanted) * rtol] if rtol is not None else []
        return bool(wanted == came or any([*near, atol is not None and away < atol]))
    except TypeError:  # a Decimal and a float, say
        return bool(wanted == came)
    except ArithmeticError:
        return False


class Checks:
    """Of numbers and containers."""

    @staticmethod
    def set_score(score: Any) -> None:
        plain = plain_number(score)
        if type(plain) not in (int, float, bool):
            raise UsageError(f"set_score({show(score)}): a score is a number from 0 to 1")
        CURRENT.score = float(min(max(plain, 0), 1))

    set_points = set_percent = set_score

    @staticmethod
    def add_feedback(text: Any) -> None:
        CURRENT.said.append(str(text))

    @classmethod
    def finish(cls, text: Any = "") -> NoReturn:
        cls.add_feedback(text)
        raise GradingComplete

    @staticmethod
    def not_allowed(*_: Any, **__: Any) -> NoReturn:
        raise RuntimeError("This function is not allowed here.")

    @classmethod
    def call_user(cls, function: Any, *args: Any, **kwargs: Any) -> Any:
        """What it raises ends the test, as any error does."""
        if not callable(function):
            missing = "nothing" if function is None else show(function)
            CURRENT.score = None
            cls.finish(f"Your code should define a function here, but there is {missing}.")
        return function(*args, **kwargs)

    @classmethod
    def bad(cls, words: str, *, ends: bool = False, told: bool = True) -> bool:
        if told:
            cls.add_feedback(words)
        if ends:
            raise GradingComplete
        return False

    @classmethod
    def check_scalar(
        cls,
        name: str,
        ref: Any,
        data: Any,
        accuracy_critical: bool = False,
        rtol: float | None = 1e-5,
        atol: float | None = 1e-8,
        report_success: bool = True,
        report_failure: bool = True,
    ) -> bool:
        """Near in one of the two ways: by a share of the reference, or by an amount."""
        wanted, came = plain_number(ref), plain_number(data)
        if type(came) not in _NUMBERS:
            words = f"{name} should be a number, but it is {show(data)}."
            return cls.bad(words, ends=accuracy_critical, told=report_failure)
        good = _is_near(wanted, came, rtol, atol)
        words = f"{name} should be {show(ref)}, but it is {show(data)}."
        return good or cls.bad(words, ends=accuracy_critical, told=report_failure)

    @classmethod
    def check_list(
        cls,
        name: str,
        ref: list[Any],
        data: Any,
        entry_type: Any = None,
        accuracy_critical: bool = False,
        report_failure: bool = True,
    ) -> bool:
        """As long as the reference, of entries of this type; what they are the test asks."""
        words = ""
        if type(data) is not list:
            words = f"{name} should be a list, but it is {show(data)}."
        elif len(ref) != len(data):
            words = f"{name} should have {len(ref)} items, but it has {len(data)}: {show(data)}."
        elif entry_type is not None:
            places = (i for i, entry in enumerate(data) if not isinstance(entry, entry_type))
            wrong = next(places, None)
            if wrong is not None:
                words = f"{name}[{wrong}] has the wrong type: it is {show(data[wrong])}."
        return not words or cls.bad(words, ends=accuracy_critical, told=report_failure)

    @classmethod
    def check_tuple(
        cls,
        name: str,
        ref: tuple[Any, ...],
        data: Any,
        accuracy_critical: bool = False,
        report_failure: bool = True,
        report_success: bool = True,
    ) -> bool:
        words = f"{name} should be {show(ref)}, but it is {show(data)}."
        good = type(data) is tuple and len(data) == len(ref)
        good = good and all(type(a) is type(b) and a == b for a, b in zip(ref, data, strict=True))
        return good or cls.bad(words, ends=accuracy_critical, told=report_failure)

    @classmethod
    def check_dict(
        cls,
        name: str,
        ref: dict[Any, Any],
        data: Any,
        *,
        only_keys: Iterable[Any] | None = None,
        accuracy_critical: bool = False,
        report_failure: bool = True,
    ) -> bool:
        words = ""
        keys = list(ref if only_keys is None else only_keys)
        if type(data) is not dict:
            words = f"{name} should be a dict, but it is {show(data)}."
        elif any(key not in data for key in keys) or (only_keys is None and len(data) != len(ref)):
            words = f"{name} should have the keys {show(keys)}, but it has {show(list(data))}."
        else:
            wrong = [k for k in keys if type(ref[k]) is not type(data[k]) or ref[k] != data[k]]
            for key in wrong[:1]:
                it = f"{name}[{show(key)}]"
                words = f"{it} should be {show(ref[key])}, but it is {show(data[key])}."
        return not words or cls.bad(words, ends=accuracy_critical, told=report_failure)


def no_plots() -> NoReturn:
    raise UsageError("the tests look at plots, which are not graded here")
