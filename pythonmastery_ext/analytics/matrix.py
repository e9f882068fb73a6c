"""A class in one section: who is how far at which problem."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Row, any_, func, literal, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.analytics.schema import MatrixCell, MatrixOut, MatrixProblem, MatrixRow
from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.curriculum.catalog import CourseSection
from pythonmastery_ext.db.paging import Ask, Page, Sortable, paged
from pythonmastery_ext.errors import UnknownSection
from pythonmastery_ext.progress.models import ProblemProgress, UserProgress

#: Learners on a page.
LARGEST_PAGE = 200
SORTS: dict[str, Sortable] = {
    "name": User.username,
    "done": UserProgress.completion_percentage,
}
#: Columns of ProblemProgress, as `_cell` takes them behind whose and where.
CELL = (
    "user_id",
    "problem_id",
    "submits",
    "best_points",
    "max_points",
    "solved_at",
    "aided",
    "last_sent",
    "opened_at",
)


async def matrix(db: AsyncSession, slug: str, ask: Ask) -> MatrixOut:
    """Learners who have sent something in; UnknownSection, InvalidFields."""
    section, problems = await of_section(db, slug)
    query = (
        select(User.id, User.username, UserProgress.completion_percentage)
        .join(UserProgress, UserProgress.user_id == User.id)
        .where(UserProgress.section_id == section.id)
    )
    page: Page[Row[Any]] = await paged(db, query, SORTS, User.id, ask, lambda row: row)
    cells = await _cells(db, [row.id for row in page.rows], list(problems))
    return MatrixOut(
        section=section.slug,
        name=section.name,
        problems=list(problems.values()),
        learners=[
            MatrixRow(
                id=row.id,
                username=row.username,
                completion=row.completion_percentage,
                cells=[cells.get((row.id, problem)) for problem in problems],
            )
            for row in page.rows
        ],
        after=page.after,
    )


async def of_section(db: AsyncSession, slug: str) -> tuple[CourseSection, dict[int, MatrixProblem]]:
    """The section and its problems in order, by their ids; UnknownSection."""
    tree = await catalog.tree(db)
    found = next((section for section in tree.sections if section.slug == slug), None)
    if found is None:
        raise UnknownSection
    problems = {
        problem.id: MatrixProblem(slug=problem.slug, title=problem.title)
        for problem, _ in tree.problems[found.id]
    }
    return found, problems


async def _cells(
    db: AsyncSession, learners: Sequence[int], problems: Sequence[int]
) -> dict[tuple[int, int], MatrixCell]:
    """By learner and problem; none where nobody has looked yet."""
    learner = select(func.unnest(literal(learners, ARRAY(BigInteger))).label("id")).subquery()
    # By itself for each learner, which OFFSET holds the planner to: it would rather read all that
    # anybody has done at these problems.
    cell = (
        select(*(getattr(ProblemProgress, name) for name in CELL))
        .where(
            ProblemProgress.user_id == learner.c.id,
            ProblemProgress.problem_id == any_(literal(problems, ARRAY(BigInteger))),
        )
        .offset(0)
        .lateral()
    )
    rows = await db.execute(select(cell).select_from(learner.join(cell, true())))
    return {(row.user_id, row.problem_id): _cell(*row[2:]) for row in rows}


def _cell(
    submits: int,
    best: int,
    most: int,
    solved_at: datetime | None,
    aided: bool,
    last_sent: datetime | None,
    opened_at: datetime,
) -> MatrixCell:
    return MatrixCell(
        state="solved" if solved_at else "tried" if submits else "opened",
        tries=submits,
        best=best / most if most else 0.0,
        aided=aided,
        last_at=last_sent or solved_at or opened_at,
    )
