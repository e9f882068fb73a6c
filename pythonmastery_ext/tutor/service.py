"""Rules and queries of the tutor's conversations.

A question is stored before its answer begins and again when it has ended, in transactions of their
own, so that nothing waits in the database for Gemini. `asking` and `answering` make work for
`Database.retry`, which may do it twice.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.db.ids import new_id
from pythonmastery_ext.errors import (
    CodeNotText,
    ConsentNeeded,
    InvalidFields,
    TooManyMessages,
    UnknownProblem,
)
from pythonmastery_ext.hints import service as hints
from pythonmastery_ext.tutor import about, builtin, consent, gather, prompt
from pythonmastery_ext.tutor.context import TutorContext
from pythonmastery_ext.tutor.conversation import as_shown
from pythonmastery_ext.tutor.models import AIInteraction
from pythonmastery_ext.tutor.schema import TutorMessageIn, TutorMessageOut
from pythonmastery_ext.tutor.tutor import Answer, Tutor

DAY = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A stored question that waits for its answer."""

    id: UUID
    created_at: datetime
    learner: int
    slug: str | None
    context: TutorContext
    prompt: prompt.Prompt
    #: The learner's words may be sent to Gemini.
    agreed: bool


def checked(draft: TutorMessageIn) -> TutorMessageIn:
    """The same, if the database can hold it and it asks something."""
    if draft.code and "\0" in draft.code:
        raise CodeNotText
    if draft.problem and "\0" in draft.problem:
        raise UnknownProblem
    message = None
    if "\0" in draft.message:
        message = "holds a character that text cannot have (NUL)"
    elif draft.message_type == "question" and not draft.message.strip():
        message = "is empty: write what you would like to know"
    if message:
        raise InvalidFields(fields=[{"field": "message", "message": message}])
    return draft


def asking(
    learner: int, draft: TutorMessageIn, tutor: Tutor, most: int | None = None
) -> Callable[[AsyncSession], Awaitable[tuple[Asked, TutorMessageOut]]]:
    """Stores the question, and shows it; `most` a day, if an admin has set it.

    UnknownProblem, ProblemLocked, TooManyMessages, or ConsentNeeded before anything could be sent.
    """
    made, now = new_id()

    async def work(db: AsyncSession) -> tuple[Asked, TutorMessageOut]:
        await audit.lock(db, learner)
        await check_day(db, learner, tutor.most(most), now)
        ladder = await hints.ladder(db, learner, draft.problem) if draft.problem else None
        context = await gather.context(db, learner, draft, ladder)
        agreed = await consent.decision(db, learner)
        if agreed is None and tutor.needs_consent and not builtin.at_once(context):
            raise ConsentNeeded
        asked = Asked(
            id=made,
            created_at=now,
            learner=learner,
            slug=draft.problem,
            context=context,
            prompt=prompt.assemble(context),
            agreed=agreed is True,
        )
        row = _row(asked, ladder.opened.problem.id if ladder else None, tutor)
        await db.merge(row)
        await db.flush()
        await audit.record(
            db,
            "tutor.asked",
            actor=learner,
            learner=learner,
            target=f"tutor/messages/{made}",
            data={"problem": draft.problem, "message_type": draft.message_type},
            streamed=False,
        )
        return asked, as_shown(row, draft.problem)

    return work


def _row(asked: Asked, problem: int | None, tutor: Tutor) -> AIInteraction:
    """`source` tells who is about to answer; the end of the answer tells who did."""
    sending = tutor.available and asked.agreed and not builtin.at_once(asked.context)
    return AIInteraction(
        id=asked.id,
        created_at=asked.created_at,
        user_id=asked.learner,
        problem_id=problem,
        message_type=asked.context.message_type,
        user_message=asked.context.message,
        ai_response="",
        context_data=about.with_facts(asked.context, asked.prompt.sent if sending else None),
        state="streaming",
        source="gemini" if sending else "built_in",
        model=tutor.model if sending else None,
        prompt_version=prompt.VERSION if sending else None,
    )


async def check_day(db: AsyncSession, learner: int, most: int, now: datetime) -> None:
    """Under the learner's lock, so that many questions at once cannot slip through together."""
    if most == 0:
        raise TooManyMessages("The tutor takes no questions here; the hints are open to you.")
    filling = await db.scalar(
        select(AIInteraction.created_at)
        .where(AIInteraction.user_id == learner, AIInteraction.created_at > now - DAY)
        .order_by(AIInteraction.created_at.desc())
        .offset(most - 1)
        .limit(1)
    )
    if filling is not None:
        wait = ceil((filling + DAY - now).total_seconds())
        raise TooManyMessages(
            f"You have asked the tutor {most} times in 24 hours, which is the most; "
            f"you can ask again in {_spoken(wait)}. The hints are still open to you.",
            retry_after=max(1, wait),
        )


def _spoken(seconds: int) -> str:
    minutes = ceil(seconds / 60)
    if minutes < 100:
        return f"{minutes} minute{'s' if minutes > 1 else ''}"
    return f"{ceil(minutes / 60)} hours"


async def remaining(db: AsyncSession, learner: int, most: int) -> int:
    """Questions that the learner may still ask now."""
    asked = await db.scalar(
        select(func.count()).where(
            AIInteraction.user_id == learner, AIInteraction.created_at > datetime.now(UTC) - DAY
        )
    )
    return max(0, most - (asked or 0))


def answering(
    asked: Asked, answer: Answer, milliseconds: float, model: str | None
) -> Callable[[AsyncSession], Awaitable[TutorMessageOut]]:
    """Stores the answer as it was shown."""

    async def work(db: AsyncSession) -> TutorMessageOut:
        row = await db.get_one(AIInteraction, {"id": asked.id, "created_at": asked.created_at})
        row.ai_response = answer.text
        row.state = answer.state
        row.source = answer.source
        row.model = None
        if answer.source == "gemini":
            row.model, row.prompt_version = model, prompt.VERSION
            row.context_data = about.with_facts(asked.context, asked.prompt.sent)
        row.processing_time = round(milliseconds, 3)
        row.input_tokens = answer.input_tokens
        row.output_tokens = answer.output_tokens
        await audit.record(
            db,
            "tutor.answered",
            actor=None,
            learner=asked.learner,
            target=f"tutor/messages/{asked.id}",
            data={"state": row.state, "source": row.source, "model": row.model},
            streamed=False,
        )
        return as_shown(row, asked.slug)

    return work
