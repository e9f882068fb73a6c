"""One's own profile and sessions."""

from jupyter_server.auth.decorator import authorized
from sqlalchemy.ext.asyncio import AsyncSession
from tornado import web

from pythonmastery_ext import errors
from pythonmastery_ext.accounts import profiles, sessions
from pythonmastery_ext.accounts.schema import (
    ProfileIn,
    ProfileOut,
    SessionIn,
    SessionMade,
    SessionOut,
    SessionsOut,
)
from pythonmastery_ext.identity import SessionUser
from pythonmastery_ext.web import ApiHandler, Operation, Route

COMMON = (errors.Starting, errors.DatabaseAway)
WRONG = (errors.NotJson, errors.InvalidFields)


class ProfileHandler(ApiHandler):
    auth_resource = "pythonmastery:profile"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        learner = await self.learner()

        async def read() -> ProfileOut:
            async with self.authority.db.transaction(as_learner=learner.id) as db:
                return await profiles.profile(db, self.authority.keyring, learner.id)

        self.reply(await profiles.PROFILES.get(learner.id, read))

    @web.authenticated
    @authorized
    async def patch(self) -> None:
        learner = await self.learner()
        draft = self.read(ProfileIn)

        async def work(db: AsyncSession) -> ProfileOut:
            return await profiles.change(db, self.authority.keyring, learner.id, draft)

        self.reply(await self.authority.db.retry(work, as_learner=learner.id))


class SessionsHandler(ApiHandler):
    """A session's token may look here, but makes no other session: a stolen one would live on."""

    auth_resource = "pythonmastery:sessions"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        learner = await self.learner()
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            found = await sessions.listing(db, learner.id)
        self.reply(SessionsOut(sessions=found))

    @web.authenticated
    @authorized
    async def post(self) -> None:
        learner = await self.learner()
        if isinstance(self.current_user, SessionUser):
            raise errors.NotAllowed(
                "The token of a session makes no other; sign in where you made this one."
            )
        draft = self.read(SessionIn)
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            made, token = await sessions.create(
                db, learner.id, draft, learner.role, actor=learner.id
            )
        self.reply(SessionMade(session=made, token=token), status=201)


class SessionHandler(ApiHandler):
    """A session's token ends itself only: a stolen one shuts nobody out."""

    auth_resource = "pythonmastery:sessions"

    @web.authenticated
    @authorized
    async def delete(self, id: str) -> None:  # noqa: A002
        learner, session_id, user = await self.learner(), sessions.number(id), self.current_user
        if isinstance(user, SessionUser) and user.session_id != session_id:
            raise errors.NotAllowed("The token of a session can end this session only.")
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            ended = await sessions.revoke(db, learner.id, session_id, actor=learner.id)
        self.reply(ended)


ROUTES = [
    Route(
        "me/profile",
        ProfileHandler,
        (
            Operation(
                method="GET",
                summary="What the learner has chosen about themselves",
                response=ProfileOut,
                errors=COMMON,
            ),
            Operation(
                method="PATCH",
                summary="Change some of it; `seen` guards against another window's change",
                request=ProfileIn,
                response=ProfileOut,
                records=("profile.changed",),
                errors=(*WRONG, errors.ProfileChanged, *COMMON),
            ),
        ),
    ),
    Route(
        "me/sessions",
        SessionsHandler,
        (
            Operation(
                method="GET",
                summary="Sessions of kernels and command lines, active ones first",
                response=SessionsOut,
                errors=COMMON,
            ),
            Operation(
                method="POST",
                summary="Make a session; its token is in this answer and nowhere else",
                request=SessionIn,
                response=SessionMade,
                status=(201,),
                records=("session.created",),
                errors=(*WRONG, errors.NotAllowed, errors.TooManySessions, *COMMON),
            ),
        ),
    ),
    Route(
        "me/sessions/{id}",
        SessionHandler,
        (
            Operation(
                method="DELETE",
                summary="End a session at once",
                response=SessionOut,
                records=("session.revoked",),
                errors=(errors.NotAllowed, errors.UnknownSession, *COMMON),
            ),
        ),
    ),
]
