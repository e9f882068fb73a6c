"""People: found, and each on a page with what an admin may do for them."""

import logging
from typing import Any

from pythonmastery_ext.accounts import active, directory, sessions
from pythonmastery_ext.db.paging import Ask
from pythonmastery_ext.errors import HubAway, InvalidFields, UnknownUser
from pythonmastery_ext.hub.client import GROUPS
from pythonmastery_ext.limits import listing as limits
from pythonmastery_ext.panel.base import PageHandler
from pythonmastery_ext.panel.listing import Column, plain
from pythonmastery_ext.privacy import requests
from pythonmastery_ext.schema import ROLES

log = logging.getLogger(__name__)

COLUMNS = [
    Column("Login", "login"),
    Column("Name"),
    Column("Role", "role"),
    Column("State"),
    Column("Here since", "since"),
]
ROLE_NAMES: dict[str, str] = {role: role.capitalize() for role in ROLES}


class PeoplePage(PageHandler):
    async def get(self) -> None:
        wanted = self.listing(list(directory.SORTS), filters=("q", "role"))
        async with self.authority.db.transaction() as db:
            page = await directory.page(
                db, self.authority.keyring, wanted.ask, words=wanted["q"], role=wanted["role"]
            )
            counts = await directory.counts(db)
        table = wanted.table("People", COLUMNS, page)
        roles = {"": "All", **ROLE_NAMES}
        self.page("people.html", table=table, wanted=wanted, counts=counts, roles=roles)


class PersonPage(PageHandler):
    """One person. The role is only shown: it follows the hub's groups within half a minute."""

    async def get(self, number: str) -> None:
        person_id = number_of(number)
        ask = Ask(sort="used", descending=True)
        async with self.authority.db.transaction() as db:
            person = await directory.person(db, self.authority.keyring, person_id)
            open_sessions = await active.page(db, ask, owner=person_id)
            buckets = await limits.page(db, ask, user=person_id)
            asked = await requests.page(db, Ask(sort="requested", descending=True), user=person_id)
        self.page(
            "person.html",
            shown=person,
            groups=GROUPS,
            myself=person_id == self.person.id,
            sessions=plain(
                "Sessions", ["Label", "Kind", "May", "Last used", "Ends", ""], open_sessions.rows
            ),
            limits=plain(
                "Limits",
                ["What", Column("Open now", numeric=True), Column("Turned away", numeric=True), ""],
                buckets.rows,
            ),
            requests=plain("Data requests", ["What", "State", "Asked", "Due", "Ended"], asked.rows),
        )


class LockPage(PageHandler):
    async def post(self, number: str, act: str) -> None:
        locking = act == "lock"
        async with self.authority.db.transaction() as db:
            user = await directory.suspend(
                db, number_of(number), suspended=locking, actor=self.person.id
            )
        page = f"admin/people/{user.id}"
        if not locking:
            self.done(f"{user.username} may sign in again.", page)
        elif await self._stopped(user.username):
            self.done(f"{user.username} is locked and signed out.", page)
        else:
            self.done(
                f"{user.username} is locked, but JupyterHub did not stop their server: do it in "
                "the hub's admin panel.",
                page,
                kind="warning",
            )

    async def _stopped(self, name: str) -> bool:
        """Of themselves, nothing here would answer their server, but it would run on."""
        if self.authority.hub is None:
            return False
        try:
            await self.authority.hub.hub.stop_server(name)
        except HubAway as error:
            log.warning("the server of somebody who was locked was not stopped: %s", error)
            return False
        return True


class EndSessionsPage(PageHandler):
    async def post(self, number: str) -> None:
        person_id = number_of(number)
        async with self.authority.db.transaction() as db:
            ended = await sessions.revoke_all(db, person_id, actor=self.person.id)
        self.done(f"{ended} sessions were ended.", f"admin/people/{person_id}")


def number_of(text: str) -> int:
    """UnknownUser for what no person's number can be."""
    if not (text.isascii() and text.isdecimal() and len(text) <= sessions.LONGEST_ID):
        raise UnknownUser
    return int(text)


async def chosen(page: PageHandler, words: str) -> int | None:
    """The person that a filter names, None if it names nobody; InvalidFields."""
    if not words.strip():
        return None
    async with page.authority.db.transaction() as db:
        found = await directory.number_of(db, words)
    if found is None:
        raise InvalidFields(fields=[{"field": "person", "message": "names nobody who came here"}])
    return found


PAGES: list[tuple[str, Any]] = [
    ("admin/people", PeoplePage),
    (r"admin/people/(\d+)", PersonPage),
    (r"admin/people/(\d+)/(lock|unlock)", LockPage),
    (r"admin/people/(\d+)/end-sessions", EndSessionsPage),
]
