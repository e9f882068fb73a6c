"""Where the pages begin, and the admin's overview."""

from typing import Any

from pythonmastery_ext import errors
from pythonmastery_ext.accounts import directory
from pythonmastery_ext.audit import search
from pythonmastery_ext.db import measures
from pythonmastery_ext.grading import heartbeat
from pythonmastery_ext.panel import features, navigation
from pythonmastery_ext.panel.base import PageHandler
from pythonmastery_ext.privacy import requests


class HomePage(PageHandler):
    """To the first section that this person may see."""

    at_least = "instructor"

    async def get(self) -> None:
        found = navigation.sections(self.base_url, self.request.path, self.role)
        if not found:
            raise errors.NotFound
        self.redirect(found[0].href)


class OverviewPage(PageHandler):
    async def get(self) -> None:
        states = await self.authority.features.current()
        async with self.authority.db.transaction() as db:
            figures = await measures.read(db)
            workers, now = await heartbeat.workers(db)
            counts = await directory.counts(db)
            erasures, due = await requests.open_count(db)
            chain = await search.chain(db)
        alive = [each for each in workers if now - each.seen_at < heartbeat.GONE]
        self.page(
            "overview.html",
            figures=figures,
            ready=[each for each in alive if each.state == "ready"],
            alive=alive,
            people=sum(counts.values()),
            counts=counts,
            erasures=erasures,
            due=due,
            overdue=due is not None and due < now,
            off=[features.TITLES[name][0] for name, state in states.items() if not state.enabled],
            chain=chain,
            trouble=self.authority.hub.trouble if self.authority.hub else None,
            gemini=self.authority.tutor.status(off=states["tutor"].why),
        )


PAGES: list[tuple[str, Any]] = [
    ("", HomePage),
    ("admin", OverviewPage),
]
