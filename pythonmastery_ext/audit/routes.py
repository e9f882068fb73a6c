"""The learner's event stream."""

from collections.abc import Mapping

from jupyter_server.auth.decorator import authorized
from pydantic import BaseModel
from tornado import web

from pythonmastery_ext.audit.schema import CourseChanged, Hello
from pythonmastery_ext.errors import DatabaseAway, InvalidFields, Starting, TooManyStreams
from pythonmastery_ext.web import ApiHandler, Operation, Route


class EventsHandler(ApiHandler):
    auth_resource = "pythonmastery:events"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        learner = await self.learner()
        events = self.authority.events
        with events.subscribe(learner) as subscription:
            newest = await events.newest(learner)
            last = self._last_seen()
            async with self.stream() as out:
                await out.send("hello", Hello(last=newest))
                # An id from before the database was made anew would silence the stream for long.
                start = newest if last is None else min(last, newest)
                async for event in events.follow(learner, subscription, start):
                    if event.data is not None or event.id is None:
                        await out.send(event.name, event.data or CourseChanged(), event.id)

    def _last_seen(self) -> int | None:
        text = self.request.headers.get("Last-Event-ID") or self.get_query_argument(
            "last_event_id", ""
        )
        if not text:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) < 19):
            raise InvalidFields(
                fields=[{"field": "Last-Event-ID", "message": "is the number of an event"}]
            )
        return int(text)


def routes(events: Mapping[str, type[BaseModel]]) -> list[Route]:
    """The stream carries what all nouns record, so the composition root says which shapes."""
    return [
        Route(
            "events",
            EventsHandler,
            (
                Operation(
                    method="GET",
                    summary="What happens to the learner's work, as it happens",
                    events={"hello": Hello, **events, "course.changed": CourseChanged},
                    query={"last_event_id": "resume after this event; or header Last-Event-ID"},
                    errors=(InvalidFields, TooManyStreams, Starting, DatabaseAway),
                ),
            ),
        )
    ]
