"""The filter: what must hold for any answers, and what it makes of learners of another family."""

from __future__ import annotations

import random
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pythonmastery_ext.adaptive import model, readings
from pythonmastery_ext.adaptive.model import Gaussian, Learner, Task

SKILLS = ("loops", "strings", "functions", "dicts")

answers = st.lists(
    st.tuples(
        st.integers(1, 10),
        st.lists(st.sampled_from(SKILLS), unique=True, max_size=3),
        st.floats(0, 1),
    ),
    max_size=30,
)


def task(difficulty: int, skills: tuple[str, ...] | list[str] = ("loops",)) -> Task:
    parts = [model.skill_prior() for _ in skills]
    return Task(model.item_prior(difficulty), model.mean_of(parts), tuple(skills))


def after(given: list[tuple[int, list[str], float]]) -> tuple[Learner, list[tuple[float, float]]]:
    learner, seen = Learner.new(), []
    for difficulty, skills, y in given:
        learner, before = model.learn(learner, task(difficulty, skills), y)
        seen.append((y, before.chance))
    return learner, seen


@given(answers)
def test_a_state_stays_within_its_bounds(given: list[tuple[int, list[str], float]]) -> None:
    learner, seen = after(given)
    by = model.DEFAULTS
    assert 0 < learner.ability.variance <= by.ability_sd**2
    assert all(0 < skill.variance <= by.skill_sd**2 + 1e-9 for skill in learner.skills.values())
    assert all(0 < chance < 1 for _, chance in seen)
    assert 0 < readings.level(learner) < 1
    assert 0 <= readings.confidence(learner) < 1
    assert 1 <= readings.next_difficulty(learner, task(5)) <= 10
    assert learner.responses == len(given)
    assert abs(readings.trend(seen).observed - 0.5) <= 0.5


@given(answers, st.integers(1, 10), st.floats(0, 0.9))
def test_a_better_answer_makes_a_better_learner(
    given: list[tuple[int, list[str], float]], difficulty: int, y: float
) -> None:
    learner, _ = after(given)
    worse, _ = model.learn(learner, task(difficulty), y)
    better, _ = model.learn(learner, task(difficulty), y + 0.1)
    assert readings.level(better) > readings.level(worse)
    assert model.predict(better, task(5)).chance > model.predict(worse, task(5)).chance


@given(answers, st.floats(-2, 2), st.floats(0, 1))
def test_a_problem_that_is_failed_is_harder_and_better_known(
    given: list[tuple[int, list[str], float]], b: float, y: float
) -> None:
    own = Gaussian(0.3, 0.7)
    item, skills = Gaussian(b, 0.69), [Gaussian(0.0, 2.25), Gaussian(0.5, 1.0)]
    failed, _ = model.calibrate(own, item, skills, 0.0)
    tried, parts = model.calibrate(own, item, skills, y)
    assert tried.mean <= failed.mean
    assert tried.variance < item.variance
    assert all(new.variance < old.variance for new, old in zip(parts, skills, strict=True))


def test_evidence_counts_later_and_helped_success_for_less() -> None:
    assert model.evidence(None, 0) == 0
    assert model.evidence(1, 0) == 1
    assert model.evidence(2, 0) == pytest.approx(0.5 * exp(-0.35))
    assert model.evidence(1, 2) == pytest.approx(0.5 + 0.5 * 0.49)
    assert model.evidence(1, 4) == model.evidence(1, 3)
    tries = [model.evidence(n, 0) for n in range(1, 9)]
    assert tries == sorted(tries, reverse=True)


