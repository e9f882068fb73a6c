"""What is told of a learner's state: pure, and in the words of a course instead of logits."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean
from typing import Any

from pythonmastery_ext.adaptive.model import (
    DEFAULTS,
    LEVELS,
    MIDDLE,
    Gaussian,
    Learner,
    Parameters,
    Task,
    logit,
    predict,
    sigmoid,
    skill_now,
    widened,
)

LOWEST, HIGHEST = 1, 10
#: Episodes that the trend looks at, and how far from chance it has to be: 10 %, two-sided.
WINDOW = 20
TELLING = 1.64
#: Standard deviations on each side: 19 of 20 are within.
INTERVAL = 1.96
#: A problem of middle difficulty that needs no skill of its own.
ANY_TASK = Task(Gaussian(0.0, 0.0), Gaussian(0.0, 0.0), ())


@dataclass(frozen=True)
class Interval:
    value: float
    low: float
    high: float


def level(learner: Learner, by: Parameters = DEFAULTS) -> float:
    """Chance on an average problem."""
    ability = learner.ability
    return sigmoid((by.base + ability.mean) / widened(ability.variance))


def confidence(learner: Learner, by: Parameters = DEFAULTS) -> float:
    """0: as little is known as of a new learner."""
    return max(0.0, 1 - sqrt(learner.ability.variance) / by.ability_sd)


def next_difficulty(learner: Learner, task: Task, by: Parameters = DEFAULTS) -> int:
    """On the authors' scale: of a problem with this one's skills that hits the target chance."""
    now = predict(learner, task, by)
    s2 = now.learner.variance + task.difficulty.variance
    z = by.base + now.learner.mean - task.difficulty.mean
    wanted = z - logit(by.target) * widened(s2)
    return min(HIGHEST, max(LOWEST, round(MIDDLE + LEVELS * wanted)))


@dataclass(frozen=True)
class Trend:
    window: int
    observed: float
    expected: float
    z: float
    direction: str

    def told(self) -> dict[str, Any]:
        numbers = {"observed": self.observed, "expected": self.expected, "z": self.z}
        told = {name: round(value, 3) for name, value in numbers.items()}
        return {"window": self.window, **told, "direction": self.direction}


def trend(recent: Sequence[tuple[float, float]]) -> Trend:
    """Of (evidence, predicted): up or down only where chance would rarely do as much."""
    newest = recent[-WINDOW:]
    if not newest:
        return Trend(0, 0.0, 0.0, 0.0, "steady")
    spread = sqrt(sum(p * (1 - p) for _, p in newest))
    z = sum(y - p for y, p in newest) / spread if spread else 0.0
    direction = "steady" if abs(z) <= TELLING else "up" if z > 0 else "down"
    return Trend(
        len(newest), fmean(y for y, _ in newest), fmean(p for _, p in newest), z, direction
    )


def skill_chance(learner: Learner, name: str, by: Parameters = DEFAULTS) -> Interval:
    """On a problem of middle difficulty that needs this skill only."""
    skill = skill_now(learner, name, by)
    mean = by.base + learner.ability.mean + skill.mean
    variance = learner.ability.variance + skill.variance
    reach = INTERVAL * sqrt(variance)
    return Interval(sigmoid(mean / widened(variance)), sigmoid(mean - reach), sigmoid(mean + reach))


def on_authors_scale(item: Gaussian) -> Interval:
    """How hard a problem has shown to be, beside which its author's number can stand."""
    reach = LEVELS * INTERVAL * sqrt(item.variance)
    middle = MIDDLE + LEVELS * item.mean
    return Interval(middle, middle - reach, middle + reach)
