"""What an admin can switch off while the service runs."""

from typing import Any

from pythonmastery_ext.audit import search
from pythonmastery_ext.db.paging import Ask
from pythonmastery_ext.features import service
from pythonmastery_ext.features.schema import FeatureIn
from pythonmastery_ext.panel.base import FormPage

#: Name → title, and what happens while it is off.
TITLES = {
    "submitting": (
        "Sending solutions",
        "Check and Submit are turned away; what a browser could not send before waits.",
    ),
    "sign_ups": ("New people", "who has never been here is turned away, all others come in."),
    "tutor": ("AI tutor", "no questions are taken, hints stay open. Its caps are on its own page."),
    "leaderboard": ("Leaderboard", "nobody is shown it, and who has joined stays so."),
}


class FeaturesPage(FormPage):
    async def view(self, name: str = "") -> None:
        states = await self.authority.features.current()
        wanted = search.Wanted(kind="feature.changed")
        async with self.authority.db.transaction() as db:
            changes = await search.page(db, wanted, Ask(sort="id", descending=True, limit=100))
        by: dict[str, str] = {}
        for event in changes.rows:
            by.setdefault((event.target or "").removeprefix("features/"), event.actor or "")
        self.page("features.html", states=states, titles=TITLES, by=by, tried=name)

    async def act(self, name: str = "") -> None:
        form = self.form(FeatureIn)
        now = await self.authority.features.current()
        if name in now:
            # Set on the tutor's own page.
            form = form.model_copy(update={"amount": now[name].amount})
        async with self.authority.db.transaction() as db:
            await service.change(db, name, form, actor=self.person.id)
        said = "on" if form.enabled else "off"
        self.done(f"{TITLES[name][0]}: {said} from now on.", "admin/features")


PAGES: list[tuple[str, Any]] = [
    ("admin/features", FeaturesPage),
    ("admin/features/([a-z_]{1,20})", FeaturesPage),
]
