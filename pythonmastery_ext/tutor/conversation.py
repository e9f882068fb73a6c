"""Reading conversations back, rating answers, and ending those that a crash left open."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.curriculum.models import Problem
from pythonmastery_ext.curriculum.service import problem_id
from pythonmastery_ext.db.ids import time_of
from pythonmastery_ext.errors import InvalidFields, UnknownMessage
from pythonmastery_ext.tutor import about
from pythonmastery_ext.tutor.models import AIInteraction
from pythonmastery_ext.tutor.schema import TutorMessageOut, TutorPage

#: Rows older than this were ended by an earlier start.
LOOK_BACK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A page of a conversation; without a problem the general one."""

    problem: str | None = None
    before: str | None = None
    limit: int = 20


async def page(
    db: AsyncSession, learner: int, wanted: Wanted, abandoned_after: timedelta
) -> TutorPage:
    """Newest first. UnknownProblem; InvalidFields for a `before` that no page gave."""
    problem = None
    if wanted.problem is not None:
        problem = await problem_id(db, wanted.problem.replace("\0", "?"))
    query = select(AIInteraction).where(
        AIInteraction.user_id == learner, AIInteraction.problem_id.is_not_distinct_from(problem)
    )
    if wanted.before is not None:
        last = _id(wanted.before)
        if last is None:
            message = "is what the last page gave as `before`"
            raise InvalidFields(fields=[{"field": "before", "message": message}])
        made, moment = last
        query = query.where(
            AIInteraction.created_at <= moment,
            tuple_(AIInteraction.created_at, AIInteraction.id) < tuple_(moment, made),
        )
    newest = query.order_by(AIInteraction.created_at.desc(), AIInteraction.id.desc())
    rows = list(await db.scalars(newest.limit(wanted.limit + 1)))
    shown = rows[: wanted.limit]
    limit = datetime.now(UTC) - abandoned_after
    messages = [as_shown(row, wanted.problem) for row in shown]
    return TutorPage(
        messages=[
            message.model_copy(update={"state": "cut"})
            if message.state == "streaming" and message.created_at < limit
            else message
            for message in messages
        ],
        before=str(shown[-1].id) if len(rows) > wanted.limit else None,
    )


async def rate(db: AsyncSession, learner: int, message: str, rating: int) -> TutorMessageOut:
    """UnknownMessage also for somebody else's, and for one that is still being answered."""
    known = _id(message)
    if known is None:
        raise UnknownMessage
    made, moment = known
    row = await db.scalar(
        update(AIInteraction)
        .where(
            AIInteraction.id == made,
            AIInteraction.created_at == moment,
            AIInteraction.user_id == learner,
            AIInteraction.state != "streaming",
        )
        .values(response_quality=rating)
        .returning(AIInteraction)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise UnknownMessage
    await audit.record(
        db,
        "tutor.rated",
        actor=learner,
        learner=learner,
        target=f"tutor/messages/{made}",
        data={"rating": rating},
        streamed=False,
    )
    slug = None
    if row.problem_id is not None:
        slug = await db.scalar(select(Problem.slug).where(Problem.id == row.problem_id))
    return as_shown(row, slug)


async def mend(db: AsyncSession, abandoned_after: timedelta) -> int:
    """Ends the answers that a crash left open; to be done at a start. How many there were."""
    now = datetime.now(UTC)
    mended = await db.execute(
        update(AIInteraction)
        .where(
            AIInteraction.state == "streaming",
            AIInteraction.created_at.between(now - LOOK_BACK, now - abandoned_after),
        )
        .values(state="cut")
        .returning(AIInteraction.id)
    )
    return len(mended.all())


def _id(text: str) -> tuple[UUID, datetime] | None:
    """None for an id that we never made."""
    try:
        made = UUID(text)
        return made, time_of(made)
    except (ValueError, OverflowError):
        return None


def as_shown(row: AIInteraction, slug: str | None) -> TutorMessageOut:
    return TutorMessageOut.model_validate(
        {
            "id": row.id,
            "problem": slug,
            "message_type": row.message_type,
            "user_message": row.user_message,
            "ai_response": row.ai_response,
            "state": row.state,
            "source": row.source,
            "model": row.model,
            "context": about.without_facts(row.context_data),
            "rating": row.response_quality,
            "processing_time_ms": row.processing_time,
            "created_at": row.created_at,
        }
    )
