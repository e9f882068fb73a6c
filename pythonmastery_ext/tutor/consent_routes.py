"""The question whether Gemini may be asked, and the learner's answer to it."""

from jupyter_server.auth.decorator import authorized
from tornado import web

from pythonmastery_ext import errors
from pythonmastery_ext.tutor import consent
from pythonmastery_ext.tutor.schema import ConsentIn, ConsentOut
from pythonmastery_ext.web import ApiHandler, Operation, Route

COMMON = (errors.Starting, errors.DatabaseAway)


class ConsentHandler(ApiHandler):
    auth_resource = "pythonmastery:tutor"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        learner = await self.learner()
        needed = self.authority.tutor.needs_consent
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            found = await consent.shown(db, learner.id, needed=needed)
        self.reply(found)

    @web.authenticated
    @authorized
    async def put(self) -> None:
        learner = await self.learner()
        given = self.read(ConsentIn)
        needed = self.authority.tutor.needs_consent
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            await consent.decide(db, learner.id, given.version, agreed=given.agreed)
            found = await consent.shown(db, learner.id, needed=needed)
        self.reply(found)


ROUTES = [
    Route(
        "tutor/consent",
        ConsentHandler,
        (
            Operation(
                method="GET",
                summary="What would be sent to whom, and what the learner said to it",
                response=ConsentOut,
                errors=COMMON,
            ),
            Operation(
                method="PUT",
                summary="Agree that questions go to the AI, or take that back",
                request=ConsentIn,
                response=ConsentOut,
                records=("tutor.consent",),
                errors=(errors.NotJson, errors.InvalidFields, errors.TooManyRequests, *COMMON),
            ),
        ),
    ),
]
