"""The course, its problems and the students' notebooks."""

from jupyter_server.auth.decorator import authorized
from tornado import web

from pythonmastery_ext.curriculum import pages, service
from pythonmastery_ext.curriculum.schema import CourseOut, NotebookOut, ProblemOut
from pythonmastery_ext.errors import DatabaseAway, ProblemLocked, Starting, UnknownProblem
from pythonmastery_ext.web import ApiHandler, Operation, Route

COMMON = (Starting, DatabaseAway)


class CourseHandler(ApiHandler):
    auth_resource = "pythonmastery:problems"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        learner = await self.learner()
        async with self.authority.db.transaction() as db:
            course = await service.course(db, learner.id)
        self.reply(course)


class ProblemHandler(ApiHandler):
    auth_resource = "pythonmastery:problems"

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        learner = await self.learner()
        folder = self.authority.settings.learner_folder
        async with self.authority.db.transaction() as db:
            page = await pages.page(db, learner.id, slug, folder)
        self.reply(page)


class NotebookHandler(ApiHandler):
    auth_resource = "pythonmastery:problems"

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        learner = await self.learner()
        folder = self.authority.settings.learner_folder
        async with self.authority.db.transaction() as db:
            notebook = await pages.notebook(db, learner.id, slug, folder)
        self.reply(notebook)


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
]
