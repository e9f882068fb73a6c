"""Pages of a sorted list, each found by an index from where the last one ended.

page = await paged(db, query, {"name": User.username, "since": User.created_at}, User.id, ask)
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Row, Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from pythonmastery_ext.errors import InvalidFields

T = TypeVar("T")
AnySelect = Select[*tuple[Any, ...]]
#: Of a model, or made of several.
Sortable = ColumnElement[Any] | InstrumentedAttribute[Any]
#: Rows on a page.
USUAL = 50
#: Characters of a place; far more than any column that lists are sorted by can need.
LONGEST = 2000


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What is wanted of a list."""

    sort: str
    descending: bool = False
    #: Where the last page ended; empty: from the beginning.
    after: str = ""
    limit: int = USUAL


@dataclass(frozen=True)
class Page(Generic[T]):
    rows: list[T]
    #: For the next page; None on the last.
    after: str | None


async def paged(
    db: AsyncSession,
    query: AnySelect,
    sorts: Mapping[str, Sortable],
    key: Sortable,
    ask: Ask,
    make: Callable[[Row[Any]], T],
) -> Page[T]:
    """`query` without order and limit; no column of `sorts` may be null. InvalidFields."""
    column = sorts[ask.sort]
    query = query.add_columns(column.label("_value"), key.label("_key"))
    if ask.after:
        value, last = _place(ask.after, column, key)
        place = tuple_(column, key)
        query = query.where(place < (value, last) if ask.descending else place > (value, last))
    order = (column.desc(), key.desc()) if ask.descending else (column, key)
    rows = (await db.execute(query.order_by(*order).limit(ask.limit + 1))).all()
    more = len(rows) > ask.limit
    shown = rows[: ask.limit]
    return Page([make(row) for row in shown], _mark(shown[-1]) if more else None)


def _mark(row: Row[Any]) -> str:
    values = [v.isoformat() if isinstance(v, datetime) else v for v in (row._value, row._key)]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _place(after: str, *columns: Sortable) -> list[Any]:
    try:
        if len(after) > LONGEST:
            raise ValueError("too long")
        text = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4))
        values = json.loads(text)
        return [_value(value, column) for value, column in zip(values, columns, strict=True)]
    except (ValueError, TypeError) as error:
        message = "is what the last page gave as `after`"
        raise InvalidFields(fields=[{"field": "after", "message": message}]) from error


def _value(value: Any, column: Sortable) -> Any:
    """ValueError unless it is what such a column can hold."""
    wanted = column.type.python_type
    if wanted is datetime:
        return datetime.fromisoformat(value)
    if type(value) is not wanted or (wanted is str and "\0" in value):
        raise ValueError(value)
    if wanted is int and not -(2**63) <= value < 2**63:
        raise ValueError(value)
    return value
