"""The hints of a problem."""

from jupyter_server.auth.decorator import authorized
from sqlalchemy.ext.asyncio import AsyncSession
from tornado import web

from pythonmastery_ext import errors
from pythonmastery_ext.hints import service
from pythonmastery_ext.hints.schema import HintsOut
from pythonmastery_ext.own import OwnHandler
from pythonmastery_ext.web import ApiHandler, Operation, Route

COMMON = (errors.UnknownProblem, errors.ProblemLocked, errors.Starting, errors.DatabaseAway)


class HintsHandler(OwnHandler):
    auth_resource = "pythonmastery:hints"
    query = service.hints


class HintHandler(ApiHandler):
    auth_resource = "pythonmastery:hints"

    @web.authenticated
    @authorized
    async def post(self, slug: str, order: str) -> None:
        learner = await self.learner(limit="hint")
        if order not in ("1", "2", "3", "4"):
            raise errors.UnknownHint

        async def work(db: AsyncSession) -> HintsOut:
            return await service.open_hint(db, learner.id, slug, int(order))

        self.reply(await self.authority.db.retry(work, as_learner=learner.id))


ROUTES = [
    Route(
        "problems/{slug}/hints",
        HintsHandler,
        (
            Operation(
                method="GET",
                summary="The hints: opened ones with their text, the others with what opens them",
                response=HintsOut,
                errors=COMMON,
            ),
        ),
    ),
    Route(
        "problems/{slug}/hints/{order}",
        HintHandler,
        (
            Operation(
                method="POST",
                summary="Open the hint of this level; it counts from now on",
                response=HintsOut,
                records=("hint.opened",),
                errors=(errors.UnknownHint, errors.HintLocked, errors.TooManyRequests, *COMMON),
            ),
        ),
    ),
]
