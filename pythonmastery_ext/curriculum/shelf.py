"""The problems as admins see them: what is published, since when, and taking one out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.curriculum.models import Problem, ProblemVersion, Section
from pythonmastery_ext.db.paging import Ask, Page, Sortable, paged
from pythonmastery_ext.errors import UnknownProblem

STATE = case(
    (Problem.withheld_at.is_not(None), literal("taken out")),
    (Section.retired, literal("deprecated")),
    else_=Problem.status,
)
SORTS: Mapping[str, Sortable] = {
    "title": Problem.title,
    "changed": Problem.updated_at,
    "state": STATE,
}


@dataclass(frozen=True, kw_only=True)
class Shelved:
    """A problem; `state` is its status in the course folder, or that it was taken out here."""

    id: int
    slug: str
    title: str
    section: str
    state: str
    version: str | None
    versions: int
    published_at: datetime | None
    withheld: bool


@dataclass(frozen=True, kw_only=True)
class Version:
    version: str
    sha: str
    tests: int
    points: int
    published_at: datetime
    changed_at: datetime
    current: bool


async def page(db: AsyncSession, ask: Ask, words: str = "") -> Page[Shelved]:
    """Whose title or slug has these words in it; a course has hundreds of problems."""
    number = (
        select(func.count())
        .where(ProblemVersion.problem_id == Problem.id)
        .correlate(Problem)
        .scalar_subquery()
    )
    current = ProblemVersion
    query = (
        select(
            Problem.id,
            Problem.slug,
            Problem.title,
            Section.name.label("section"),
            STATE.label("state"),
            current.version,
            number.label("versions"),
            current.created_at.label("published_at"),
            Problem.withheld_at.is_not(None).label("withheld"),
        )
        .join(Section, Section.id == Problem.section_id)
        .outerjoin(current, current.id == Problem.version_id)
    )
    if words.strip():
        query = query.where(
            Problem.title.icontains(words.strip(), autoescape=True)
            | Problem.slug.icontains(words.strip(), autoescape=True)
        )
    return await paged(
        db,
        query,
        SORTS,
        Problem.id,
        ask,
        lambda row: Shelved(**{n: getattr(row, n) for n in Shelved.__dataclass_fields__}),
    )


async def versions(db: AsyncSession, slug: str) -> tuple[Problem, list[Version]]:
    """Newest first; UnknownProblem."""
    problem = await _named(db, slug)
    rows = await db.execute(
        select(
            ProblemVersion.id,
            ProblemVersion.version,
            ProblemVersion.content_sha,
            func.jsonb_array_length(ProblemVersion.content["tests"]).label("tests"),
            ProblemVersion.max_points,
            ProblemVersion.created_at,
            ProblemVersion.updated_at,
        )
        .where(ProblemVersion.problem_id == problem.id)
        .order_by(ProblemVersion.id.desc())
    )
    return problem, [
        Version(
            version=row.version,
            sha=row.content_sha,
            tests=row.tests or 0,
            points=row.max_points,
            published_at=row.created_at,
            changed_at=row.updated_at,
            current=row.id == problem.version_id,
        )
        for row in rows
    ]


async def withhold(db: AsyncSession, slug: str, *, withheld: bool, actor: int) -> Problem:
    """Takes it out of the course for all learners, or puts it back; their attempts stay.

    It stays out when the course is loaded again. UnknownProblem.
    """
    problem = await _named(db, slug)
    if (problem.withheld_at is not None) == withheld:
        return problem
    await catalog.drop(db)
    problem.withheld_at = func.now() if withheld else None
    await audit.record(
        db,
        "problem.withheld" if withheld else "problem.restored",
        actor=actor,
        learner=None,
        target=f"problems/{slug}",
        data={},
        streamed=False,
    )
    await audit.tell_everybody(db)
    await db.flush()
    return problem


async def _named(db: AsyncSession, slug: str) -> Problem:
    found = await db.scalar(select(Problem).where(Problem.slug == slug).with_for_update())
    if found is None:
        raise UnknownProblem
    return found
