"""Sending attempts in and reading them back."""

from uuid import UUID

from jupyter_server.auth.decorator import authorized
from sqlalchemy.ext.asyncio import AsyncSession
from tornado import web

from pythonmastery_ext import errors
from pythonmastery_ext.attempts import history, service
from pythonmastery_ext.attempts.schema import AttemptIn, AttemptOut, AttemptPage
from pythonmastery_ext.web import ApiHandler, Operation, Route

COMMON = (errors.Starting, errors.DatabaseAway)


class AttemptsHandler(ApiHandler):
    """Attempts at one problem."""

    auth_resource = "pythonmastery:attempts"

    @web.authenticated
    @authorized
    async def post(self, slug: str) -> None:
        draft = self.read(AttemptIn)
        learner = await self.learner(limit="submit", key=draft.key)
        most = self.authority.settings.max_waiting

        async def work(db: AsyncSession) -> tuple[AttemptOut, bool]:
            return await service.submit(db, learner.id, slug, draft, most)

        attempt, made = await self.authority.db.retry(
            work, as_learner=learner.id, turn=learner.id, brief=True
        )
        self.reply(attempt, status=202 if made else 200)

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        learner = await self.learner()
        before = self.get_query_argument("before", "")
        limit = self.read_limit(history.LARGEST_PAGE)
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            page = await history.page(
                db, learner.id, slug, attempt_id(before) if before else None, limit
            )
        self.reply(page)


class AttemptHandler(ApiHandler):
    """One attempt."""

    auth_resource = "pythonmastery:attempts"

    @web.authenticated
    @authorized
    async def get(self, id: str) -> None:  # noqa: A002
        learner = await self.learner()
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            attempt = await history.one(db, learner.id, attempt_id(id))
        self.reply(attempt)


def attempt_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise errors.UnknownAttempt from error


ROUTES = [
    Route(
        "problems/{slug}/attempts",
        AttemptsHandler,
        (
            Operation(
                method="POST",
                summary="Send code to be graded; the same key and body again give the same attempt",
                request=AttemptIn,
                response=AttemptOut,
                status=(202, 200),
                records=("attempt.submitted",),
                errors=(
                    errors.NotJson,
                    errors.InvalidFields,
                    errors.CodeEmpty,
                    errors.CodeTooLarge,
                    errors.CodeNotText,
                    errors.UnknownProblem,
                    errors.ProblemLocked,
                    errors.KeyReused,
                    errors.SubmittingPaused,
                    errors.TooManyWaiting,
                    errors.TooManyRequests,
                    *COMMON,
                ),
            ),
            Operation(
                method="GET",
                summary="The learner's attempts at this problem, newest first",
                response=AttemptPage,
                query={"before": "from the page before", "limit": "1 to 100"},
                errors=(errors.UnknownProblem, errors.UnknownAttempt, *COMMON),
            ),
        ),
    ),
    Route(
        "attempts/{id}",
        AttemptHandler,
        (
            Operation(
                method="GET",
                summary="One attempt of the learner",
                response=AttemptOut,
                errors=(errors.UnknownAttempt, *COMMON),
            ),
        ),
    ),
]
