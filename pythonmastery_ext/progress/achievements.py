"""What is given for a milestone, once; none needs beating others or working at night.

To add one, add it here: who has it due already gets it with their next solved problem, or by
`pythonmastery stats recompute`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.curriculum.models import Problem, Section
from pythonmastery_ext.progress.counting import Sums
from pythonmastery_ext.progress.models import (
    Achievement,
    ProblemProgress,
    UserProgress,
    UserStats,
)

#: Failed submissions at one problem before it was solved.
STUCK = 5
SECTION = "section_completed"


@dataclass(frozen=True)
class Milestone:
    """Reached at `at` or more of what `reached` reads from a learner's counters."""

    kind: str
    title: str
    description: str
    at: int
    reached: Callable[[UserStats | Sums], int]


MILESTONES = (
    Milestone("first_pass", "First light", "Solve your first problem.", 1, lambda s: s.solved),
    Milestone("ten_solved", "Under way", "Solve 10 problems.", 10, lambda s: s.solved),
    Milestone("hundred_solved", "Well travelled", "Solve 100 problems.", 100, lambda s: s.solved),
    Milestone(
        "clean_start",
        "Clean start",
        "Solve 5 problems with the first submission.",
        5,
        lambda s: s.first_time,
    ),
    Milestone(
        "no_net",
        "No net",
        "Solve 10 problems without a hint or the tutor.",
        10,
        lambda s: s.unaided,
    ),
    Milestone("streak_7", "Steady", "Be active 7 days in a row.", 7, lambda s: s.longest_streak),
    Milestone(
        "streak_30", "Steadier", "Be active 30 days in a row.", 30, lambda s: s.longest_streak
    ),
)
UNSTUCK = ("unstuck", "Unstuck", f"Solve a problem after {STUCK} failed submissions or more.")
SECTION_DONE = ("Section done", "Solve every problem of a section.")


@dataclass(frozen=True)
class Told:
    title: str
    description: str


TOLD = {
    **{one.kind: Told(one.title, one.description) for one in MILESTONES},
    UNSTUCK[0]: Told(*UNSTUCK[1:]),
    SECTION: Told(*SECTION_DONE),
}


def told(achievement_type: str) -> Told | None:
    """None for one that is no longer given."""
    return TOLD.get(achievement_type.partition(":")[0])


def due(stats: UserStats | Sums) -> Iterator[tuple[str, dict[str, Any]]]:
    """Types and details of what the counters alone decide."""
    for one in MILESTONES:
        if one.reached(stats) >= one.at:
            yield one.kind, {"at": one.at}


def unstuck(problem: str, solved_try: int) -> Iterator[tuple[str, dict[str, Any]]]:
    if solved_try > STUCK:
        yield UNSTUCK[0], {"problem": problem, "tries": solved_try}


def section_done(section: str, completion: float) -> Iterator[tuple[str, dict[str, Any]]]:
    if completion >= 100:
        yield f"{SECTION}:{section}", {"section": section}


async def of_progress(db: AsyncSession, learner: int) -> dict[str, dict[str, Any]]:
    """What the sums do not tell: sections that are complete, and a problem that was long stuck."""
    given: dict[str, dict[str, Any]] = {}
    sections = await db.scalars(
        select(Section.slug)
        .join(UserProgress, UserProgress.section_id == Section.id)
        .where(UserProgress.user_id == learner, UserProgress.completion_percentage == 100)
    )
    for section in sections:
        given.update(section_done(section, 100))
    stuck = await db.execute(
        select(Problem.slug, ProblemProgress.solved_try)
        .join(ProblemProgress, ProblemProgress.problem_id == Problem.id)
        .where(ProblemProgress.user_id == learner, ProblemProgress.solved_try > STUCK)
        .order_by(ProblemProgress.solved_at.desc())
    )
    for problem, tries in stuck:
        given.update(unstuck(problem, tries or 0))
    return given


async def award(db: AsyncSession, learner: int, given: dict[str, dict[str, Any]]) -> list[str]:
    """Those that are new; each is told to the learner's browsers once."""
    if not given:
        return []
    rows = [
        {"user_id": learner, "achievement_type": kind, "details": details}
        for kind, details in given.items()
    ]
    new = list(
        await db.scalars(
            insert(Achievement)
            .values(rows)
            .on_conflict_do_nothing(
                index_elements=[Achievement.user_id, Achievement.achievement_type]
            )
            .returning(Achievement.achievement_type)
        )
    )
    for kind in new:
        await audit.record(
            db,
            "achievement.earned",
            actor=None,
            learner=learner,
            target=kind,
            data=given[kind],
            streamed=True,
        )
    return new
