"""A course as those who teach look at it: by section, and where learners are stuck."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Double, Row, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.analytics.views import PROBLEM_DIFFICULTY_STATS as SEEN
from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.curriculum.models import Problem, Section
from pythonmastery_ext.db.paging import Ask, Page, Sortable, paged
from pythonmastery_ext.progress.models import ProblemProgress, ProblemStats

#: What the list of problems can be sorted by.
SORTS: Mapping[str, Sortable] = {
    "open": ProblemStats.learners - ProblemStats.solved,
    "rate": cast(ProblemStats.solved, Double) / cast(ProblemStats.learners, Double),
    "tries": cast(ProblemStats.attempts, Double) / cast(ProblemStats.learners, Double),
    "learners": ProblemStats.learners,
    "title": Problem.title,
}
STUCK_SORTS: Mapping[str, Sortable] = {
    "tries": ProblemProgress.submits,
    "name": User.username,
}


@dataclass(frozen=True, kw_only=True)
class Part:
    """A section, and what all learners did in it."""

    slug: str
    name: str
    problems: int
    attempts: int = 0
    passed: int = 0
    solved: int = 0


@dataclass(frozen=True, kw_only=True)
class Hard:
    """A problem by how hard it shows itself."""

    slug: str
    title: str
    section: str
    #: Who submitted something; of them solved it.
    learners: int
    solved: int
    #: Submissions of each learner on average.
    tries: float
    hints: float | None
    difficulty: int


@dataclass(frozen=True, kw_only=True)
class Stuck:
    """A learner who has not solved a problem yet."""

    id: int
    username: str
    tries: int
    best: int
    most: int
    last_at: datetime | None


async def parts(db: AsyncSession) -> list[Part]:
    """As last rolled up."""
    tree = await catalog.tree(db)
    rows = await db.execute(
        select(
            Problem.section_id,
            func.sum(ProblemStats.attempts).label("attempts"),
            func.sum(ProblemStats.passed).label("passed"),
            func.sum(ProblemStats.solved).label("solved"),
        )
        .join(ProblemStats, ProblemStats.problem_id == Problem.id)
        .where(Problem.status == "published")
        .group_by(Problem.section_id)
    )
    done = {row.section_id: (row.attempts, row.passed, row.solved) for row in rows}
    found = []
    for section in tree.sections:
        attempts, passed, solved = done.get(section.id, (0, 0, 0))
        found.append(
            Part(
                slug=section.slug,
                name=section.name,
                problems=len(tree.problems[section.id]),
                attempts=attempts,
                passed=passed,
                solved=solved,
            )
        )
    return found


async def hard(db: AsyncSession, ask: Ask) -> Page[Hard]:
    """Problems that somebody has tried; InvalidFields."""
    query = (
        select(
            Problem.slug,
            Problem.title,
            Section.name.label("section"),
            ProblemStats.learners,
            ProblemStats.solved,
            SORTS["tries"].label("tries"),
            SEEN.c.avg_hints_used.label("hints"),
            Problem.difficulty_score.label("difficulty"),
        )
        .join(ProblemStats, ProblemStats.problem_id == Problem.id)
        .join(Section, Section.id == Problem.section_id)
        .outerjoin(SEEN, SEEN.c.problem_id == Problem.id)
        .where(Problem.status == "published", ~Section.retired, ProblemStats.learners > 0)
    )
    return await paged(db, query, SORTS, Problem.id, ask, lambda row: Hard(**_named(row)))


async def stuck(db: AsyncSession, problem: int, ask: Ask) -> Page[Stuck]:
    """Who has submitted something and not solved it; InvalidFields."""
    query = (
        select(
            User.id,
            User.username,
            ProblemProgress.submits.label("tries"),
            ProblemProgress.best_points.label("best"),
            ProblemProgress.max_points.label("most"),
            ProblemProgress.last_sent.label("last_at"),
        )
        .join(User, User.id == ProblemProgress.user_id)
        .where(
            ProblemProgress.problem_id == problem,
            ProblemProgress.solved_at.is_(None),
            ProblemProgress.submits > 0,
        )
    )
    return await paged(db, query, STUCK_SORTS, User.id, ask, lambda row: Stuck(**_named(row)))


def _named(row: Row[Any]) -> dict[str, Any]:
    """Without what the page was found by."""
    return {name: value for name, value in row._mapping.items() if not name.startswith("_")}
