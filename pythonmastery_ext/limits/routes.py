"""The limits, for admins."""

from jupyter_server.auth.decorator import authorized
from tornado import web

from pythonmastery_ext import errors
from pythonmastery_ext.limits import service
from pythonmastery_ext.limits.schema import LimitOut, LimitPage
from pythonmastery_ext.web import ApiHandler, Operation, Route

COMMON = (errors.NotAllowed, errors.Starting, errors.DatabaseAway)


class LimitsHandler(ApiHandler):
    auth_resource = "pythonmastery:limits"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        await self.learner(at_least="admin")
        after = self.get_query_argument("after", "")
        limit = self.read_limit(service.LARGEST_PAGE)
        refused = self.get_query_argument("refused", "") == "true"
        async with self.authority.db.transaction() as db:
            page = await service.page(db, after, limit, refused=refused)
        self.reply(page)


class ResetHandler(ApiHandler):
    auth_resource = "pythonmastery:limits"

    @web.authenticated
    @authorized
    async def post(self, user: str, action: str) -> None:
        admin = await self.learner(at_least="admin")
        if not service.is_id(user) or "\0" in action:
            raise errors.UnknownLimit
        async with self.authority.db.transaction() as db:
            limit = await service.reset(db, admin.id, int(user), action)
        self.reply(limit)


ROUTES = [
    Route(
        "admin/limits",
        LimitsHandler,
        (
            Operation(
                method="GET",
                summary="How often people do what is limited, and what was turned away",
                response=LimitPage,
                query={
                    "refused": "true: only where something was turned away",
                    "after": "from the page before",
                    "limit": f"1 to {service.LARGEST_PAGE}",
                },
                errors=(errors.InvalidFields, *COMMON),
            ),
        ),
    ),
    Route(
        "admin/limits/{user}/{action}/reset",
        ResetHandler,
        (
            Operation(
                method="POST",
                summary="Let this person do it again at once",
                response=LimitOut,
                errors=(errors.UnknownLimit, errors.TooManyRequests, *COMMON),
                records=("limit.reset",),
            ),
        ),
    ),
]
