"""Asking the tutor, reading the conversation, rating an answer."""

import time
from contextlib import aclosing

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from pythonmastery_ext.errors import (
    CodeNotText,
    DatabaseAway,
    InvalidFields,
    NotJson,
    ProblemLocked,
    Starting,
    TooManyMessages,
    UnknownMessage,
    UnknownProblem,
)
from pythonmastery_ext.tutor import conversation, service
from pythonmastery_ext.tutor.schema import (
    RatingIn,
    TutorDelta,
    TutorMessageIn,
    TutorMessageOut,
    TutorPage,
)
from pythonmastery_ext.tutor.tutor import Answer
from pythonmastery_ext.web import ApiHandler, EventWriter, Operation, Route

COMMON = (Starting, DatabaseAway)
LARGEST_PAGE = 100


class MessagesHandler(ApiHandler):
    """The conversation about one problem, or the general one."""

    auth_resource = "pythonmastery:tutor"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        learner = await self.learner()
        wanted = conversation.Wanted(
            problem=self.get_query_argument("problem", None) or None,
            before=self.get_query_argument("before", None) or None,
            limit=self.read_limit(LARGEST_PAGE),
        )
        async with self.authority.db.transaction() as db:
            page = await conversation.page(
                db, learner.id, wanted, self.authority.tutor.abandoned_after
            )
        # Whoever reads the conversation is likely to ask soon.
        self.authority.tutor.warm_up()
        self.reply(page)

    @web.authenticated
    @authorized
    async def post(self) -> None:
        learner = await self.learner()
        draft = service.checked(self.read(TutorMessageIn))
        tutor = self.authority.tutor
        work = service.asking(learner.id, draft, tutor)
        asked, shown = await self.authority.db.retry(work)
        answer, began = Answer(), time.perf_counter()
        async with self.stream() as events:
            try:
                await events.send("start", shown)
                await self._answer(asked, answer, events)
            except StreamClosedError:
                raise
            except Exception:
                answer.state = "failed"
                self.log.exception("the answer to message %s failed", asked.id)
            finally:
                milliseconds = (time.perf_counter() - began) * 1000
                end = service.answering(asked, answer, milliseconds, tutor.model)
                stored = await self.authority.db.retry(end)
            await events.send("done", stored)

    async def _answer(self, asked: service.Asked, answer: Answer, events: EventWriter) -> None:
        texts = self.authority.tutor.answer(asked.prompt, asked.context, answer)
        async with aclosing(texts):
            async for text in texts:
                await events.send("delta", TutorDelta(text=text))


class RatingHandler(ApiHandler):
    """How helpful an answer was, from 1 to 5; the last rating counts."""

    auth_resource = "pythonmastery:tutor"

    @web.authenticated
    @authorized
    async def post(self, message: str) -> None:
        learner = await self.learner()
        given = self.read(RatingIn)
        async with self.authority.db.transaction() as db:
            rated = await conversation.rate(db, learner.id, message, given.rating)
        self.reply(rated)


ROUTES = [
    Route(
        "tutor/messages",
        MessagesHandler,
        (
            Operation(
                method="GET",
                summary="Questions and answers, newest first",
                response=TutorPage,
                query={
                    "problem": "slug; without it the general conversation",
                    "before": "what the page before gave as `before`",
                    "limit": f"at most {LARGEST_PAGE}; 20 if absent",
                },
                errors=(UnknownProblem, InvalidFields, *COMMON),
            ),
            Operation(
                method="POST",
                summary="Ask; the answer streams in the response",
                request=TutorMessageIn,
                events={"start": TutorMessageOut, "delta": TutorDelta, "done": TutorMessageOut},
                errors=(
                    UnknownProblem,
                    ProblemLocked,
                    TooManyMessages,
                    NotJson,
                    InvalidFields,
                    CodeNotText,
                    *COMMON,
                ),
            ),
        ),
    ),
    Route(
        "tutor/messages/{message}/rating",
        RatingHandler,
        (
            Operation(
                method="POST",
                summary="Rate an answer from 1 to 5",
                request=RatingIn,
                response=TutorMessageOut,
                errors=(UnknownMessage, NotJson, InvalidFields, *COMMON),
            ),
        ),
    ),
]
