"""Which tests hold what, for instructors: they learn names of tests, neither input nor value."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.curriculum import asserts
from pythonmastery_ext.curriculum.inputs import KINDS, LONGEST_VALUE, as_text
from pythonmastery_ext.curriculum.models import Problem, Section, TestCase
from pythonmastery_ext.curriculum.schema import TestFound, TestsPage
from pythonmastery_ext.errors import InvalidFields

#: All that is told of a test, and where it belongs.
COLUMNS = (
    TestCase.id,
    TestCase.version_id,
    TestCase.key,
    TestCase.name,
    TestCase.is_sample,
    TestCase.weight,
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the arguments of one test hold, all of it."""

    kinds: tuple[str, ...] = ()
    #: Python expressions.
    values: tuple[str, ...] = ()
    #: Name of the function that is called.
    call: str | None = None
    after: str | None = None
    limit: int = 50


async def tests(db: AsyncSession, wanted: Wanted) -> TestsPage:
    """Of the problems as they are published now; InvalidFields."""
    # By itself first: for a page in order of ids the planner would rather read all of them.
    holds = (
        select(*COLUMNS)
        .where(TestCase.input_data.contains(_facts(wanted)), TestCase.id > _last(wanted.after))
        .cte("holds")
        .prefix_with("materialized")
    )
    rows = (
        await db.execute(
            select(holds, Problem.slug, Problem.title, Section.slug.label("section"))
            .join(Problem, Problem.version_id == holds.c.version_id)
            .join(Section, Section.id == Problem.section_id)
            .where(Problem.status == "published", ~Section.retired)
            .order_by(holds.c.id)
            .limit(wanted.limit + 1)
        )
    ).all()
    shown = rows[: wanted.limit]
    found = [
        TestFound(
            problem=row.slug,
            title=row.title,
            section=row.section,
            key=row.key,
            name=row.name,
            visible="sample" if row.is_sample else "hidden",
            weight=row.weight,
        )
        for row in shown
    ]
    more = len(rows) > wanted.limit
    return TestsPage(tests=found, after=str(shown[-1].id) if more else None)


def _facts(wanted: Wanted) -> dict[str, Any]:
    unknown = [kind for kind in wanted.kinds if kind not in KINDS]
    if unknown:
        raise _invalid("kind", f"is one of {', '.join(KINDS)}")
    if wanted.call is not None and not wanted.call.isidentifier():
        raise _invalid("call", "is the name of a function")
    facts = {
        "kinds": list(wanted.kinds),
        "values": [_stored(value) for value in wanted.values],
        "call": wanted.call,
    }
    if not any(facts.values()):
        raise _invalid("kind", "is missing, and so are `value` and `call`: say what to look for")
    return {name: value for name, value in facts.items() if value}


def _last(after: str | None) -> int:
    if after is None:
        return 0
    if after.isascii() and after.isdecimal() and len(after) < 19:
        return int(after)
    raise _invalid("after", "is what the last page gave as `after`")


def _stored(value: str) -> str:
    try:
        text = as_text(asserts.stored(value))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        text = ""
    if not text or len(text) > LONGEST_VALUE:
        raise _invalid("value", 'is a short Python expression, such as -3, [] or "a text"')
    return text


def _invalid(field: str, message: str) -> InvalidFields:
    return InvalidFields(fields=[{"field": field, "message": message}])