def test_a_step_is_that_of_the_equations() -> None:
    """By hand: a new learner at a problem of middle difficulty with one new skill, solved."""
    learner, before = model.learn(Learner.new(), task(5), 1.0)
    s2 = 0.81 + 0.64 + 2.25 + 0.69
    z = 0.405465 + 0.6 * 0.5 / 1.5
    q = 1 / (1 + exp(-z))
    h = q * (1 - q)
    p = 1 / (1 + exp(-z / (1 + 3.141593 * s2 / 8) ** 0.5))
    e = (1 - p) / (1 + h * s2)
    assert before.chance == pytest.approx(p, abs=1e-5)
    assert learner.ability.mean == pytest.approx(0.81 * e, abs=1e-5)
    k2 = h / (1 + h * s2)
    assert learner.ability.variance == pytest.approx(0.81 - 0.81**2 * k2 + 0.001, abs=1e-5)
    skill = learner.skills["loops"]
    assert (skill.touched, skill.mean) == (1, pytest.approx(0.64 * e + 0.11, abs=1e-5))


def test_a_skill_that_is_not_practised_goes_back_to_the_mean_of_all() -> None:
    learner, _ = after([(5, ["loops"], 1.0)] * 4)
    then = model.skill_now(learner, "loops")
    learner, _ = after([(5, ["loops"], 1.0)] * 4 + [(5, ["dicts"], 0.5)] * 20)
    now = model.skill_now(learner, "loops")
    assert 0 < now.mean < then.mean
    assert then.variance < now.variance < model.DEFAULTS.skill_sd**2


def test_a_trend_is_told_only_beyond_chance() -> None:
    assert readings.trend([]).direction == "steady"
    assert readings.trend([(1.0, 0.5), (0.0, 0.5)] * 10).direction == "steady"
    assert readings.trend([(1.0, 0.4)] * 12).direction == "up"
    falling = readings.trend([(1.0, 0.5)] * 20 + [(0.0, 0.6)] * 12)
    assert (falling.direction, falling.window) == ("steady", 20)
    assert readings.trend([(0.0, 0.6)] * 12).direction == "down"


def test_learners_of_another_family_are_predicted_with_honest_chances() -> None:
    """They know a concept or not, learn it at once, slip and guess (Corbett & Anderson 1995)."""
    rng = random.Random(20)  # noqa: S311 - simulates learners
    problems = [(n % 10 + 1, SKILLS[n % len(SKILLS)]) for n in range(60)]
    items = {n: model.item_prior(difficulty) for n, (difficulty, _) in enumerate(problems)}
    skills = {name: model.skill_prior() for name in SKILLS}
    seen: list[tuple[float, float]] = []
    for _ in range(300):
        learner = Learner.new()
        known = {name: rng.random() < 0.35 for name in SKILLS}
        for n in rng.sample(range(60), 25):
            difficulty, name = problems[n]
            slip, guess = 0.05 + 0.04 * difficulty, 0.45 - 0.035 * difficulty
            y = float(rng.random() < (1 - slip if known[name] else guess))
            known[name] = known[name] or rng.random() < 0.12
            here = Task(items[n], skills[name], (name,))
            learner, before = model.learn(learner, here, y)
            items[n], (skills[name],) = model.calibrate(before.learner, items[n], [skills[name]], y)
            seen.append((y, before.chance))
    assert calibration_error(seen[len(seen) // 5 :]) < 0.05
    shown = [items[n].mean for n in range(60)]
    assert rank_correlation(shown, [difficulty for difficulty, _ in problems]) > 0.8


def calibration_error(seen: list[tuple[float, float]], bins: int = 10) -> float:
    """Mean distance of what came from what was expected, in groups of like expectation."""
    groups: list[list[tuple[float, float]]] = [[] for _ in range(bins)]
    for y, chance in seen:
        groups[min(bins - 1, int(chance * bins))].append((y, chance))
    return sum(abs(sum(y - chance for y, chance in group)) for group in groups) / len(seen)


def rank_correlation(one: list[float], other: list[int]) -> float:
    """Spearman's; ties in the middle of their ranks."""
    a, b = ranks(one), ranks(other)
    middle = (len(a) - 1) / 2
    product = sum((x - middle) * (y - middle) for x, y in zip(a, b, strict=True))
    spread = sum((x - middle) ** 2 for x in a) * sum((y - middle) ** 2 for y in b)
    return product / spread**0.5


def ranks(values: list[float] | list[int]) -> list[float]:
    order = sorted(values)
    return [order.index(value) + (order.count(value) - 1) / 2 for value in values]
