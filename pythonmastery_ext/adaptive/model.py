"""The skill model: a hierarchical Gaussian filter, which is Elo with honest uncertainty. Pure.

A learner u answers a problem i with skills k with the chance logistic(z),

    z = base + θ_u + mean_k(δ_uk - c_k) - b_i

θ is the learner's ability, δ how much better or worse they are at one skill, c how hard a skill and
b how hard a problem is for everybody. Each is a Gaussian; an answer moves all of them by one step
of an extended Kalman filter with a logistic observation. Sources: R. Pelánek, "Applications of the
Elo rating system in adaptive educational systems" (2016); M. Glickman, "Parameter estimation in
large dynamic paired comparison experiments" (1999), which keeps a variance beside each rating;
D. MacKay, "The evidence framework applied to classification networks" (1992), for the chance under
an uncertain z: logistic(m / √(1 + π·s²/8)). All in logits. The clock is the learner's responses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log, pi, sqrt
from statistics import fmean

#: Middle of the authors' scale, and its levels per logit.
MIDDLE, LEVELS = 5.5, 1.5


@dataclass(frozen=True)
class Gaussian:
    mean: float
    variance: float


@dataclass(frozen=True)
class Parameters:
    """Fitted on public data of new learners; see the decision record."""

    ability_sd: float = 0.9
    ability_drift: float = 0.001
    skill_sd: float = 0.8
    #: How much of δ is left after each response at something else.
    skill_kept: float = 0.96
    #: What practice adds to δ, with success and without.
    gain_success: float = 0.11
    gain_failure: float = 0.03
    skill_difficulty_sd: float = 1.5
    item_sd: float = 1.0
    #: Correlation of the author's difficulty with the real one.
    author_trust: float = 0.6
    author_noise: float = 0.05
    #: Mean evidence of an average learner at an average problem.
    mean_success: float = 0.6
    #: Chance of success that the next problem should have.
    target: float = 0.6

    @property
    def base(self) -> float:
        return logit(self.mean_success)


DEFAULTS = Parameters()


@dataclass(frozen=True)
class Skill:
    """δ of one learner, and at which of their responses it was touched."""

    mean: float
    variance: float
    touched: int


@dataclass(frozen=True)
class Learner:
    ability: Gaussian
    responses: int = 0
    skills: Mapping[str, Skill] = field(default_factory=dict)

    @classmethod
    def new(cls, by: Parameters = DEFAULTS) -> "Learner":
        return cls(Gaussian(0.0, by.ability_sd**2))


@dataclass(frozen=True)
class Task:
    """A problem as the model sees it: b, the c of its skills as their mean, and which they are."""

    item: Gaussian
    difficulty: Gaussian
    skills: Sequence[str]


@dataclass(frozen=True)
class Prediction:
    chance: float
    #: Mean and variance of z.
    z: float
    s2: float
    #: θ + mean(δ), the learner's part of z.
    learner: Gaussian


def sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def logit(p: float) -> float:
    return log(p / (1 - p))


def widened(s2: float) -> float:
    """By how much uncertainty flattens the curve (MacKay 1992)."""
    return sqrt(1 + pi * s2 / 8)


def evidence(solved_try: int | None, hints: int) -> float:
    """How well it went, 0 to 1: half for the first try, half for solving it, less with help."""
    if solved_try is None:
        return 0.0
    first = 0.5 * (solved_try == 1)
    return float(first + 0.5 * exp(-0.35 * (solved_try - 1)) * 0.7 ** min(hints, 3))


def item_prior(author: int, by: Parameters = DEFAULTS) -> Gaussian:
    """b of a problem that nobody has tried, from the author's difficulty, 1 to 10."""
    spread = by.item_sd**2 * (1 - by.author_trust**2) + by.author_noise
    return Gaussian(by.author_trust * (author - MIDDLE) / LEVELS, spread)


def skill_prior(by: Parameters = DEFAULTS) -> Gaussian:
    return Gaussian(0.0, by.skill_difficulty_sd**2)


def mean_of(parts: Sequence[Gaussian]) -> Gaussian:
    """Of independent ones; nothing at all if there are none."""
    if not parts:
        return Gaussian(0.0, 0.0)
    return Gaussian(
        fmean(part.mean for part in parts), sum(part.variance for part in parts) / len(parts) ** 2
    )


def skill_now(learner: Learner, name: str, by: Parameters = DEFAULTS) -> Gaussian:
    """δ at the learner's next response: what is not practised goes back to the mean of all."""
    prior = by.skill_sd**2
    known = learner.skills.get(name)
    if known is None:
        return Gaussian(0.0, prior)
    r = by.skill_kept ** (learner.responses + 1 - known.touched)
    return Gaussian(r * known.mean, r * r * known.variance + (1 - r * r) * prior)


def predict(learner: Learner, task: Task, by: Parameters = DEFAULTS) -> Prediction:
    skills = mean_of([skill_now(learner, name, by) for name in task.skills])
    own = Gaussian(learner.ability.mean + skills.mean, learner.ability.variance + skills.variance)
    return expect(own, task.item, task.difficulty, by)


def expect(
    learner: Gaussian, item: Gaussian, difficulty: Gaussian, by: Parameters = DEFAULTS
) -> Prediction:
    z = by.base + learner.mean - difficulty.mean - item.mean
    s2 = learner.variance + difficulty.variance + item.variance
    return Prediction(sigmoid(z / widened(s2)), z, s2, learner)


def learn(
    learner: Learner, task: Task, y: float, by: Parameters = DEFAULTS
) -> tuple[Learner, Prediction]:
    """The learner after one response with the evidence `y`, and what was expected before it."""
    before = predict(learner, task, by)
    e, k2 = _step(before, y)
    mean, variance = learner.ability.mean, learner.ability.variance
    drifted = variance - variance**2 * k2 + by.ability_drift
    ability = Gaussian(mean + variance * e, min(drifted, by.ability_sd**2))
    skills = dict(learner.skills)
    gain = by.gain_success * y + by.gain_failure * (1 - y)
    w = 1 / len(task.skills) if task.skills else 0.0
    for name in task.skills:
        now = skill_now(learner, name, by)
        skills[name] = Skill(
            now.mean + w * now.variance * e + gain,
            now.variance - w**2 * now.variance**2 * k2,
            learner.responses + 1,
        )
    return Learner(ability, learner.responses + 1, skills), before


def calibrate(
    learner: Gaussian,
    item: Gaussian,
    skills: Sequence[Gaussian],
    y: float,
    by: Parameters = DEFAULTS,
) -> tuple[Gaussian, list[Gaussian]]:
    """b and each c after one response of a learner as they were before it."""
    e, k2 = _step(expect(learner, item, mean_of(skills), by), y)
    w = 1 / len(skills) if skills else 0.0
    return _harder(item, e, k2, 1.0), [_harder(skill, e, k2, w) for skill in skills]


def _harder(part: Gaussian, e: float, k2: float, weight: float) -> Gaussian:
    return Gaussian(
        part.mean - weight * part.variance * e,
        part.variance - weight**2 * part.variance**2 * k2,
    )


def _step(before: Prediction, y: float) -> tuple[float, float]:
    """How far an answer moves each part, and how much surer it makes, per unit of variance."""
    q = sigmoid(before.z)
    h = q * (1 - q)
    return (y - before.chance) / (1 + h * before.s2), h / (1 + h * before.s2)
