"""Time and memory as a student may know them where tests are hidden."""

from __future__ import annotations


def coarse(number: float) -> float:
    """Up to the next of … 1, 2, 5, 10 …: exact time or memory could tell of hidden tests."""
    if number <= 0:
        return 0.0
    step = 1.0
    while True:
        for digit in (1, 2, 5):
            if number <= digit * step:
                return digit * step
        step *= 10
