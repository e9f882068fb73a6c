"""Whom each request is from, and the end of what somebody has open who may no longer have it."""

import asyncio
import logging
from collections.abc import Callable
from weakref import WeakKeyDictionary

from jupyter_server.auth.identity import User
from tornado.web import RequestHandler

from pythonmastery_ext.accounts import sessions
from pythonmastery_ext.accounts.people import PEOPLE
from pythonmastery_ext.accounts.service import learner_for, still_open
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import Unavailable
from pythonmastery_ext.identity import Learner, Person, SessionUser, capped

log = logging.getLogger(__name__)

#: Seconds between looks at whose requests go on; an event stream goes on for hours.
LOOK_AGAIN = 3.0


class SignIn:
    """Of one process."""

    def __init__(self, db: Database, keyring: Keyring, person: Callable[[User], Person]) -> None:
        self._db = db
        self._keyring = keyring
        self._person = person
        #: Request that goes on → the session that it came with, and the learner whose stream it is.
        self._open: WeakKeyDictionary[RequestHandler, int] = WeakKeyDictionary()
        self._streams: WeakKeyDictionary[RequestHandler, int] = WeakKeyDictionary()
        self._looking: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._looking = asyncio.create_task(self._look(), name="pythonmastery sessions")

    async def stop(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def learner(self, user: User) -> Learner:
        """With their row, and no more rights than what they signed in with; AccountLocked."""
        return capped(await self._known(user), user)

    async def teaches(self, user: User) -> bool:
        """Whatever they signed in with: it opens nothing, but says where to go."""
        return (await self._known(user)).role != "student"

    async def _known(self, user: User) -> Learner:
        person = self._person(user)

        async def find() -> Learner:
            async with self._db.transaction() as db:
                return await learner_for(db, person, self._keyring)

        return await PEOPLE.get(person.username, find)

    def watch(self, stream: RequestHandler, learner: Learner) -> None:
        """Ends it when the learner is locked out."""
        self._streams[stream] = learner.id

    async def session_user(self, token: str, handler: RequestHandler) -> SessionUser | None:
        """Whose session this token opens, looked up each time."""
        async with self._db.transaction() as db:
            user = await sessions.owner_of(db, token)
        if user is not None:
            self._open[handler] = user.session_id
        return user

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            try:
                await self._close_ended()
            except Unavailable as error:
                log.debug("cannot look at the sessions now: %s", error)
            except Exception:
                log.exception("the look at the sessions failed")

    async def _close_ended(self) -> None:
        self._open, self._streams = _going_on(self._open), _going_on(self._streams)
        owned, followed = dict(self._open), dict(self._streams)
        if not owned and not followed:
            return
        async with self._db.transaction() as db:
            active = await sessions.active(db, set(owned.values()))
            welcome = await still_open(db, set(followed.values()))
        ended = {handler for handler, session_id in owned.items() if session_id not in active}
        ended |= {handler for handler, learner in followed.items() if learner not in welcome}
        for handler in ended:
            # As if the client had gone, which is what every handler that waits listens for.
            handler.on_connection_close()


def _going_on(
    handlers: WeakKeyDictionary[RequestHandler, int],
) -> WeakKeyDictionary[RequestHandler, int]:
    return WeakKeyDictionary({h: owner for h, owner in handlers.items() if not h._finished})
