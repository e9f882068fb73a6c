"""The course, its problems and the students' notebooks."""

from jupyter_server.auth.decorator import authorized
from tornado import web

from pythonmastery_ext.curriculum import pages, search, service
from pythonmastery_ext.curriculum.inputs import KINDS
from pythonmastery_ext.curriculum.schema import CourseOut, NotebookOut, ProblemOut, TestsPage
from pythonmastery_ext.errors import (
    DatabaseAway,
    InvalidFields,
    NotAllowed,
    ProblemLocked,
    Starting,
    UnknownProblem,
)
from pythonmastery_ext.own import OwnHandler
from pythonmastery_ext.web import ApiHandler, Operation, Route

COMMON = (Starting, DatabaseAway)
LARGEST_PAGE = 100


class CourseHandler(OwnHandler):
    auth_resource = "pythonmastery:problems"
    query = service.course


class ProblemHandler(ApiHandler):
    auth_resource = "pythonmastery:problems"

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        learner = await self.learner()
        folder = self.authority.settings.learner_folder
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            page = await pages.page(db, learner.id, slug, folder)
        self.reply(page)


class NotebookHandler(ApiHandler):
    auth_resource = "pythonmastery:problems"

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        learner = await self.learner()
        folder = self.authority.settings.learner_folder
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            notebook = await pages.notebook(db, learner.id, slug, folder)
        self.reply(notebook)


class TestsHandler(ApiHandler):
    """Of the whole course, for instructors."""

    auth_resource = "pythonmastery:teach"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        instructor = await self.learner(at_least="instructor")
        wanted = search.Wanted(
            kinds=tuple(self.get_query_arguments("kind")),
            values=tuple(self.get_query_arguments("value")),
            call=self.get_query_argument("call", None) or None,
            after=self.get_query_argument("after", None) or None,
            limit=self.read_limit(LARGEST_PAGE),
        )
        async with self.authority.db.transaction(as_instructor=instructor.id) as db:
            page = await search.tests(db, wanted)
        self.reply(page)


ROUTES = [
    Route(
        "problems",
        CourseHandler,
        (Operation(method="GET", summary="The course", response=CourseOut, errors=COMMON),),
    ),
    Route(
        "problems/{slug}",
        ProblemHandler,
        (
            Operation(
                method="GET",
                summary="One problem; the first call starts the clock of its hints",
                response=ProblemOut,
                errors=(UnknownProblem, ProblemLocked, *COMMON),
            ),
        ),
    ),
    Route(
        "problems/{slug}/notebook",
        NotebookHandler,
        (
            Operation(
                method="GET",
                summary="The student's notebook, to be saved where nothing is yet",
                response=NotebookOut,
                errors=(UnknownProblem, ProblemLocked, *COMMON),
            ),
        ),
    ),
    Route(
        "teach/tests",
        TestsHandler,
        (
            Operation(
                method="GET",
                summary="Tests by what their arguments hold, for instructors",
                response=TestsPage,
                query={
                    "kind": f"one or more times; one of {', '.join(KINDS)}",
                    "value": "one or more times; a Python expression that stands anywhere in them",
                    "call": "name of the function that is called",
                    "after": "what the page before gave as `after`",
                    "limit": f"at most {LARGEST_PAGE}; 20 if absent",
                },
                errors=(NotAllowed, InvalidFields, *COMMON),
            ),
        ),
    ),
]
