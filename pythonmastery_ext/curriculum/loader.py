"""Brings the database to the state of a course folder.

Idempotent; the caller owns the transaction. Nothing that learners did is touched: a problem that
left the course is deprecated and a section retired, and both stay for their attempts.
"""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.curriculum.cells import ContentError, ProblemContent
from pythonmastery_ext.curriculum.course import CourseSource, SectionSource, section_slug
from pythonmastery_ext.curriculum.incoming import Incoming
from pythonmastery_ext.curriculum.leaks import find_leaks
from pythonmastery_ext.curriculum.models import (
    Hint,
    Problem,
    ProblemProfile,
    ProblemVersion,
    Section,
    TestCase,
)
from pythonmastery_ext.curriculum.student import starter_code, student_notebook

#: Advisory lock: of two servers that start at once, one waits for the other.
LOCK = text("select pg_advisory_xact_lock(hashtext('pythonmastery.course'))")


@dataclass
class LoadReport:
    """Slugs of problems (in `retired`, of sections too)."""

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    errors: list[ContentError] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.added or self.updated or self.retired)


async def load_course(db: AsyncSession, course: CourseSource) -> LoadReport:
    await db.execute(LOCK)
    await catalog.drop(db)
    report = LoadReport(errors=list(course.errors))
    incoming = _incoming(course, report)
    sections = await _load_sections(db, course.sections)
    problems = {problem.uid: problem for problem in await db.scalars(select(Problem))}
    await _free_slugs(db, problems, {item.content.uid: item.content.slug for item in incoming})
    for item in incoming:
        problem = problems.get(item.content.uid)
        await _load_problem(db, sections[item.section].id, problem, item, report)
    _retire(course, sections, problems, report)
    await db.flush()
    return report


def _incoming(course: CourseSource, report: LoadReport) -> list[Incoming]:
    """Problems with their students' notebooks, without those in which something secret shows."""
    items = []
    for section in course.sections:
        for content in section.problems:
            notebook = student_notebook(content)
            if leaks := find_leaks(content, notebook):
                path = section.folder / f"{content.slug}.ipynb"
                report.errors.append(ContentError(path, None, "; ".join(leaks), "E10"))
            else:
                items.append(Incoming(section.slug, content, notebook))
    return items


async def _load_sections(db: AsyncSession, sources: list[SectionSource]) -> dict[str, Section]:
    stored = {section.slug: section for section in await db.scalars(select(Section))}
    for source in sources:
        section = stored.setdefault(source.slug, Section(slug=source.slug))
        section.name = source.name
        section.description = source.description
        section.order_index = source.order
        section.prerequisites = list(source.prerequisites)
        section.difficulty_level = source.difficulty_level
        section.estimated_hours = source.estimated_hours
        section.retired = False
        db.add(section)
    await db.flush()
    return stored


async def _free_slugs(
    db: AsyncSession, problems: dict[UUID, Problem], wanted: dict[UUID, str]
) -> None:
    """A slug may pass from one problem to another: those that give one up make room first."""
    taken = set(wanted.values())
    for uid, problem in problems.items():
        if problem.slug in taken and wanted.get(uid) != problem.slug:
            problem.slug = f"{problem.slug}~{problem.id}"
    await db.flush()


async def _load_problem(
    db: AsyncSession, section_id: int, problem: Problem | None, item: Incoming, report: LoadReport
) -> None:
    content = item.content
    if problem is None:
        problem = Problem(uid=content.uid, version_id=None)
        report.added.append(content.slug)
        known = None
    else:
        query = select(ProblemVersion).filter_by(problem_id=problem.id, version=content.version)
        known = await db.scalar(query)
        if (
            known is not None
            and known.content_sha == item.sha
            and (problem.version_id, problem.section_id) == (known.id, section_id)
            and (problem.slug, problem.status) == (content.slug, content.status)
        ):
            report.unchanged.append(content.slug)
            return
        report.updated.append(content.slug)
        problem.updated_at = func.now()
    _fill(problem, section_id, content)
    db.add(problem)
    await db.flush()
    problem.version_id = (await _store_version(db, problem.id, known, item)).id


def _fill(problem: Problem, section_id: int, content: ProblemContent) -> None:
    problem.slug = content.slug
    problem.section_id = section_id
    problem.title = content.title
    problem.description = content.statement
    problem.business_context = content.context
    problem.starter_code = starter_code(content)
    problem.solution_template = content.solution.source
    problem.difficulty_score = content.difficulty
    problem.minutes = content.minutes
    problem.domain = content.domain
    problem.order_index = content.order
    problem.status = content.status


async def _store_version(
    db: AsyncSession, problem_id: int, version: ProblemVersion | None, item: Incoming
) -> ProblemVersion:
    content = item.content
    if version is None:
        version = ProblemVersion(problem_id=problem_id, version=content.version)
    elif version.content_sha == item.sha:
        return version
    else:
        version.updated_at = func.now()
        await db.execute(delete(TestCase).where(TestCase.version_id == version.id))
        await db.execute(delete(Hint).where(Hint.version_id == version.id))
        await db.execute(delete(ProblemProfile).where(ProblemProfile.version_id == version.id))
    version.content_sha = item.sha
    version.content = content.to_json()
    version.student_notebook = item.notebook
    version.max_points = content.max_points
    db.add(version)
    await db.flush()
    db.add_all(item.tests(version))
    db.add_all(item.hints(version))
    return version


def _retire(
    course: CourseSource,
    sections: dict[str, Section],
    problems: dict[UUID, Problem],
    report: LoadReport,
) -> None:
    """What is gone from the folder. What could not be read is not gone: it stays as it was."""
    notebooks = [error.path for error in report.errors if error.path.suffix == ".ipynb"]
    folders = [
        error.path.parent if error.path.name == "section.toml" else error.path
        for error in report.errors
        if error.path.suffix != ".ipynb"
    ]
    unread = {section_slug(folder) for folder in folders}
    if None in unread:
        return
    present = {source.slug for source in course.sections} | unread
    slugs = {problem.slug for source in course.sections for problem in source.problems}
    slugs |= {path.stem for path in notebooks}
    unread_ids = {sections[slug].id for slug in unread if slug in sections}
    for section in sections.values():
        if section.slug not in present and not section.retired:
            section.retired = True
            report.retired.append(section.slug)
    for problem in problems.values():
        gone = problem.slug not in slugs and problem.section_id not in unread_ids
        if gone and problem.status != "deprecated":
            problem.status = "deprecated"
            report.retired.append(problem.slug)
