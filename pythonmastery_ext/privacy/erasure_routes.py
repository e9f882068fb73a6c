"""The erasure of one's own account."""

from jupyter_server.auth.decorator import authorized
from tornado import web

from pythonmastery_ext import errors
from pythonmastery_ext.privacy import service
from pythonmastery_ext.privacy.in_person import OwnDataHandler
from pythonmastery_ext.privacy.schema import ErasureIn, ErasureOut, MyErasure
from pythonmastery_ext.web import Operation, Route

COMMON = (errors.AccountLocked, errors.Starting, errors.DatabaseAway)


class ErasureHandler(OwnDataHandler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        learner = await self.learner()
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            found = await service.newest(db, learner.id, "erase")
        self.reply(MyErasure(erasure=ErasureOut.of(found) if found else None))

    @web.authenticated
    @authorized
    async def post(self) -> None:
        learner = await self.learner()
        self.check_in_person()
        given = self.read(ErasureIn)
        days = self.authority.settings.erasure_days
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            found = await service.request_erasure(db, learner, given.confirm, days)
        self.reply(ErasureOut.of(found), status=202)

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        learner = await self.learner()
        self.check_in_person()
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            found = await service.cancel_erasure(db, learner.id)
        self.reply(ErasureOut.of(found))


ROUTES = [
    Route(
        "me/erasure",
        ErasureHandler,
        (
            Operation(
                method="GET",
                summary="Whether one's own account is to be erased, and when",
                response=MyErasure,
                errors=COMMON,
            ),
            Operation(
                method="POST",
                summary="Ask for one's own account to be erased; confirmed by one's user name",
                request=ErasureIn,
                response=ErasureOut,
                status=(202,),
                records=("privacy.erasure.requested",),
                errors=(
                    *(errors.NotJson, errors.InvalidFields, errors.NotAllowed),
                    *(errors.TooManyRequests, *COMMON),
                ),
            ),
            Operation(
                method="DELETE",
                summary="Take the request back, before it is due",
                response=ErasureOut,
                records=("privacy.erasure.cancelled",),
                errors=(
                    *(errors.ErasureNotOpen, errors.NotAllowed, errors.TooManyRequests),
                    *COMMON,
                ),
            ),
        ),
    ),
]
