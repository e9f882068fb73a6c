"""The whole course beside what one learner has done at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.curriculum.catalog import CourseProblem, CourseSection, CourseVersion
from pythonmastery_ext.progress.models import ProblemProgress


class Done(NamedTuple):
    """What a learner has done at a problem, as columns: a whole course of rows costs too much."""

    solved_at: datetime | None
    best_points: int
    xp: int
    aided: bool


@dataclass(frozen=True)
class Entry:
    """A published problem beside what the learner has done at it."""

    problem: CourseProblem
    version: CourseVersion
    progress: Done | ProblemProgress | None

    @property
    def solved(self) -> bool:
        return self.progress is not None and self.progress.solved_at is not None


@dataclass(frozen=True)
class Overview:
    """The whole course for one learner."""

    sections: Sequence[CourseSection]
    #: Section id → its problems in order.
    entries: dict[int, list[Entry]]

    def solved(self, section: CourseSection) -> int:
        return sum(entry.solved for entry in self.entries[section.id])

    def locked(self, section: CourseSection) -> str | None:
        """Why the section is not open yet, in a sentence."""
        known = {other.slug: other for other in self.sections}
        missing = [
            needed
            for slug in section.prerequisites
            if (other := known.get(slug)) and (needed := self._still_needed(other))
        ]
        return f"Opens when you have solved {' and '.join(missing)}." if missing else None

    def _still_needed(self, section: CourseSection) -> str | None:
        solved = self.solved(section)
        left = enough(len(self.entries[section.id])) - solved
        if left <= 0:
            return None
        more = "more " if solved else ""
        return f"{left} {more}problem{'s' if left > 1 else ''} in “{section.name}”"


async def overview(db: AsyncSession, learner: int) -> Overview:
    tree = await catalog.tree(db)
    rows = await db.execute(
        select(
            ProblemProgress.problem_id,
            ProblemProgress.solved_at,
            ProblemProgress.best_points,
            ProblemProgress.xp,
            ProblemProgress.aided,
        ).where(ProblemProgress.user_id == learner)
    )
    done = {row.problem_id: Done(row.solved_at, row.best_points, row.xp, row.aided) for row in rows}
    entries = {
        section: [Entry(problem, version, done.get(problem.id)) for problem, version in problems]
        for section, problems in tree.problems.items()
    }
    return Overview(tree.sections, entries)


def enough(problems: int) -> int:
    """Half of a prerequisite, rounded up, has to be solved."""
    return (problems + 1) // 2
