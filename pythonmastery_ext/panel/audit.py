"""Looking for what happened."""

from datetime import date
from typing import Any

from pydantic import BaseModel, field_validator

from pythonmastery_ext.audit import search
from pythonmastery_ext.errors import InvalidFields
from pythonmastery_ext.panel.base import FormPage
from pythonmastery_ext.panel.listing import Column, Listing
from pythonmastery_ext.panel.people import chosen

COLUMNS = [
    Column("When", "id"),
    Column("What"),
    Column("Who did it"),
    Column("About whom"),
    Column("Target"),
    Column("Details"),
]
FILTERS = ("person", "kind", "target", "since", "until")


class Days(BaseModel):
    since: date | None = None
    until: date | None = None

    @field_validator("since", "until", mode="before")
    @classmethod
    def _empty(cls, given: str) -> str | None:
        return given or None


class AuditPage(FormPage):
    """A filter that is wrong is told beside its field, and nothing is shown then."""

    async def view(self) -> None:
        wanted = self.listing(["id"], usual="-id", filters=FILTERS)
        try:
            looked_for: search.Wanted | None = await self._wanted(wanted)
        except InvalidFields as error:
            self.problems = {each["field"]: each["message"] for each in error.fields or ()}
            looked_for = None
        async with self.authority.db.transaction() as db:
            kinds = await search.kinds(db)
            chain = await search.chain(db)
            page = await search.page(db, looked_for, wanted.ask) if looked_for else None
        self.page(
            "audit.html",
            status=422 if page is None else 200,
            table=wanted.table("Audit", COLUMNS, page) if page else None,
            wanted=wanted,
            kinds={"": "Any", **{kind: kind for kind in kinds}},
            chain=chain,
        )

    async def _wanted(self, listing: Listing) -> search.Wanted:
        days = self.parsed(Days, {name: listing[name] for name in Days.model_fields})
        return search.Wanted(
            person=await chosen(self, listing["person"]),
            kind=listing["kind"],
            target=listing["target"],
            since=days.since,
            until=days.until,
        )


PAGES: list[tuple[str, Any]] = [("admin/audit", AuditPage)]
