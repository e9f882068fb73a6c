"""Sessions of clients outside the browser: which are open, and ending one."""

from typing import Any

from pythonmastery_ext.accounts import active, sessions
from pythonmastery_ext.db.paging import Page
from pythonmastery_ext.panel.base import FormPage, PageHandler
from pythonmastery_ext.panel.listing import Column, Listing
from pythonmastery_ext.panel.people import chosen, number_of

COLUMNS = [
    Column("Login", "login"),
    Column("Label"),
    Column("Kind"),
    Column("May"),
    Column("Made", "made"),
    Column("Last used", "used"),
    Column("Ends", "ends"),
    Column(""),
]


class SessionsPage(FormPage):
    async def view(self) -> None:
        wanted = self.listing(list(active.SORTS), usual="-made", filters=("person",))
        page = await self.listed(self._page(wanted))
        table = wanted.table("Open sessions", COLUMNS, page) if page else None
        self.page("sessions.html", table=table, wanted=wanted)

    async def _page(self, wanted: Listing) -> Page[active.Open]:
        person = await chosen(self, wanted["person"])
        async with self.authority.db.transaction() as db:
            return await active.page(db, wanted.ask, owner=person)


class RevokePage(PageHandler):
    async def post(self, owner: str, session: str) -> None:
        async with self.authority.db.transaction() as db:
            await sessions.revoke(
                db, number_of(owner), sessions.number(session), actor=self.person.id
            )
        self.done("The session was ended; its token opens nothing any more.")


PAGES: list[tuple[str, Any]] = [
    ("admin/sessions", SessionsPage),
    (r"admin/sessions/(\d+)/(\d+)/revoke", RevokePage),
]
