"""One problem's page and notebook, as the learner may see them."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.curriculum import service
from pythonmastery_ext.curriculum.cells import TestCell
from pythonmastery_ext.curriculum.overview import Entry
from pythonmastery_ext.curriculum.schema import LimitsOut, NotebookOut, ProblemOut, TestOut
from pythonmastery_ext.curriculum.service import Opened
from pythonmastery_ext.hints.models import UnlockedHint


async def page(db: AsyncSession, learner: int, slug: str, folder: str) -> ProblemOut:
    """Starts the learner's clock at this problem, the first time."""
    found = await service.opened(db, learner, slug)
    await service.begin(db, learner, found.problem.id, found.version.max_points)
    progress = await service.progress_at(db, learner, found.problem.id)
    entry = Entry(found.problem, found.version, progress)
    content = found.content
    return ProblemOut(
        **service.summary(entry, found.section, None).model_dump(),
        statement=content.statement,
        context=content.context,
        given=content.given,
        starter_code=found.starter_code,
        entry=content.solution.entry,
        allow_imports=content.allow_imports,
        limits=LimitsOut.model_validate(content.limits),
        tests=[_test(test) for test in content.tests],
        hints_total=len(content.hints),
        hints_opened=await _hints_opened(db, learner, found.problem.id),
        notebook_path=_path(found, folder),
        debrief=content.debrief if entry.solved else None,
    )


def _test(test: TestCell) -> TestOut:
    """Default-deny: a hidden test is its name and weight, nothing more."""
    shown = test.source if test.visible == "sample" else None
    return TestOut(
        key=test.key, name=test.name, visible=test.visible, weight=test.weight, source=shown
    )


async def _hints_opened(db: AsyncSession, learner: int, problem: int) -> int:
    found = await db.scalar(
        select(func.count()).where(
            UnlockedHint.user_id == learner, UnlockedHint.problem_id == problem
        )
    )
    return found or 0


async def notebook(db: AsyncSession, learner: int, slug: str, folder: str) -> NotebookOut:
    found = await service.opened(db, learner, slug)
    return NotebookOut(
        path=_path(found, folder),
        version=found.version.version,
        notebook=dict(found.student_notebook),
    )


def _path(found: Opened, folder: str) -> str:
    """Named by version, so that an update arrives beside the learner's work."""
    name = f"{found.problem.slug}-{found.version.version}.ipynb"
    return "/".join(part for part in (folder.strip("/"), found.section.slug, name) if part)
