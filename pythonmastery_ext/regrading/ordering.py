"""Ordering that finished attempts are graded again; the transaction belongs to the caller."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, literal, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.curriculum.models import Problem, ProblemVersion
from pythonmastery_ext.grading import queue
from pythonmastery_ext.regrading.models import Regrade, RegradeItem

WITHOUT_JOB = text("""
    select item.attempt_id from regrade_item item
    where item.regrade_id = :regrade and item.state = 'waiting'
      and not exists (
        select from procrastinate_jobs job
        where job.task_name = :task and job.status in ('todo', 'doing')
          and (job.args ->> 'regrade')::bigint = :regrade
          and job.args ->> 'item' = item.attempt_id::text
      )
""")


class NothingToRegrade(Exception):
    """The selection names nothing that could be graded again; the message says what is missing."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Finished attempts: at a problem, or single ones by their ids."""

    problem: str | None = None
    #: Only attempts that were graded against this version.
    version: str | None = None
    attempts: tuple[str, ...] = ()
    #: The version whose tests are used now; the problem's present one by default.
    against: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "attempts": sorted(self.attempts)}


async def order(
    db: AsyncSession, selection: Selection, *, dry: bool, actor: int | None = None
) -> Regrade:
    """A new regrade with its jobs, or the unfinished one of the same selection."""
    # One at a time: two that start together must not both order the same.
    await db.execute(text("select pg_advisory_xact_lock(hashtext('pythonmastery.regrade'))"))
    wanted = selection.to_json()
    begun = await db.scalar(
        select(Regrade).where(
            Regrade.finished_at.is_(None), Regrade.dry == dry, Regrade.selection == wanted
        )
    )
    if begun is not None:
        lost = await db.scalars(WITHOUT_JOB, {"regrade": begun.id, "task": queue.REGRADE})
        await queue.defer_regrades(db, begun.id, list(lost))
        return begun
    # A whole history is read, in which a request would give up long before.
    await db.execute(text("set local statement_timeout = 0"))
    regrade = Regrade(selection=wanted, dry=dry)
    db.add(regrade)
    await db.flush()
    items = await _choose(db, selection, regrade.id)
    if not items:
        raise NothingToRegrade("No finished attempt fits: there is nothing to grade again.")
    regrade.total = len(items)
    await queue.defer_regrades(db, regrade.id, items)
    await audit.record(
        db,
        "regrade.ordered",
        actor=actor,
        learner=None,
        target=str(regrade.id),
        data={**wanted, "dry": dry, "total": len(items)},
        streamed=False,
    )
    await db.flush()
    return regrade


async def _choose(db: AsyncSession, selection: Selection, regrade: int) -> list[UUID]:
    await _check(db, selection)
    graded, now = ProblemVersion.__table__.alias("graded"), ProblemVersion.__table__.alias("now")
    target = now.c.id == Problem.version_id
    if selection.against is not None:
        target = (now.c.problem_id == Problem.id) & (now.c.version == selection.against)
    query = (
        select(
            literal(regrade),
            ProblemAttempt.id,
            ProblemAttempt.submitted_at,
            ProblemAttempt.user_id,
            now.c.id,
        )
        .join(Problem, Problem.id == ProblemAttempt.problem_id)
        .join(graded, graded.c.id == ProblemAttempt.version_id)
        .join(now, target)
        .where(ProblemAttempt.status.is_not(None))
    )
    if selection.problem is not None:
        query = query.where(Problem.slug == selection.problem)
    if selection.version is not None:
        query = query.where(graded.c.version == selection.version)
    if selection.attempts:
        query = query.where(ProblemAttempt.id.in_([UUID(one) for one in selection.attempts]))
    columns = ["regrade_id", "attempt_id", "submitted_at", "user_id", "version_id"]
    made = insert(RegradeItem).from_select(columns, query).returning(RegradeItem.attempt_id)
    return list(await db.scalars(made))


async def _check(db: AsyncSession, selection: Selection) -> None:
    if selection.problem is None:
        return
    problem = await db.scalar(select(Problem.id).where(Problem.slug == selection.problem))
    if problem is None:
        raise NothingToRegrade(f"There is no problem {selection.problem!r}.")
    query = select(ProblemVersion.version).where(ProblemVersion.problem_id == problem)
    versions = list(await db.scalars(query))
    for wanted in (selection.version, selection.against):
        if wanted is not None and wanted not in versions:
            there = ", ".join(sorted(versions))
            raise NothingToRegrade(
                f"{selection.problem} has no version {wanted!r}; there is {there}."
            )
