"""The course as one learner sees it: what is open, what is done, what is next."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.curriculum.catalog import CourseProblem, CourseSection, Published
from pythonmastery_ext.curriculum.models import Problem
from pythonmastery_ext.curriculum.overview import Entry, Overview, enough, overview
from pythonmastery_ext.curriculum.schema import CourseOut, ProblemSummary, SectionOut
from pythonmastery_ext.curriculum.unlock import SLUG
from pythonmastery_ext.errors import ProblemLocked, UnknownProblem
from pythonmastery_ext.progress.models import ProblemProgress

#: A problem that is open to the learner, with the version that new attempts use.
Opened = Published


async def course(db: AsyncSession, learner: int) -> CourseOut:
    found = await overview(db, learner)
    problems = [
        summary(entry, section, found.locked(section))
        for section in found.sections
        for entry in found.entries[section.id]
    ]
    return CourseOut(
        sections=[
            _section(section, found) for section in found.sections if found.entries[section.id]
        ],
        problems=problems,
        next=_next(problems),
    )


def _next(problems: Iterable[ProblemSummary]) -> str | None:
    return next((p.slug for p in problems if p.state in ("new", "started")), None)


def _section(section: CourseSection, found: Overview) -> SectionOut:
    return SectionOut.model_validate(
        {
            "slug": section.slug,
            "name": section.name,
            "description": section.description,
            "order": section.order_index,
            "difficulty_level": section.difficulty_level,
            "estimated_hours": section.estimated_hours,
            "prerequisites": section.prerequisites,
            "locked": found.locked(section),
            "solved": found.solved(section),
            "total": len(found.entries[section.id]),
        }
    )


def summary(entry: Entry, section: CourseSection, locked: str | None) -> ProblemSummary:
    problem, progress = entry.problem, entry.progress
    return ProblemSummary.model_validate(
        {
            "slug": problem.slug,
            "title": problem.title,
            "section": section.slug,
            "order": problem.order_index,
            "difficulty": problem.difficulty_score,
            "minutes": problem.minutes,
            "domain": problem.domain,
            "version": entry.version.version,
            "state": _state(entry, locked),
            # What somebody has solved stays open to them, whatever the course became since.
            "locked": None if entry.solved else locked,
            "best_points": progress.best_points if progress else 0,
            "max_points": entry.version.max_points,
            "xp": progress.xp if progress else 0,
            "aided": progress.aided if progress and entry.solved else None,
        }
    )


def _state(entry: Entry, locked: str | None) -> str:
    if entry.solved:
        return "solved"
    if locked is not None:
        return "locked"
    return "started" if entry.progress is not None else "new"


def _check_form(slug: str) -> None:
    """What cannot be a slug is not asked of the database, which would fail on a NUL in it."""
    if not SLUG.fullmatch(slug):
        raise UnknownProblem


async def problem_id(db: AsyncSession, slug: str) -> int:
    """Of any problem that ever was in the course, so that history stays; UnknownProblem."""
    _check_form(slug)
    found = await db.scalar(select(Problem.id).where(Problem.slug == slug))
    if found is None:
        raise UnknownProblem
    return found


async def published(db: AsyncSession, slug: str) -> Opened:
    """UnknownProblem; whether it is open to a learner is for the caller to ask."""
    _check_form(slug)
    return await catalog.published(db, slug)


class Gate(NamedTuple):
    """What opens a section to a learner: of each section before it so many solved problems."""

    #: How many of each, from 1.
    least: list[int]
    #: Which of them each problem belongs to, from 1; and the problem.
    parts: list[int]
    before: list[int]


async def gate(db: AsyncSession, section: CourseSection) -> Gate:
    """As `Overview.locked` reads it, for a statement that asks by itself."""
    made = Gate([], [], [])
    if section.prerequisites:
        tree = await catalog.tree(db)
        for other in tree.sections:
            if other.slug in section.prerequisites:
                problems = [problem.id for problem, _ in tree.problems[other.id]]
                made.least.append(enough(len(problems)))
                made.parts.extend([len(made.least)] * len(problems))
                made.before.extend(problems)
    return made


async def opened(db: AsyncSession, learner: int, slug: str) -> Opened:
    """The problem, if it is published (UnknownProblem) and open to the learner (ProblemLocked)."""
    found = await published(db, slug)
    if found.section.prerequisites:
        await _check_open(db, learner, found.problem, found.section)
    return found


async def _check_open(
    db: AsyncSession, learner: int, problem: CourseProblem, section: CourseSection
) -> None:
    found = await overview(db, learner)
    reason = found.locked(section)
    entries = found.entries.get(section.id, [])
    if reason and not any(entry.solved for entry in entries if entry.problem.id == problem.id):
        raise ProblemLocked(f"This problem is not open to you yet. {reason}")


async def begin(db: AsyncSession, learner: int, problem: int, max_points: int) -> None:
    """Starts the clock of the hints at the first call; later ones change nothing."""
    begun = await db.scalar(
        insert(ProblemProgress)
        .values(
            user_id=learner,
            problem_id=problem,
            max_points=max_points,
            opened_at=func.clock_timestamp(),
        )
        .on_conflict_do_nothing()
        .returning(ProblemProgress.problem_id)
    )
    if begun is not None:
        await audit.record(
            db,
            "problem.opened",
            actor=learner,
            learner=learner,
            target=f"problem/{problem}",
            data={},
            streamed=False,
        )


async def progress_at(db: AsyncSession, learner: int, problem: int) -> ProblemProgress | None:
    return await db.get(
        ProblemProgress, {"user_id": learner, "problem_id": problem}, populate_existing=True
    )
