"""Lists that the database sorts, searches and cuts into pages: what the address asks for.

wanted = self.listing(directory.SORTS, filters=("q",))
page = await directory.page(db, wanted.ask, wanted["q"])
self.page("people.html", table=wanted.table("People", COLUMNS, page))
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from pythonmastery_ext.db.paging import Ask, Page

T = TypeVar("T")


@dataclass(frozen=True)
class Column:
    title: str
    #: The name by which the list is sorted; None: it is not.
    sort: str | None = None
    numeric: bool = False


@dataclass(frozen=True, kw_only=True)
class Heading:
    title: str
    href: str | None
    #: As ARIA names it.
    sorted: str | None
    numeric: bool


@dataclass(frozen=True, kw_only=True)
class Table(Generic[T]):
    """What the macro `table` draws."""

    caption: str
    headings: list[Heading]
    rows: list[T]
    first: str | None
    next: str | None


class Listing:
    """Sort, place and filters of one list, as its address says."""

    def __init__(self, path: str, ask: Ask, filters: Mapping[str, str]) -> None:
        self.path = path
        self.ask = ask
        self.filters = dict(filters)

    def __getitem__(self, name: str) -> str:
        return self.filters[name]

    def href(self, **changes: str) -> str:
        """The same list with these changes, from its first page unless `after` is given."""
        ask = self.ask
        sort = f"-{ask.sort}" if ask.descending else ask.sort
        words = {"sort": sort, **self.filters, **changes}
        query = urlencode({name: word for name, word in words.items() if word})
        return f"{self.path}?{query}" if query else self.path

    def table(self, caption: str, columns: list[Column], page: Page[T]) -> Table[T]:
        return Table(
            caption=caption,
            headings=[self._heading(column) for column in columns],
            rows=page.rows,
            first=self.href() if self.ask.after else None,
            next=self.href(after=page.after) if page.after else None,
        )

    def _heading(self, column: Column) -> Heading:
        ask, href, direction = self.ask, None, None
        if column.sort is not None:
            here = ask.sort == column.sort
            if here:
                direction = "descending" if ask.descending else "ascending"
            href = self.href(sort=f"-{column.sort}" if here and not ask.descending else column.sort)
        return Heading(title=column.title, href=href, sorted=direction, numeric=column.numeric)


def plain(caption: str, titles: Sequence[str | Column], rows: list[Any]) -> Table[Any]:
    """A table that is shown as a whole."""
    columns = [Column(each) if isinstance(each, str) else each for each in titles]
    headings = [Heading(title=c.title, href=None, sorted=None, numeric=c.numeric) for c in columns]
    return Table(caption=caption, headings=headings, rows=rows, first=None, next=None)
