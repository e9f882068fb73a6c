"""What the tutor costs: tokens by day, model and person, and who is at the day's end of questions.

Counts only; nobody's words are read.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.limits.models import RateLimit
from pythonmastery_ext.tutor.models import AIInteraction

#: So many days are counted: two months' partitions at most.
DAYS = 30
MOST_PEOPLE = 20

QUESTIONS = func.count()
IN = func.coalesce(func.sum(AIInteraction.input_tokens), 0)
OUT = func.coalesce(func.sum(AIInteraction.output_tokens), 0)
BLOCKED = func.count().filter(AIInteraction.state == "blocked")
FAILED = func.count().filter(AIInteraction.state.in_(("failed", "cut")))
DAY = cast(func.timezone("UTC", AIInteraction.created_at), Date)
FIGURES = (
    QUESTIONS.label("questions"),
    func.count().filter(AIInteraction.source == "gemini").label("sent"),
    IN.label("tokens_in"),
    OUT.label("tokens_out"),
    BLOCKED.label("blocked"),
    FAILED.label("failed"),
)


@dataclass(frozen=True, kw_only=True)
class Spent:
    """Of a day, a model or a person."""

    questions: int
    #: Those that were sent to Gemini; the rest had built-in answers.
    sent: int
    tokens_in: int
    tokens_out: int
    #: By Gemini's safety filter.
    blocked: int
    #: Without an answer, or with half of one.
    failed: int
    day: date | None = None
    model: str | None = None
    user_id: int = 0
    username: str = ""


@dataclass(frozen=True, kw_only=True)
class Spending:
    total: Spent
    days: list[Spent]
    models: list[Spent]
    people: list[Spent]
    #: People who have asked as often as 24 hours allow.
    at_the_end: int
    #: Questions that were turned away for coming too fast, as long as the limits remember.
    too_fast: int


async def spending(db: AsyncSession, daily_messages: int) -> Spending:
    by_model = func.coalesce(AIInteraction.model, "built-in help").label("model")
    (total,) = await _spent(db)
    days = await _spent(db, DAY.label("day"))
    models = await _spent(db, by_model)
    return Spending(
        total=total,
        days=sorted(days, key=lambda each: each.day or date.min, reverse=True),
        models=sorted(models, key=lambda each: -(each.tokens_in + each.tokens_out)),
        people=await _people(db),
        at_the_end=await _at_the_end(db, daily_messages),
        too_fast=await db.scalar(
            select(func.coalesce(func.sum(RateLimit.refused), 0)).where(RateLimit.action == "chat")
        )
        or 0,
    )


async def _spent(db: AsyncSession, *by: Any) -> list[Spent]:
    query = select(*FIGURES, *by).where(_lately()).group_by(*by)
    return [Spent(**row._mapping) for row in await db.execute(query)]


async def _people(db: AsyncSession) -> list[Spent]:
    rows = await db.execute(
        select(*FIGURES, AIInteraction.user_id, User.username)
        .join(User, User.id == AIInteraction.user_id)
        .where(_lately())
        .group_by(AIInteraction.user_id, User.username)
        .order_by((IN + OUT).desc(), QUESTIONS.desc(), AIInteraction.user_id)
        .limit(MOST_PEOPLE)
    )
    return [Spent(**row._mapping) for row in rows]


async def _at_the_end(db: AsyncSession, daily_messages: int) -> int:
    many = (
        select(AIInteraction.user_id)
        .where(AIInteraction.created_at > func.now() - timedelta(days=1))
        .group_by(AIInteraction.user_id)
        .having(max(1, daily_messages) <= QUESTIONS)
        .subquery()
    )
    return await db.scalar(select(func.count()).select_from(many)) or 0


def _lately() -> ColumnElement[bool]:
    return AIInteraction.created_at > func.now() - timedelta(days=DAYS)
