"""Looking over the conversations of all learners, for instructors."""

from datetime import UTC, datetime

from jupyter_server.auth.decorator import authorized
from tornado import web

from pythonmastery_ext.errors import (
    DatabaseAway,
    InvalidFields,
    NotAllowed,
    Starting,
    UnknownProblem,
)
from pythonmastery_ext.tutor import search
from pythonmastery_ext.tutor.schema import ConversationsPage
from pythonmastery_ext.web import ApiHandler, Operation, Route

LARGEST_PAGE = 100


class ConversationsHandler(ApiHandler):
    """Counts over all learners."""

    auth_resource = "pythonmastery:teach"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        instructor = await self.learner(at_least="instructor")
        wanted = search.Wanted(
            error=self.get_query_argument("error", ""),
            problem=self.get_query_argument("problem", None) or None,
            days=self.get_query_argument("days", None) or None,
            before=self.get_query_argument("before", None) or None,
            limit=self.read_limit(LARGEST_PAGE),
        )
        async with self.authority.db.transaction(as_instructor=instructor.id) as db:
            page = await search.conversations(db, wanted, datetime.now(UTC))
        self.reply(page)


ROUTES = [
    Route(
        "teach/conversations",
        ConversationsHandler,
        (
            Operation(
                method="GET",
                summary="How often learners asked about an error, by day and problem",
                response=ConversationsPage,
                query={
                    "error": "type of the error, such as KeyError",
                    "problem": "slug; without it all of them",
                    "days": f"how far back, at most {search.LONGEST}; {search.USUAL} if absent",
                    "before": "what the page before gave as `before`",
                    "limit": f"at most {LARGEST_PAGE}; 20 if absent",
                },
                errors=(NotAllowed, UnknownProblem, InvalidFields, Starting, DatabaseAway),
            ),
        ),
    ),
]
