"""Statistics for those who teach."""

from jupyter_server.auth.decorator import authorized
from tornado import web

from pythonmastery_ext.analytics import matrix, problems
from pythonmastery_ext.analytics.schema import MatrixOut, ProblemStatsOut
from pythonmastery_ext.db.paging import Ask
from pythonmastery_ext.errors import (
    DatabaseAway,
    InvalidFields,
    NotAllowed,
    Starting,
    UnknownProblem,
    UnknownSection,
)
from pythonmastery_ext.web import ApiHandler, Operation, Route


class ProblemStatsHandler(ApiHandler):
    """Of all learners together, so in no learner's name."""

    auth_resource = "pythonmastery:teach"

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        await self.learner(at_least="instructor")
        async with self.authority.db.transaction() as db:
            stats = await problems.stats(db, slug)
        self.reply(stats)


class MatrixHandler(ApiHandler):
    auth_resource = "pythonmastery:teach"

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        instructor = await self.learner(at_least="instructor")
        sort = self.get_query_argument("sort", "name")
        if sort.removeprefix("-") not in matrix.SORTS:
            message = f"is one of {', '.join(matrix.SORTS)}, with - before it from the end"
            raise InvalidFields(fields=[{"field": "sort", "message": message}])
        ask = Ask(
            sort=sort.removeprefix("-"),
            descending=sort.startswith("-"),
            after=self.get_query_argument("after", ""),
            limit=self.read_limit(matrix.LARGEST_PAGE, default=50),
        )
        async with self.authority.db.transaction(as_instructor=instructor.id) as db:
            found = await matrix.matrix(db, slug, ask)
        self.reply(found)


ROUTES = [
    Route(
        "problems/{slug}/stats",
        ProblemStatsHandler,
        (
            Operation(
                method="GET",
                summary="How learners do at a problem",
                response=ProblemStatsOut,
                errors=(NotAllowed, UnknownProblem, Starting, DatabaseAway),
            ),
        ),
    ),
    Route(
        "teach/sections/{slug}/matrix",
        MatrixHandler,
        (
            Operation(
                method="GET",
                summary="A section's learners and problems: who is how far at what",
                response=MatrixOut,
                query={
                    "sort": f"{' or '.join(matrix.SORTS)}, with - before it from the end",
                    "after": "what the page before gave as `after`",
                    "limit": f"learners, at most {matrix.LARGEST_PAGE}; 50 if absent",
                },
                errors=(NotAllowed, UnknownSection, InvalidFields, Starting, DatabaseAway),
            ),
        ),
    ),
]
