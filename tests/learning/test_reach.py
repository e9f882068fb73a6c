"""Which problem next, on simulated learners: what it costs to go up in steps after a failure."""

from __future__ import annotations

import random
from math import exp

import pytest

from pythonmastery_ext.adaptive import model
from pythonmastery_ext.adaptive.model import DEFAULTS, Learner, Task
from pythonmastery_ext.adaptive.recommending import within_reach
from pythonmastery_ext.curriculum.schema import ProblemSummary

#: Of the author, in the order of the course.
COURSE = [1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 8, 8, 9]
SKILL = model.skill_prior()


def summary(place: int) -> ProblemSummary:
    return ProblemSummary.model_construct(slug=str(place), difficulty=COURSE[place])


class Knowing:
    """Knows the concept or not, slips and guesses (Corbett & Anderson 1995)."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self.knows = rng, rng.random() < 0.3

    def solves(self, difficulty: int) -> bool:
        slip, guess = 0.05 + 0.04 * difficulty, 0.45 - 0.035 * difficulty
        solved = self.rng.random() < (1 - slip if self.knows else guess)
        self.knows = self.knows or self.rng.random() < (0.2 if solved else 0.1)
        return solved


class Growing:
    """Has an ability, which grows most at problems near it."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self.ability = rng, rng.gauss(0, 1)

    def solves(self, difficulty: int) -> bool:
        chance = model.sigmoid(self.ability - 0.6 * (difficulty - 4))
        solved = self.rng.random() < chance
        self.ability += 0.12 * exp(-(((chance - 0.6) / 0.25) ** 2)) + 0.03 * solved
        return solved


def learn(family: type[Knowing | Growing], steps: bool, learners: int = 150) -> tuple[float, int]:
    """Share of the course that is solved, and how many were sent up after failing at the start.

    Each works until nothing is new, or leaves after three failures in a row, one in three times.
    """
    rng = random.Random(7)  # noqa: S311 - simulates learners
    items = [model.item_prior(difficulty) for difficulty in COURSE]
    done, sent_up = 0, 0
    for _ in range(learners):
        person, learner = family(rng), Learner.new()
        new, solved, failed = list(range(len(COURSE))), set[int](), set[int]()
        streak = 0
        while new and not (streak >= 3 and rng.random() < 1 / 3):
            place = choose(learner, items, new, solved, failed, steps=steps)
            sent_up += not solved and any(COURSE[place] > COURSE[f] + 1 for f in failed)
            y = person.solves(COURSE[place])
            learner, before = model.learn(learner, Task(items[place], SKILL, ("one",)), float(y))
            items[place], _ = model.calibrate(before.learner, items[place], [SKILL], float(y))
            (solved if y else failed).add(place)
            new.remove(place)
            streak = 0 if y else streak + 1
        done += len(solved)
    return done / learners / len(COURSE), sent_up


def choose(
    learner: Learner,
    items: list[model.Gaussian],
    new: list[int],
    solved: set[int],
    failed: set[int],
    *,
    steps: bool,
) -> int:
    """As the service does; the first is that of the course."""
    offered = [summary(place) for place in new]
    if steps and failed:
        offered = within_reach(offered, max((COURSE[place] for place in solved), default=0))
    if not learner.responses:
        return new[0]

    def far(place: int) -> float:
        chance = model.predict(learner, Task(items[place], SKILL, ("one",))).chance
        return abs(chance - DEFAULTS.target)

    return min((int(each.slug) for each in offered), key=far)


@pytest.mark.parametrize("family", [Knowing, Growing])
def test_learners_who_go_up_in_steps_after_a_failure_solve_no_less(
    family: type[Knowing | Growing],
) -> None:
    free, sent_up = learn(family, steps=False)
    held, none = learn(family, steps=True)
    assert held >= free
    assert sent_up > 0
    assert none == 0
