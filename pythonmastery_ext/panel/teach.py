"""Pages for those who teach: the class by section, and where it is stuck.

They show what the routes below `teach/` tell, through the same services and fences.
"""

from typing import Any

from pythonmastery_ext.analytics import classes, matrix, problems
from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.db.paging import Page
from pythonmastery_ext.panel.base import PageHandler
from pythonmastery_ext.panel.listing import Column, plain

#: Of sections and problems, as the course folder names them.
SLUG = "([a-z0-9-]{1,80})"
PARTS = [
    Column("Section"),
    Column("Problems", numeric=True),
    Column("Submissions", numeric=True),
    Column("Passed", numeric=True),
    Column("Solved", numeric=True),
]
HARD = [
    Column("Problem", "title"),
    Column("Section"),
    Column("Not solved yet", "open", numeric=True),
    Column("Learners", "learners", numeric=True),
    Column("Solved", "rate", numeric=True),
    Column("Submissions each", "tries", numeric=True),
    Column("Hints each", numeric=True),
    Column("Difficulty", numeric=True),
]
STUCK = [
    Column("Learner", "name"),
    Column("Submissions", "tries", numeric=True),
    Column("Best", numeric=True),
    Column("Last sent"),
]


class TeachingPage(PageHandler):
    at_least = "instructor"


class SectionsPage(TeachingPage):
    async def get(self) -> None:
        async with self.authority.db.transaction() as db:
            found = await classes.parts(db)
        self.page("teach_sections.html", table=plain("Sections", PARTS, found))


class MatrixPage(TeachingPage):
    async def get(self, slug: str) -> None:
        wanted = self.listing(list(matrix.SORTS))
        async with self.authority.db.transaction(as_instructor=self.person.id) as db:
            found = await matrix.matrix(db, slug, wanted.ask)
        columns = [
            Column("Learner", "name"),
            Column("Section", "done", numeric=True),
            *(Column(problem.title) for problem in found.problems),
        ]
        page = Page(found.learners, found.after)
        self.page(
            "teach_matrix.html",
            name=found.name,
            columns=found.problems,
            table=wanted.table(f"Learners in {found.name}", columns, page),
        )


class HardPage(TeachingPage):
    async def get(self) -> None:
        wanted = self.listing(list(classes.SORTS), usual="-open")
        # Of all learners together, so in nobody's name.
        async with self.authority.db.transaction() as db:
            page = await classes.hard(db, wanted.ask)
        self.page("teach_hard.html", table=wanted.table("Problems", HARD, page))


class ProblemPage(TeachingPage):
    async def get(self, slug: str) -> None:
        wanted = self.listing(list(classes.STUCK_SORTS), usual="-tries")
        async with self.authority.db.transaction() as db:
            stats = await problems.stats(db, slug)
            found = await catalog.published(db, slug)
        async with self.authority.db.transaction(as_instructor=self.person.id) as db:
            page = await classes.stuck(db, found.problem.id, wanted.ask)
        self.page(
            "teach_problem.html",
            shown=found.problem,
            section=found.section,
            stats=stats,
            table=wanted.table("Learners who have not solved it yet", STUCK, page),
        )


PAGES: list[tuple[str, Any]] = [
    ("teach", SectionsPage),
    (f"teach/sections/{SLUG}", MatrixPage),
    ("teach/hard", HardPage),
    (f"teach/problems/{SLUG}", ProblemPage),
]
