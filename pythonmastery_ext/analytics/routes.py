"""Statistics for those who teach."""

from jupyter_server.auth.decorator import authorized
from tornado import web

from pythonmastery_ext.analytics import problems
from pythonmastery_ext.analytics.schema import ProblemStatsOut
from pythonmastery_ext.errors import DatabaseAway, NotAllowed, Starting, UnknownProblem
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
]
