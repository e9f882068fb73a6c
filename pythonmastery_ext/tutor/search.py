"""Where learners ask about an error: how many, never who nor what they wrote."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, cast, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.curriculum.models import Problem
from pythonmastery_ext.curriculum.service import problem_id
from pythonmastery_ext.errors import InvalidFields
from pythonmastery_ext.tutor.about import KEY, NAME
from pythonmastery_ext.tutor.models import AIInteraction
from pythonmastery_ext.tutor.schema import ConversationsAbout, ConversationsPage

#: Days.
LONGEST, USUAL = 366, 30
#: A rating up to this one is low.
LOW = 2
day_of = cast(func.timezone(literal_column("'UTC'"), AIInteraction.created_at), Date)
#: As the index has it, which knows no parameters.
facts = literal_column(f"(ai_interaction.context_data -> '{KEY}')", JSONB)
#: 0 for the general conversation.
place_of = func.coalesce(AIInteraction.problem_id, 0)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """As it was asked for; what is no such thing is refused."""

    #: Type of an error, as Python names it.
    error: str
    problem: str | None = None
    days: str | None = None
    before: str | None = None
    limit: int = 20


async def conversations(db: AsyncSession, wanted: Wanted, now: datetime) -> ConversationsPage:
    """Questions by day (UTC) and problem, the last day first; UnknownProblem, InvalidFields."""
    if not NAME.fullmatch(wanted.error):
        raise _invalid("error", "is the type of an error, such as KeyError")
    query = _counted(wanted.error, now - _days(wanted.days))
    if wanted.problem is not None:
        query = query.where(AIInteraction.problem_id == await problem_id(db, wanted.problem))
    if wanted.before is not None:
        query = query.where(_before(wanted.before))
    counted = query.limit(wanted.limit + 1).subquery()
    rows = (
        await db.execute(
            select(counted, Problem.slug)
            .outerjoin(Problem, Problem.id == counted.c.place)
            .order_by(counted.c.day.desc(), counted.c.place)
        )
    ).all()
    shown = rows[: wanted.limit]
    found = [
        ConversationsAbout(
            day=row.day,
            problem=row.slug,
            error=wanted.error,
            questions=row.questions,
            learners=row.learners,
            rated_low=row.low,
        )
        for row in shown
    ]
    more = len(rows) > wanted.limit
    return ConversationsPage(
        found=found, before=f"{shown[-1].day}.{shown[-1].place}" if more else None
    )


def _counted(error: str, since: datetime) -> Select[*tuple[Any, ...]]:
    """By day and by problem or 0."""
    return (
        select(
            day_of.label("day"),
            place_of.label("place"),
            func.count().label("questions"),
            func.count(AIInteraction.user_id.distinct()).label("learners"),
            func.count().filter(AIInteraction.response_quality <= LOW).label("low"),
        )
        .where(
            facts.contains({"errors": [error]}),
            AIInteraction.created_at > since,
        )
        .group_by(day_of, place_of)
        .order_by(day_of.desc(), place_of)
    )


def _before(text: str) -> ColumnElement[bool]:
    """After this place in the order of pages; its time keeps the query in few partitions."""
    day, _, problem = text.partition(".")
    try:
        last = date.fromisoformat(day)
        place = int(problem) if problem.isascii() and len(problem) < 19 else None
    except ValueError:
        place = None
    if place is None:
        raise _invalid("before", "is what the last page gave as `before`")
    return and_(
        AIInteraction.created_at <= datetime.combine(last, time.max, UTC),
        or_(day_of < last, place_of > place),
    )


def _days(text: str | None) -> timedelta:
    days = text or str(USUAL)
    if not (days.isascii() and days.isdecimal() and len(days) < 4 and 1 <= int(days) <= LONGEST):
        raise _invalid("days", f"is a whole number from 1 to {LONGEST}")
    return timedelta(days=int(days))


def _invalid(field: str, message: str) -> InvalidFields:
    return InvalidFields(fields=[{"field": field, "message": message}])
