"""Experience points."""

import pytest

from pythonmastery_ext.progress import xp


@pytest.mark.parametrize(
    ("difficulty", "hints", "first", "points"),
    [
        (1, 0, False, 10),
        (1, 0, True, 11),
        (2, 0, True, 18),
        (2, 1, False, 16),
        (2, 2, False, 15),
        (2, 3, False, 14),
        (2, 4, False, 10),
        (4, 0, False, 32),
        (10, 4, False, 98),
        (10, 0, True, 165),
    ],
)
def test_a_pass_is_worth_its_difficulty_less_the_hints_and_more_the_first_time(
    difficulty: int, hints: int, first: bool, points: int
):
    assert xp.for_pass(difficulty, hints, first) == points


def test_points_follow_the_minutes_that_problems_of_each_difficulty_take():
    assert [xp.for_pass(d, 0, False) for d in range(1, 11)] == list(xp.BASE)


@pytest.mark.parametrize(
    ("points", "of", "earned"), [(0, 6, 0), (2, 6, 3), (3, 6, 4), (5, 6, 7), (0, 0, 0)]
)
def test_a_part_is_worth_its_share_of_half_the_base(points: int, of: int, earned: int):
    assert xp.for_part(2, points, of) == earned


def test_a_part_never_brings_more_than_a_pass_with_all_hints():
    for difficulty in range(1, 11):
        assert xp.for_part(difficulty, 10, 10) <= xp.for_pass(difficulty, 4, False)


@pytest.mark.parametrize(
    ("points", "level"), [(0, 1), (49, 1), (50, 2), (149, 2), (150, 3), (10**9, 6325)]
)
def test_levels_get_longer(points: int, level: int):
    assert xp.level(points) == level
    assert xp.level_begins(level) <= points < xp.level_begins(level + 1)
