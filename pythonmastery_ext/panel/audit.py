"""Looking for what happened."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationInfo, field_validator

from pythonmastery_ext.audit import search
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
FIRST, LAST = date(2000, 1, 1), date(3000, 1, 1)
FILTERS = ("person", "kind", "target", "since", "until")


class Days(BaseModel):
    since: date | None = None
    until: date | None = None

    @field_validator("since", "until", mode="before")
    @classmethod
    def _day(cls, given: str) -> date | None:
        try:
            day = date.fromisoformat(given) if given else None
        except ValueError:
            day = FIRST
        # Outside, the database's times and ours end.
        if day is not None and not FIRST < day < LAST:
            raise ValueError("is a day, such as 2026-09-01")
        return day

    @field_validator("until")
    @classmethod
    def _in_order(cls, until: date | None, info: ValidationInfo) -> date | None:
        since = info.data.get("since")
        if since and until and until < since:
            raise ValueError("is before the day from which to look")
        return until


class AuditPage(FormPage):
    async def view(self) -> None:
        wanted = self.listing(["id"], usual="-id", filters=FILTERS)
        looked_for = await self.listed(self._wanted(wanted))
        async with self.authority.db.transaction() as db:
            kinds = await search.kinds(db)
            chain = await search.chain(db)
            page = await search.page(db, looked_for, wanted.ask) if looked_for else None
        self.page(
            "audit.html",
            table=wanted.table("Audit", COLUMNS, page) if page else None,
            wanted=wanted,
            # Also one that learners are told of, which a row may have led to.
            kinds={"": "Any", **{kind: kind for kind in [*kinds, wanted["kind"]] if kind}},
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
