"""The problems of the course: versions, and taking one out while it is mended."""

from typing import Any

from pythonmastery_ext.curriculum import shelf
from pythonmastery_ext.panel.base import PageHandler
from pythonmastery_ext.panel.listing import Column, plain

COLUMNS = [
    Column("Title", "title"),
    Column("Section"),
    Column("State", "state"),
    Column("Version"),
    Column("Versions", numeric=True),
    Column("Published"),
    Column(""),
]
VERSIONS = [
    Column("Version"),
    Column("Content (SHA-256)"),
    Column("Tests", numeric=True),
    Column("Points", numeric=True),
    Column("Published"),
    Column("Changed"),
]
SLUG = "([a-z0-9~-]{1,80})"


class ProblemsPage(PageHandler):
    async def get(self) -> None:
        wanted = self.listing(list(shelf.SORTS), filters=("q",))
        async with self.authority.db.transaction() as db:
            page = await shelf.page(db, wanted.ask, wanted["q"])
        self.page("problems.html", table=wanted.table("Problems", COLUMNS, page), wanted=wanted)


class ProblemPage(PageHandler):
    async def get(self, slug: str) -> None:
        async with self.authority.db.transaction() as db:
            problem, versions = await shelf.versions(db, slug)
        self.page("problem.html", problem=problem, versions=plain("Versions", VERSIONS, versions))


class WithholdPage(PageHandler):
    async def post(self, slug: str, act: str) -> None:
        async with self.authority.db.transaction() as db:
            problem = await shelf.withhold(
                db, slug, withheld=act == "take-out", actor=self.person.id
            )
        where = "out of the course" if act == "take-out" else "in the course again"
        self.done(f"“{problem.title}” is {where}.")


PAGES: list[tuple[str, Any]] = [
    ("admin/problems", ProblemsPage),
    (f"admin/problems/{SLUG}", ProblemPage),
    (f"admin/problems/{SLUG}/(take-out|put-back)", WithholdPage),
]
