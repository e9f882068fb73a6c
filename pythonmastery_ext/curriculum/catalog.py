"""The course as it is for everybody, kept in memory: what a learner did at it is in no cache here.

Values of their own and not rows, because they outlive the session that read them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Bundle

from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.curriculum.models import Problem, ProblemProfile, ProblemVersion, Section
from pythonmastery_ext.db.cache import Cache, invalidate
from pythonmastery_ext.errors import UnknownProblem

#: Seconds; each load of the course drops everything sooner.
KEEP = 600.0


@dataclass(frozen=True, kw_only=True)
class CourseSection:
    """Columns of `Section`, as in the model; so in the other two."""

    id: int
    slug: str
    name: str
    description: str
    order_index: int
    prerequisites: list[str]
    difficulty_level: str
    estimated_hours: float


@dataclass(frozen=True, kw_only=True)
class CourseProblem:
    id: int
    slug: str
    section_id: int
    title: str
    difficulty_score: int
    minutes: int
    domain: str
    order_index: int


@dataclass(frozen=True, kw_only=True)
class CourseVersion:
    id: int
    version: str
    max_points: int


@dataclass(frozen=True)
class Published:
    """A problem of the course with the version that new attempts use."""

    problem: CourseProblem
    version: CourseVersion
    section: CourseSection
    content: ProblemContent
    starter_code: str
    #: nbformat 4; not to be changed.
    student_notebook: Mapping[str, Any]


@dataclass(frozen=True)
class Tree:
    """Sections in order, and by their ids the problems in order."""

    sections: tuple[CourseSection, ...]
    problems: Mapping[int, tuple[tuple[CourseProblem, CourseVersion], ...]]


TREE: Cache[str, Tree] = Cache("section tree", most=1, seconds=KEEP)
PROBLEMS: Cache[str, Published] = Cache("problem content", most=300, seconds=KEEP)
#: By the id of a version, also of old ones, with the profile if it has been recorded.
GRADED: Cache[int, ProblemContent] = Cache("graded content", most=300, seconds=KEEP)
#: The cache of `progress` that shows titles of problems.
POPULAR = "popular problems"


async def drop(db: AsyncSession) -> None:
    """In the transaction that changes the course, before it reads of it."""
    for name in (TREE.name, PROBLEMS.name, GRADED.name, POPULAR):
        await invalidate(db, name)


async def tree(db: AsyncSession) -> Tree:
    return await TREE.get("all", lambda: _tree(db))


async def _tree(db: AsyncSession) -> Tree:
    sections = await db.execute(
        select(_part(Section, CourseSection))
        .where(~Section.retired)
        .order_by(Section.order_index, Section.slug)
    )
    found = tuple(CourseSection(**section._asdict()) for (section,) in sections)
    problems: dict[int, list[tuple[CourseProblem, CourseVersion]]] = {one.id: [] for one in found}
    rows = await db.execute(
        select(_part(Problem, CourseProblem), _part(ProblemVersion, CourseVersion))
        .join(ProblemVersion, ProblemVersion.id == Problem.version_id)
        .where(Problem.status == "published", Problem.withheld_at.is_(None))
        .order_by(Problem.order_index, Problem.slug)
    )
    for problem, version in rows:
        if problem.section_id in problems:
            pair = CourseProblem(**problem._asdict()), CourseVersion(**version._asdict())
            problems[problem.section_id].append(pair)
    return Tree(found, {section: tuple(pairs) for section, pairs in problems.items()})


async def published(db: AsyncSession, slug: str) -> Published:
    """UnknownProblem."""
    return await PROBLEMS.get(slug, lambda: _published(db, slug))


async def _published(db: AsyncSession, slug: str) -> Published:
    row = (
        await db.execute(
            select(
                _part(Problem, CourseProblem),
                _part(ProblemVersion, CourseVersion),
                _part(Section, CourseSection),
                ProblemVersion.content,
                Problem.starter_code,
                ProblemVersion.student_notebook,
            )
            .join(ProblemVersion, ProblemVersion.id == Problem.version_id)
            .join(Section, Section.id == Problem.section_id)
            .where(
                Problem.slug == slug,
                Problem.status == "published",
                Problem.withheld_at.is_(None),
                ~Section.retired,
            )
        )
    ).one_or_none()
    if row is None:
        raise UnknownProblem
    problem, version, section, content, starter_code, notebook = row
    return Published(
        CourseProblem(**problem._asdict()),
        CourseVersion(**version._asdict()),
        CourseSection(**section._asdict()),
        ProblemContent.from_json(content),
        starter_code,
        notebook,
    )


async def graded(db: AsyncSession, version: int) -> ProblemContent:
    """All that grading needs of a version that exists, also of one that was replaced."""
    return await GRADED.get(version, lambda: _graded(db, version))


async def _graded(db: AsyncSession, version: int) -> ProblemContent:
    row = (
        await db.execute(
            select(ProblemVersion.content, ProblemProfile.profile)
            .outerjoin(ProblemProfile, ProblemProfile.version_id == ProblemVersion.id)
            .where(ProblemVersion.id == version)
        )
    ).one()
    return ProblemContent.from_json(row.content).with_profile(row.profile)


def _part(model: type[Any], shape: type[Any]) -> Bundle[Any]:
    """Columns only: rows would belong to the session."""
    return Bundle(shape.__name__, *(getattr(model, field.name) for field in fields(shape)))
