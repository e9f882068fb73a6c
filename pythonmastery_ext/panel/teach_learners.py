"""One learner's work, as those who teach see it; each look is recorded first."""

from typing import Any
from uuid import UUID

from pythonmastery_ext.analytics import learner, summary
from pythonmastery_ext.attempts import history
from pythonmastery_ext.errors import InvalidFields, UnknownAttempt
from pythonmastery_ext.panel.listing import Column, plain
from pythonmastery_ext.panel.people import number_of
from pythonmastery_ext.panel.teach import TeachingPage

SECTIONS = [
    Column("Section"),
    Column("Done", numeric=True),
    Column("XP", numeric=True),
    Column("Last active"),
]
PROBLEMS = [
    Column("Problem"),
    Column("Section"),
    Column("State"),
    Column("Submissions", numeric=True),
    Column("Best", numeric=True),
    Column("Hints", numeric=True),
    Column("Last sent"),
]
WORKED = [
    Column("Graded"),
    Column("Problem"),
    Column("Tests passed", numeric=True),
    Column("Minutes so far", numeric=True),
    Column("Errors so far", numeric=True),
    Column("Help so far", numeric=True),
    Column("Code quality", numeric=True),
    Column("Engagement"),
]
ATTEMPTS = [
    Column("Sent"),
    Column("Problem"),
    Column("Kind"),
    Column("Verdict"),
    Column("Points", numeric=True),
    Column("Hints", numeric=True),
]
TESTS = [
    Column("Test"),
    Column("Seen by learners"),
    Column("Verdict"),
    Column("Points", numeric=True),
    Column("What it says"),
]


class WorkPage(TeachingPage):
    """Shows what somebody did."""

    async def record(self, person: int, attempt: UUID | None = None) -> None:
        """Before anything is sent; in nobody's name, as the event is about somebody else."""
        async with self.authority.db.transaction() as db:
            await learner.look(db, person, actor=self.person.id, attempt=attempt)


class LearnerPage(WorkPage):
    async def get(self, number: str) -> None:
        person = number_of(number)
        before = self.words("before")
        async with self.authority.db.transaction(as_instructor=self.person.id) as db:
            found = await learner.at_work(db, person)
            tried, more = await learner.attempts(db, person, _place(before))
            worked = await summary.worked(db, person)
        async with self.authority.db.transaction() as db:
            figures = await summary.summary(db, person)
        await self.record(person)
        self.page(
            "teach_learner.html",
            shown=found,
            figures=figures,
            worked_table=plain("Last 30 days", WORKED, worked),
            sections_table=plain("Sections", SECTIONS, found.sections),
            problems_table=plain("Problems", PROBLEMS, found.problems),
            attempts_table=plain("Attempts", ATTEMPTS, tried),
            before=before,
            more=more,
        )


class AttemptPage(WorkPage):
    async def get(self, number: str, attempt: str) -> None:
        person = number_of(number)
        # How many wait before it is no instructor's to ask, but stands in what a learner sees.
        async with self.authority.db.transaction() as db:
            found = await history.one(db, person, _id(attempt))
            broken = await history.for_authors(db, found.id)
        await self.record(person, found.id)
        self.page(
            "teach_attempt.html",
            person=person,
            shown=found,
            broken=broken,
            tests=plain("Tests", TESTS, found.tests),
        )


def _place(before: str) -> UUID | None:
    """Where a page of attempts begins; InvalidFields."""
    if not before:
        return None
    try:
        found = _id(before)
        history.attempt_time(found)
    except UnknownAttempt as error:
        raise InvalidFields(fields=[{"field": "before", "message": error.message}]) from error
    return found


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise UnknownAttempt from error


PAGES: list[tuple[str, Any]] = [
    (r"teach/learners/(\d+)", LearnerPage),
    (r"teach/learners/(\d+)/attempts/([0-9a-f-]{36})", AttemptPage),
]
