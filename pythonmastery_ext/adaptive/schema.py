"""The skill state on the wire."""

from typing import Literal

from pythonmastery_ext.wire import WireOut


class TrendOut(WireOut):
    """The newest problems: how it went beside what was expected."""

    window: int
    observed: float
    expected: float
    #: Beyond ±1.64 it is more than chance would often do.
    z: float
    direction: Literal["up", "down", "steady"]


class SkillChance(WireOut):
    skill: str
    #: Of solving a problem of middle difficulty with it; 19 of 20 are between low and high.
    chance: float
    low: float
    high: float


class SkillOut(WireOut):
    #: Chance on an average problem.
    level: float
    #: 0 to 1; 0 before the first problem.
    confidence: float
    #: 1 to 10.
    next_difficulty: int
    trend: TrendOut
    #: Problems that this was made from.
    problems: int
    skills: list[SkillChance]


class NextOut(WireOut):
    #: Slug; null when nothing is open.
    problem: str | None = None
    #: That this learner solves it; null where it was not chosen by that.
    chance: float | None = None
    #: The chance that it should have, after what the learner prefers.
    wanted: float
    preference: str
    #: A sentence for the learner.
    why: str | None = None
