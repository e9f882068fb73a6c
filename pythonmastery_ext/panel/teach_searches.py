"""What those who teach look for over the whole course: tests, and questions to the tutor."""

from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any, TypeVar

from pythonmastery_ext.curriculum import search as tests_search
from pythonmastery_ext.curriculum.inputs import KINDS
from pythonmastery_ext.errors import UnknownProblem
from pythonmastery_ext.panel.base import FormPage
from pythonmastery_ext.panel.listing import Column, Listing, plain
from pythonmastery_ext.tutor import search as conversations

T = TypeVar("T")

TESTS = [
    Column("Problem"),
    Column("Section"),
    Column("Test"),
    Column("Seen by learners"),
    Column("Weight", numeric=True),
]
ABOUT = [
    Column("Day"),
    Column("Problem"),
    Column("Questions", numeric=True),
    Column("Learners", numeric=True),
    Column("Rated low", numeric=True),
]


class SearchPage(FormPage):
    """A filter that is wrong is told beside its field, and nothing is shown then."""

    at_least = "instructor"

    async def found(self, work: Awaitable[T]) -> T | None:
        try:
            return await self.listed(work)
        except UnknownProblem as error:
            self.problems = {"problem": error.message}
            return None


class TestsPage(SearchPage):
    async def view(self) -> None:
        wanted = self.listing(["id"], filters=("kind", "value", "call"))
        asked = any(wanted.filters.values())
        async with self.authority.db.transaction(as_instructor=self.person.id) as db:
            page = await self.found(tests_search.tests(db, _tests(wanted))) if asked else None
        rows = page.tests if page else []
        self.page(
            "teach_tests.html",
            status=422 if asked and page is None else 200,
            wanted=wanted,
            kinds={"": "Anything", **{kind: kind.replace("_", " ") for kind in KINDS}},
            asked=page is not None,
            table=plain("Tests", TESTS, rows),
            next=wanted.href(after=page.after) if page and page.after else None,
        )


class ConversationsPage(SearchPage):
    async def view(self) -> None:
        wanted = self.listing(["day"], filters=("error", "problem", "days"))
        asked = bool(wanted["error"])
        async with self.authority.db.transaction(as_instructor=self.person.id) as db:
            now = datetime.now(UTC)
            looking = conversations.conversations
            page = await self.found(looking(db, _about(wanted), now)) if asked else None
        self.page(
            "teach_conversations.html",
            status=422 if asked and page is None else 200,
            wanted=wanted,
            asked=page is not None,
            usual=conversations.USUAL,
            table=plain("Questions", ABOUT, page.found if page else []),
            next=wanted.href(after=page.before) if page and page.before else None,
        )


def _tests(wanted: Listing) -> tests_search.Wanted:
    return tests_search.Wanted(
        kinds=(wanted["kind"],) if wanted["kind"] else (),
        values=(wanted["value"],) if wanted["value"] else (),
        call=wanted["call"] or None,
        after=wanted.ask.after or None,
    )


def _about(wanted: Listing) -> conversations.Wanted:
    return conversations.Wanted(
        error=wanted["error"],
        problem=wanted["problem"] or None,
        days=wanted["days"] or None,
        before=wanted.ask.after or None,
        limit=50,
    )


PAGES: list[tuple[str, Any]] = [
    ("teach/tests", TestsPage),
    ("teach/conversations", ConversationsPage),
]
