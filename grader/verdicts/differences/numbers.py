"""By how much two numbers differ."""

from __future__ import annotations

import cmath
import decimal
import fractions
import math
from typing import Any

#: Digits of a difference that are worth reading.
_DIGITS = 6
_TINY = 1e-9
_MAX_BITS = 4096


def number_note(expected: Any, actual: Any) -> str:
    """In words; empty where nothing can be said beyond the two numbers."""
    if _is_nan(expected) or _is_nan(actual):
        return "nan (not a number) is never equal to a number" if _is_nan(actual) else ""
    if complex in (type(expected), type(actual)):
        return ""
    try:
        return _note(expected, actual)
    except (ArithmeticError, ValueError, TypeError):
        return ""  # beyond what a float or a Decimal can hold


def _note(expected: Any, actual: Any) -> str:
    if any(type(x) is int and x.bit_length() > _MAX_BITS for x in (expected, actual)):
        return "too large" if actual > expected else "too small"
    if actual == -expected:
        return "the sign is the other way round"
    gap = _gap(expected, actual)
    floats = float in (type(expected), type(actual))
    if floats and expected and abs(float(gap)) <= _TINY * abs(float(expected)):
        return f"a rounding error of {float(abs(gap)):.2g}, as float arithmetic makes it"
    return f"too {'large' if gap > 0 else 'small'} by {_shown(abs(gap))}"


def _gap(expected: Any, actual: Any) -> Any:
    if type(expected) is type(actual) or {type(expected), type(actual)} == {int, bool}:
        if type(expected) is float and not math.isfinite(actual - expected):
            raise OverflowError
        return actual - expected
    # Exact: a float beside a Decimal or a Fraction is what its bits say.
    return _exact(actual) - _exact(expected)


def _exact(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or abs(exponent) > _MAX_BITS:
            raise OverflowError
    return fractions.Fraction(value)


def _shown(value: Any) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, decimal.Decimal):
        return f"{value:.{_DIGITS}g}"
    return f"{float(value):.{_DIGITS}g}"


def _is_nan(value: Any) -> bool:
    if isinstance(value, complex):
        return cmath.isnan(value)
    if isinstance(value, decimal.Decimal):
        return value.is_nan()
    return isinstance(value, float) and math.isnan(value)


def same_numbers(expected: Any, actual: Any, tolerance: float | None) -> bool:
    try:
        if expected == actual:
            return True
    except ArithmeticError:
        return False  # a signalling NaN
    if tolerance is None or not {type(expected), type(actual)} <= {int, float}:
        return False
    if _is_nan(expected) or _is_nan(actual):
        return _is_nan(expected) and _is_nan(actual)
    try:
        return bool(abs(expected - actual) <= tolerance)
    except OverflowError:
        return False
