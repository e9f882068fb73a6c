"""Hints open in order, when the authority's clock and counts allow it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from pythonmastery_ext.attempts.history import results
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.audit.models import AuditEvent
from pythonmastery_ext.curriculum import service as curriculum
from pythonmastery_ext.curriculum import unlock
from pythonmastery_ext.curriculum.cells import HintCell
from pythonmastery_ext.curriculum.service import Opened
from pythonmastery_ext.curriculum.unlock import UnlockFacts
from pythonmastery_ext.errors import HintLocked, NotAllowed, UnknownHint, UnknownProblem
from pythonmastery_ext.hints.models import UnlockedHint
from pythonmastery_ext.hints.schema import HintOut, HintsOut
from pythonmastery_ext.identity import Learner

#: Ids carry the clock of the service, rows that of the database.
SKEW = timedelta(minutes=1)


@dataclass(frozen=True)
class Ladder:
    """The hints of one problem and what the learner has reached."""

    opened: Opened
    facts: UnlockFacts
    now: datetime

    @property
    def hints(self) -> list[HintCell]:
        return sorted(self.opened.content.hints, key=lambda hint: hint.level)

    def state(self, hint: HintCell) -> str:
        if hint.level in self.facts.hints_seen:
            return "opened"
        return "locked" if self.blocked(hint) else "available"

    def blocked(self, hint: HintCell) -> str:
        """Why the hint cannot be opened, in a sentence; empty if it can."""
        before = self._not_opened_before(hint)
        rule = unlock.parse(hint.unlock).sentence(self.facts)
        return rule or (f"Open hint {before} first." if before else "")

    def _not_opened_before(self, hint: HintCell) -> int | None:
        lower = (other.level for other in self.hints if other.level < hint.level)
        return next((level for level in lower if level not in self.facts.hints_seen), None)

    def shown(self, hint: HintCell) -> HintOut:
        state = self.state(hint)
        wait = unlock.parse(hint.unlock).wait(self.facts) if state == "locked" else None
        return HintOut.model_validate(
            {
                "order": hint.level,
                "kind": hint.kind,
                "state": state,
                "text": hint.text if state == "opened" else None,
                "links": hint.links if state == "opened" else [],
                "unlock": self.blocked(hint) if state == "locked" else None,
                "opens_at": self.now + timedelta(minutes=wait) if wait else None,
            }
        )

    def all(self) -> HintsOut:
        return HintsOut(
            problem=self.opened.problem.slug,
            hints=[self.shown(hint) for hint in self.hints],
            hints_used=len(self.facts.hints_seen),
        )


async def ladder(db: AsyncSession, learner: int, slug: str) -> Ladder:
    """Asking for the hints of a problem starts its clock, as opening its page does."""
    opened = await curriculum.opened(db, learner, slug)
    await curriculum.begin(db, learner, opened.problem.id, opened.version.max_points)
    now = await db.scalar(select(func.clock_timestamp())) or datetime.now(UTC)
    return Ladder(opened, await _facts(db, learner, opened, now), now)


async def _facts(db: AsyncSession, learner: int, opened: Opened, now: datetime) -> UnlockFacts:
    problem = opened.problem.id
    progress = await curriculum.progress_at(db, learner, problem)
    if progress is None:
        return UnlockFacts()
    seen = await db.scalars(
        select(UnlockedHint.hint_order).where(
            UnlockedHint.user_id == learner, UnlockedHint.problem_id == problem
        )
    )
    failed_tests: frozenset[str] = frozenset()
    if _asks_for_tests(opened):
        since = progress.opened_at - SKEW
        failed_tests = await _failed_tests(db, learner, problem, since)
    return UnlockFacts(
        failed_attempts=progress.failed,
        minutes=(now - progress.opened_at).total_seconds() / 60,
        hints_seen=frozenset(seen),
        failed_tests=failed_tests,
    )


async def _failed_tests(
    db: AsyncSession, learner: int, problem: int, since: datetime
) -> frozenset[str]:
    """Keys of tests that a submission has failed."""
    attempts = await db.scalars(
        select(ProblemAttempt)
        .where(
            ProblemAttempt.user_id == learner,
            ProblemAttempt.problem_id == problem,
            ProblemAttempt.submitted_at >= since,
            ProblemAttempt.kind == "submit",
            ProblemAttempt.status.in_(("failed", "partial", "timeout")),
        )
        .options(defer(ProblemAttempt.code_submission), defer(ProblemAttempt.error_messages))
    )
    failed = [
        test["key"]
        for attempt in attempts
        for test in await results(db, attempt)
        if test["status"] in ("failed", "error", "timeout")
    ]
    return frozenset(failed)


def _asks_for_tests(opened: Opened) -> bool:
    rules = (unlock.parse(hint.unlock) for hint in opened.content.hints)
    return any(isinstance(leaf, unlock.TestFailed) for rule in rules for leaf in rule.leaves())


async def hints(db: AsyncSession, learner: int, slug: str) -> HintsOut:
    return (await ladder(db, learner, slug)).all()


async def open_hint(db: AsyncSession, learner: int, slug: str, order: int) -> HintsOut:
    """HintLocked says what is missing; a hint that is open already stays so."""
    await audit.lock(db, learner)
    found = await ladder(db, learner, slug)
    hint = next((hint for hint in found.hints if hint.level == order), None)
    if hint is None:
        raise UnknownHint
    if order in found.facts.hints_seen:
        return found.all()
    reason = found.blocked(hint)
    if reason:
        raise HintLocked(f"This hint is not open yet. {reason}")
    await db.execute(
        insert(UnlockedHint)
        .values(user_id=learner, problem_id=found.opened.problem.id, hint_order=order)
        .on_conflict_do_nothing()
    )
    await audit.record(
        db,
        "hint.opened",
        actor=learner,
        learner=learner,
        target=slug,
        data={"order": order, "version": found.opened.version.version},
        streamed=True,
    )
    return await hints(db, learner, slug)


async def render(db: AsyncSession, learner: Learner, event: AuditEvent) -> HintsOut | None:
    try:
        return await hints(db, learner.id, event.target or "")
    except (UnknownProblem, NotAllowed):
        return None
