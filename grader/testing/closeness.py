"""Equal as far as the author of a test asks for it."""

from __future__ import annotations

import collections
import decimal
import fractions
import math
from typing import Any


def close(left: Any, right: Any, tolerance: float) -> bool:
    """Equal but for differences of at most `tolerance` between numbers, at any depth."""
    left, right = plain_number(left), plain_number(right)
    if type(left) is bool or type(right) is bool:
        return type(left) is type(right) and left == right
    # Exactly these types: a subclass brings arithmetic of its own.
    if type(left) in (int, float) and type(right) in (int, float):
        if math.isnan(left) or math.isnan(right):
            return math.isnan(left) and math.isnan(right)
        return bool(left == right or abs(left - right) <= tolerance)
    if type(left) is not type(right):
        return False
    if type(left) in (decimal.Decimal, fractions.Fraction):
        finite = type(left) is fractions.Fraction or (left.is_finite() and right.is_finite())
        return bool(left == right if not finite else abs(left - right) <= tolerance)
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(
            close(value, right[key], tolerance) for key, value in left.items()
        )
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(
            close(a, b, tolerance) for a, b in zip(left, right, strict=True)
        )
    return bool(left == right)


def plain_number(value: Any) -> Any:
    """A number of numpy's is one of Python's for this."""
    kind = type(value)
    return value.item() if kind.__module__ == "numpy" and kind.__name__ in _NUMPY else value


_NUMPY = frozenset(f"{name}{bits}" for name in ("int", "uint", "float") for bits in (8, 16, 32, 64))


def same_items(left: Any, right: Any) -> bool:
    if type(left) is not list or type(right) is not list or len(left) != len(right):
        return False
    try:
        return collections.Counter(left) == collections.Counter(right)
    except TypeError:
        rest = list(right)
        for item in left:
            if item not in rest:
                return False
            rest.remove(item)
        return True
