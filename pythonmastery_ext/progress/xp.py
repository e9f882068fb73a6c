"""Experience points. Pure: the same attempts always give the same points."""

from math import isqrt

#: Points of a problem by difficulty, 1 to 10.
BASE = (10, 16, 24, 32, 44, 56, 70, 90, 120, 150)
#: Hundredths that opening each hint takes off, level 1 to 4.
HINT_COST = (0, 5, 10, 20)
#: Hundredths on top when the first submission passes.
FIRST_TIME = 10
#: Level n begins at LEVEL · n · (n - 1).
LEVEL = 25


def for_pass(difficulty: int, hints: int, first: bool) -> int:
    """`hints`: how many are opened; they open in order, so the number says which."""
    left = 100 - sum(HINT_COST[:hints])
    bonus = 100 + (FIRST_TIME if first else 0)
    return _rounded(BASE[difficulty - 1] * left * bonus, 10_000)


def for_part(difficulty: int, points: int, max_points: int) -> int:
    """Half of the base for the share of points reached so far."""
    return _rounded(BASE[difficulty - 1] * points, 2 * max_points) if max_points else 0


def _rounded(numerator: int, denominator: int) -> int:
    """Half up, in whole numbers, so that no platform's floats decide."""
    return (2 * numerator + denominator) // (2 * denominator)


def level(xp: int) -> int:
    return (LEVEL + isqrt(LEVEL * LEVEL + 4 * LEVEL * xp)) // (2 * LEVEL)


def level_begins(number: int) -> int:
    return LEVEL * number * (number - 1)
