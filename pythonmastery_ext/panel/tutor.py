"""What the AI tutor costs, and its caps."""

from typing import Any

from pythonmastery_ext.features.schema import FeatureIn
from pythonmastery_ext.features.service import change
from pythonmastery_ext.panel.base import FormPage
from pythonmastery_ext.panel.listing import Column, plain
from pythonmastery_ext.tutor import spending

COUNTS = [
    Column(title, numeric=True)
    for title in ("Questions", "To Gemini", "Tokens in", "Tokens out", "Stopped", "Failed")
]


class TutorPage(FormPage):
    async def view(self) -> None:
        tutor = self.authority.tutor
        offered = (await self.authority.features.current())["tutor"]
        async with self.authority.db.transaction() as db:
            found = await spending.spending(db, tutor.most(offered.amount))
        self.page(
            "tutor.html",
            found=found,
            days_counted=spending.DAYS,
            offered=offered,
            configured=tutor.daily_messages,
            gemini=tutor.status(off=offered.why),
            days=plain("By day", ["Day", *COUNTS], [(d.day, d) for d in found.days]),
            models=plain("By model", ["Model", *COUNTS], [(m.model, m) for m in found.models]),
            people=plain("People who used most", ["Login", *COUNTS], found.people),
        )

    async def act(self) -> None:
        form = self.form(FeatureIn)
        async with self.authority.db.transaction() as db:
            await change(db, "tutor", form, actor=self.person.id)
        self.done("The tutor's settings hold from now on.", "admin/tutor")


PAGES: list[tuple[str, Any]] = [("admin/tutor", TutorPage)]
