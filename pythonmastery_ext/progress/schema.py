"""Progress on the wire."""

from datetime import datetime

from pythonmastery_ext.wire import WireOut


class SectionProgress(WireOut):
    section: str
    #: 0 to 100.
    completion_percentage: float
    xp: int
    solved: int
    total: int
    last_activity: datetime | None


class ProgressOut(WireOut):
    xp: int
    level: int
    #: XP at which the next level begins.
    next_level_xp: int
    solved: int
    total: int
    sections: list[SectionProgress]


class StatsOut(WireOut):
    """All of a learner's submissions that count. Days are days of UTC."""

    attempts: int = 0
    passed: int = 0
    solved: int = 0
    #: Of the solved ones, with the first submission, and without a hint or the tutor.
    first_time: int = 0
    unaided: int = 0
    xp: int = 0
    level: int = 1
    #: Null, not zero, when there is none to go on with: nothing is lost by a missed day.
    streak_days: int | None = None
    #: Whether today already counts for it.
    active_today: bool = False
    longest_streak: int = 0
    active_days: int = 0
    active_of_last_30: int = 0


class AchievementOut(WireOut):
    type: str
    title: str
    description: str
    #: Null for one that is still ahead.
    earned_at: datetime | None = None
    #: Slugs of what it was given for, where it was for one thing.
    section: str | None = None
    problem: str | None = None


class AchievementsOut(WireOut):
    #: In the order in which they were earned.
    earned: list[AchievementOut]
    ahead: list[AchievementOut]


class BoardPlace(WireOut):
    #: Null beyond the first 500: nobody is told that they are last.
    rank: int | None
    #: As this learner wants to be called.
    name: str
    xp: int
    you: bool


class LeaderboardOut(WireOut):
    #: Whether the learner takes part; only then there are places.
    joined: bool
    #: The first five, and three on each side of one's own.
    places: list[BoardPlace]


class PopularProblem(WireOut):
    slug: str
    title: str
    #: Who submitted something, and who solved it.
    learners: int
    solved: int


class PopularOut(WireOut):
    problems: list[PopularProblem]
