"""Asking the tutor, reading the conversation, rating an answer."""

import time
from contextlib import aclosing

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from pythonmastery_ext import errors
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

COMMON = (errors.Starting, errors.DatabaseAway)
WRITING = (errors.TooManyRequests, errors.NotJson, errors.InvalidFields, *COMMON)
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
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            page = await conversation.page(
                db, learner.id, wanted, self.authority.tutor.abandoned_after
            )
        # Whoever reads the conversation is likely to ask soon.
        self.authority.tutor.warm_up()
        self.reply(page)

    @web.authenticated
    @authorized
    async def post(self) -> None:
        learner = await self.learner(limit="chat")
        draft = service.checked(self.read(TutorMessageIn))
        tutor = self.authority.tutor
        most = (await self.authority.features.current())["tutor"].amount
        work = service.asking(learner.id, draft, tutor, most)
        asked, shown = await self.authority.db.retry(work, as_learner=learner.id)
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
                stored = await self.authority.db.retry(end, as_learner=learner.id)
            await events.send("done", stored)

    async def _answer(self, asked: service.Asked, answer: Answer, events: EventWriter) -> None:
        texts = self.authority.tutor.answer(
            asked.prompt, asked.context, answer, agreed=asked.agreed
        )
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
        async with self.authority.db.transaction(as_learner=learner.id) as db:
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
                errors=(errors.UnknownProblem, errors.InvalidFields, *COMMON),
            ),
            Operation(
                method="POST",
                summary="Ask; the answer streams in the response",
                request=TutorMessageIn,
                records=("tutor.asked", "tutor.answered"),
                events={"start": TutorMessageOut, "delta": TutorDelta, "done": TutorMessageOut},
                errors=(
                    errors.UnknownProblem,
                    errors.ProblemLocked,
                    errors.ConsentNeeded,
                    errors.TutorOff,
                    errors.TooManyMessages,
                    errors.CodeNotText,
                    *WRITING,
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
                records=("tutor.rated",),
                response=TutorMessageOut,
                errors=(errors.UnknownMessage, *WRITING),
            ),
        ),
    ),
]
