"""What instructors see of a problem, and of a class in a section."""

from datetime import datetime
from typing import Literal

from pythonmastery_ext.wire import WireOut


class DifficultyOut(WireOut):
    """On the authors' scale; it may lie beyond its ends. 19 of 20 such are from low to high."""

    value: float
    low: float
    high: float
    #: Learners that it was made from.
    learners: int


class ProblemStatsOut(WireOut):
    problem: str
    #: Who submitted something; all submissions that count; of them passed.
    learners: int = 0
    attempts: int = 0
    passed: int = 0
    #: Learners who solved it; of them with the first submission; without a hint or the tutor.
    solved: int = 0
    first_time: int = 0
    unaided: int = 0
    #: 1 to 10, as the author says, and as learners have shown; null before anybody has.
    difficulty: int
    calibrated: DifficultyOut | None = None
    #: Middle of the minutes of work until it was solved, in the last 90 days.
    median_minutes: float | None = None
    #: As of `viewed_at`.
    avg_execution_ms: float | None = None
    avg_hints_used: float | None = None
    viewed_at: datetime | None = None
    updated_at: datetime | None = None


class MatrixProblem(WireOut):
    slug: str
    title: str


class MatrixCell(WireOut):
    """One learner at one problem."""

    state: Literal["opened", "tried", "solved"]
    #: Submissions that were graded.
    tries: int
    #: Of the points of the best one, 0 to 1.
    best: float
    #: A hint or the tutor was used before it was solved.
    aided: bool
    last_at: datetime


class MatrixRow(WireOut):
    id: int
    username: str
    #: Of the section, in percent.
    completion: float
    #: One for each problem, in their order; null where the problem was not opened yet.
    cells: list[MatrixCell | None]


class MatrixOut(WireOut):
    section: str
    name: str
    problems: list[MatrixProblem]
    learners: list[MatrixRow]
    #: For the next page; null on the last.
    after: str | None
