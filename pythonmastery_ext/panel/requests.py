"""What people asked for about their data, and until when it has to be done."""

from typing import Any

from pythonmastery_ext.db.paging import Page
from pythonmastery_ext.panel.base import FormPage, PageHandler
from pythonmastery_ext.panel.listing import Column, Listing
from pythonmastery_ext.panel.people import chosen, number_of
from pythonmastery_ext.privacy import requests

COLUMNS = [
    Column("Who"),
    Column("What"),
    Column("State"),
    Column("Asked", "requested"),
    Column("Due", "due"),
    Column("Ended"),
    Column(""),
]


class RequestsPage(FormPage):
    async def view(self) -> None:
        wanted = self.listing(list(requests.SORTS), filters=("person", "all"))
        page = await self.listed(self._page(wanted))
        table = wanted.table("Data requests", COLUMNS, page) if page else None
        self.page("requests.html", table=table, wanted=wanted)

    async def _page(self, wanted: Listing) -> Page[requests.Request]:
        person = await chosen(self, wanted["person"])
        async with self.authority.db.transaction() as db:
            return await requests.page(
                db, wanted.ask, open_only=wanted["all"] != "true", user=person
            )


class StopPage(PageHandler):
    async def post(self, number: str) -> None:
        async with self.authority.db.transaction() as db:
            await requests.stop(db, number_of(number), actor=self.person.id)
        self.done("The erasure was stopped; the account stays as it is.", "admin/requests")


PAGES: list[tuple[str, Any]] = [
    ("admin/requests", RequestsPage),
    (r"admin/requests/(\d+)/stop", StopPage),
]
