"""Grading finished attempts again: ordered here, done by the workers, told on its page."""

from typing import Any

from pydantic import BaseModel

from pythonmastery_ext.analytics import problems
from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.errors import InvalidFields, NotFound, UnknownProblem
from pythonmastery_ext.panel.base import FormPage
from pythonmastery_ext.panel.listing import Column, plain
from pythonmastery_ext.panel.teach import TeachingPage
from pythonmastery_ext.regrading import listing, ordering

#: Attempts; more would hold up the page, and the command has a bar that shows how far it is.
MOST = 20_000
COLUMNS = [
    Column("Ordered", "id"),
    Column("Problem"),
    Column("Changes verdicts"),
    Column("Attempts", numeric=True),
    Column("Left", numeric=True),
    Column("Finished"),
]
CHANGED = [Column("Attempt"), Column("Before"), Column("After"), Column("")]
LONGEST_NUMBER = 18


class OrderForm(BaseModel):
    problem: str
    #: Only attempts that were graded by this version; empty: all.
    version: str = ""
    #: A box that is not ticked is not sent.
    dry: str = ""


class RegradesPage(FormPage):
    at_least = "instructor"

    async def view(self) -> None:
        wanted = self.listing(list(listing.SORTS), usual="-id")
        async with self.authority.db.transaction() as db:
            page = await listing.page(db, wanted.ask)
            tree = await catalog.tree(db)
        options = {"": "Choose one"} | {
            problem.slug: f"{section.name}: {problem.title}"
            for section in tree.sections
            for problem, _ in tree.problems[section.id]
        }
        self.page(
            "teach_regrades.html",
            options=options,
            chosen=self.words("problem"),
            table=wanted.table("Orders", COLUMNS, page),
        )

    async def act(self) -> None:
        form = self.form(OrderForm)
        selection = ordering.Selection(problem=form.problem, version=form.version.strip() or None)
        async with self.authority.db.transaction() as db:
            try:
                if (await problems.stats(db, form.problem)).attempts > MOST:
                    raise _wrong(f"has over {MOST:,} attempts; run `pythonmastery regrade`")
                made = await ordering.order(db, selection, dry=bool(form.dry), actor=self.person.id)
            except UnknownProblem as unknown:
                raise _wrong("is none of this course; choose one") from unknown
            except ordering.NothingToRegrade as nothing:
                raise _wrong(str(nothing)) from nothing
        self.done(
            f"{made.total} attempts wait for being graded again.", f"teach/regrades/{made.id}"
        )


class RegradePage(TeachingPage):
    async def get(self, number: str) -> None:
        if len(number) > LONGEST_NUMBER:
            raise NotFound
        async with self.authority.db.transaction() as db:
            order, counts, changed = await listing.one(db, int(number))
        self.page(
            "teach_regrade.html",
            order=order,
            counts=counts,
            most=listing.MOST_SHOWN,
            table=plain("Verdicts that changed", CHANGED, changed),
        )


def _wrong(message: str) -> InvalidFields:
    return InvalidFields(fields=[{"field": "problem", "message": message}])


PAGES: list[tuple[str, Any]] = [
    ("teach/regrades", RegradesPage),
    (r"teach/regrades/(\d+)", RegradePage),
]
