"""How often people do what is limited; and a full bucket for somebody who needs it."""

from typing import Any

from pythonmastery_ext.db.paging import Page
from pythonmastery_ext.limits import listing, service
from pythonmastery_ext.limits.schema import LimitOut
from pythonmastery_ext.panel.base import FormPage, PageHandler
from pythonmastery_ext.panel.listing import Column, Listing
from pythonmastery_ext.panel.people import chosen, number_of

COLUMNS = [
    Column("Login", "login"),
    Column("What"),
    Column("Open now", numeric=True),
    Column("A minute", numeric=True),
    Column("Done", numeric=True),
    Column("Turned away", "refused", numeric=True),
    Column("Last", "used"),
    Column(""),
]


class LimitsPage(FormPage):
    async def view(self) -> None:
        wanted = self.listing(list(listing.SORTS), usual="-used", filters=("person", "refused"))
        page = await self.listed(self._page(wanted))
        table = wanted.table("Rate limits", COLUMNS, page) if page else None
        self.page("limits.html", table=table, wanted=wanted)

    async def _page(self, wanted: Listing) -> Page[LimitOut]:
        person = await chosen(self, wanted["person"])
        async with self.authority.db.transaction() as db:
            return await listing.page(
                db, wanted.ask, refused=wanted["refused"] == "true", user=person
            )


class ResetPage(PageHandler):
    async def post(self, number: str, action: str) -> None:
        async with self.authority.db.transaction() as db:
            limit = await service.reset(db, self.person.id, number_of(number), action)
        self.done(f"{limit.username} may do this again at once: {limit.action}.")


PAGES: list[tuple[str, Any]] = [
    ("admin/limits", LimitsPage),
    (r"admin/limits/(\d+)/([a-z]{1,20})/reset", ResetPage),
]
