"""A learner's state along their episodes, forwards and a few of them back. Pure.

The state is the filter run over all episodes in order, so an episode that is revised asks for those
after it once more. Mostly it is the last one, or nearly: what the newest ones replaced is kept.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from pythonmastery_ext.adaptive import model, readings
from pythonmastery_ext.adaptive.model import Gaussian, Learner, Skill, Task

#: Episodes that can be taken back.
MOST_BACK = 6


class Episode(Protocol):
    """Columns of AdaptiveEpisode."""

    problem_id: int
    number: int
    skills: list[Any]
    evidence: float
    predicted: float
    ability_mean: float
    ability_variance: float
    item_mean: float
    item_variance: float
    skills_mean: float
    skills_variance: float


@dataclass
class NewEpisode:
    """One that is not in the database yet."""

    problem_id: int
    skills: list[Any]
    evidence: float
    item_mean: float
    item_variance: float
    skills_mean: float
    skills_variance: float
    begun_at: datetime
    solved_at: datetime | None
    number: int = 0
    predicted: float = 0.0
    ability_mean: float = 0.0
    ability_variance: float = 0.0


@dataclass(frozen=True)
class Kept:
    """Columns of AdaptiveDifficulty that the model goes on from."""

    ability_mean: float
    ability_variance: float
    responses: int
    skills: dict[str, Any]
    recent: list[Any]
    undo: list[Any] | None


@dataclass
class Trace:
    state: Learner = field(default_factory=Learner.new)
    #: [evidence, predicted] of the newest episodes.
    recent: list[Any] = field(default_factory=list)
    #: Of each of the newest: its number, θ before it as mean and variance, δ before it of the
    #: skills that it touched, and the mean of θ after it, which shows that nothing came between.
    undo: list[Any] = field(default_factory=list)

    @classmethod
    def of(cls, kept: Kept | None) -> "Trace":
        if kept is None:
            return cls()
        skills = {name: Skill(*values) for name, values in kept.skills.items()}
        ability = Gaussian(kept.ability_mean, kept.ability_variance)
        undo = list(kept.undo or ())
        if undo and (undo[-1][0], undo[-1][4]) != (kept.responses, kept.ability_mean):
            undo = []
        return cls(Learner(ability, kept.responses, skills), list(kept.recent), undo)

    def take(self, episode: Episode, *, new: bool) -> None:
        """What was expected is written down once: it was said before the evidence was known."""
        before = self.state
        self.state, expected = model.learn(before, task_of(episode), episode.evidence)
        episode.number = self.state.responses
        if new:
            episode.predicted = expected.chance
            episode.ability_mean = expected.learner.mean
            episode.ability_variance = expected.learner.variance
        was = before.ability
        touched = {name: plain(before.skills.get(name)) for name in episode.skills}
        step = [episode.number, was.mean, was.variance, touched, self.state.ability.mean]
        self.undo = [*self.undo, step][-MOST_BACK:]
        self.recent = [*self.recent, [episode.evidence, episode.predicted]][-readings.WINDOW :]

    def back_to(self, number: int) -> bool:
        """To before this episode; False where that is not known any more."""
        if not self.undo or self.undo[0][0] > number:
            return False
        skills = dict(self.state.skills)
        ability, responses = self.state.ability, self.state.responses
        while self.undo and self.undo[-1][0] >= number:
            last, mean, variance, touched, _ = self.undo.pop()
            ability, responses = Gaussian(mean, variance), last - 1
            for name, values in touched.items():
                if values is None:
                    skills.pop(name, None)
                else:
                    skills[name] = Skill(*values)
            self.recent = self.recent[:-1]
        self.state = Learner(ability, responses, skills)
        return True

    def columns(self, last: Task) -> dict[str, Any]:
        """Of AdaptiveDifficulty, but for whose and when."""
        state = self.state
        return {
            "ability_mean": state.ability.mean,
            "ability_variance": state.ability.variance,
            "responses": state.responses,
            "skills": {name: plain(skill) for name, skill in state.skills.items()},
            "recent": self.recent,
            "undo": self.undo,
            "current_skill_level": round(readings.level(state), 2),
            "confidence_score": round(readings.confidence(state), 2),
            "next_problem_difficulty": readings.next_difficulty(state, last),
            "performance_trend": readings.trend(self.recent).told(),
        }


def plain(skill: Skill | None) -> list[float] | None:
    return None if skill is None else [skill.mean, skill.variance, skill.touched]


def task_of(episode: Episode) -> Task:
    return Task(
        Gaussian(episode.item_mean, episode.item_variance),
        Gaussian(episode.skills_mean, episode.skills_variance),
        episode.skills,
    )
