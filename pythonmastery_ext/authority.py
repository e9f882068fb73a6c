"""The composition root: database, queue, grader, tutor and routes of one process."""

import asyncio
import logging
import re
from typing import Any, Literal

from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.utils import url_path_join
from tornado.web import Application, RequestHandler

from pythonmastery_ext import __version__, health, status
from pythonmastery_ext.accounts.signing_in import SignIn
from pythonmastery_ext.api import EVENTS, ROUTES
from pythonmastery_ext.audit.stream import EventStream
from pythonmastery_ext.config import Settings
from pythonmastery_ext.db.cache import CACHES
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import DatabaseAway, Starting
from pythonmastery_ext.features.service import Features
from pythonmastery_ext.grading.client import GradingClient
from pythonmastery_ext.hub.following import Follower, follower
from pythonmastery_ext.identity import (
    HubIdentityProvider,
    Learner,
    SessionUser,
    hub_person,
    local_person,
)
from pythonmastery_ext.limits.buckets import Limiter
from pythonmastery_ext.metrics import Metrics
from pythonmastery_ext.privacy.desk import Desk
from pythonmastery_ext.schema import LearnerOut, StatusOut
from pythonmastery_ext.startup import Startup
from pythonmastery_ext.tutor import conversation as tutor_conversation
from pythonmastery_ext.tutor import service as tutor_service
from pythonmastery_ext.tutor.tutor import Tutor
from pythonmastery_ext.web import AUTHORITY, PREFIX
from pythonmastery_ext.worker import Worker

log = logging.getLogger(__name__)

#: Seconds between tries to start while something is missing that may come.
PAUSES = (1.0, 2.0, 4.0)


class Authority:
    """Everything that the handlers need, started in the background and stopped in order."""

    routes = ROUTES
    db: Database
    keyring: Keyring
    events: EventStream
    features: Features
    limits: Limiter
    desk: Desk
    sign_in: SignIn

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.grading = GradingClient(settings)
        self.tutor = Tutor(settings)
        self.worker: Worker | None = None
        self.metrics = Metrics(ROUTES)
        self.state: Literal["starting", "ready", "failed"] = "starting"
        #: What is being started, or why it cannot, in a sentence.
        self.detail: str | None = "The service is starting."
        self._person = local_person if settings.role == "local" else hub_person
        #: None where there is no hub.
        self.hub: Follower | None = follower(settings)
        self._startup = Startup(settings, self._say)
        self._starting: asyncio.Task[None] | None = None
        self._grader: asyncio.Task[None] | None = None
        self._stopping = False

    def begin(self) -> None:
        """Starts in the background; until it is ready the handlers answer Starting."""
        self._starting = asyncio.create_task(self.start(), name="pythonmastery start")

    async def start(self) -> None:
        """Tries until it succeeds: a database that is down now may come back."""
        tries = 0
        while not self._stopping:
            try:
                await self._start()
            except Exception as error:
                self._failed(error)
                await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
                tries += 1
            else:
                return

    def _failed(self, error: Exception) -> None:
        """A refusal of ours says all in its sentence; anything else is for the log only."""
        known = isinstance(error, DatabaseAway) or self._startup.is_known(error)
        why = str(error) if known else "something unexpected happened; the server's log tells what."
        self.state, self.detail = "failed", f"The service cannot start: {why}"
        log.error(self.detail, exc_info=None if known else error)

    async def _start(self) -> None:
        if self.settings.worker and (self._grader is None or self._grader.done()):
            # Needs no database, and is the longest part.
            self._grader = asyncio.create_task(self.grading.start(), name="pythonmastery grader")
        self.db = await self._startup.database()
        self.keyring = self._startup.keyring
        self.features = Features(self.db)
        self.limits = Limiter(self.db, self.settings.rate_limits)
        if hasattr(self, "events"):
            await self.events.stop()
            await self.sign_in.stop()
            await self.desk.stop()
        self.sign_in = SignIn(self.db, self.keyring, self._person)
        self.sign_in.start()
        self.events = EventStream(self.db, {kind: make for kind, (make, _) in EVENTS.items()})
        self.events.start()
        CACHES.follow(self.db)
        self.desk = Desk(self.db, self.keyring, self.settings)
        self.desk.start()
        if self.hub is not None:
            self.hub.start(self.db)
        await self.db.retry(lambda db: tutor_conversation.mend(db, self.tutor.abandoned_after))
        self.state, self.detail = "ready", None
        log.info("PythonMastery is ready.")
        if self._grader is not None:
            # What is sent in meanwhile waits.
            await self._grader
            self.worker = Worker(
                self.db, self.grading, concurrency=self.settings.grader_kernels + 1
            )
            self.worker.start()

    def _say(self, detail: str) -> None:
        self.state, self.detail = "starting", detail
        log.info(detail)

    async def stop(self) -> None:
        """In the reverse order of the start, however far that came."""
        self._stopping = True
        for task in filter(None, (self._starting, self._grader)):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self.hub is not None:
            await self.hub.stop()
        if self.worker is not None:
            await self.worker.stop()
        await self.grading.close()
        await self.tutor.close()
        if hasattr(self, "events"):
            await self.events.stop()
            await self.desk.stop()
            await self.sign_in.stop()
        await CACHES.stop()
        await self._startup.stop()

    def check_ready(self) -> None:
        if self.state != "ready":
            raise Starting(self.detail, retry_after=2)

    async def learner(self, user: User) -> Learner:
        """Starting until there is a database."""
        self.check_ready()
        return await self.sign_in.learner(user)

    async def session_user(self, token: str, handler: RequestHandler) -> SessionUser | None:
        """Whose session this token opens; Starting until there is a database."""
        self.check_ready()
        return await self.sign_in.session_user(token, handler)

    async def status(self, user: User) -> StatusOut:
        learner, detail = None, self.detail
        pages, remaining, no_tutor = None, None, None
        if self.state == "ready":
            try:
                async with asyncio.timeout(5):
                    learner = await self.learner(user)
                    pages = self.settings.pages if await self.sign_in.teaches(user) else None
                    tutor = (await self.features.current())["tutor"]
                    no_tutor = tutor.why
                    async with self.db.transaction(as_learner=learner.id) as db:
                        remaining = await tutor_service.remaining(
                            db, learner.id, self.tutor.most(tutor.amount)
                        )
            except (DatabaseAway, TimeoutError):
                detail = DatabaseAway().message
        person = self._person(user)
        return StatusOut(
            role=self.settings.role,
            version=__version__,
            ready=detail is None,
            detail=detail,
            grader=self.grading.status(),
            tutor=self.tutor.status(remaining, no_tutor),
            learner=LearnerOut.model_validate(
                learner
                or {
                    "username": person.username,
                    "display_name": person.display_name,
                    "role": "student",
                }
            ),
            pages=pages,
        )


def handlers(base_url: str) -> list[tuple[str, Any]]:
    """Patterns for Tornado, below `base_url`."""
    root = url_path_join(re.escape(base_url), PREFIX)
    return [
        *((root + route.pattern, route.handler) for route in ROUTES),
        (root + ".*", status.UnknownAddressHandler),
    ]


def make_app(
    authority: Authority,
    identity_provider: IdentityProvider,
    authorizer: Authorizer,
    base_url: str = "/",
) -> Application:
    """The handlers in a bare Tornado application: no files, no terminals, no cookies."""
    if isinstance(identity_provider, HubIdentityProvider):
        identity_provider.sessions = authority.session_user
        if authority.hub is not None:
            identity_provider.role_of = authority.hub.hub.role_of
    settings: dict[str, Any] = {
        AUTHORITY: authority,
        "base_url": base_url,
        "identity_provider": identity_provider,
        "authorizer": authorizer,
        # Reached by its service name in a cluster; without cookies a foreign page gains nothing.
        "allow_remote_access": True,
    }
    probes = health.handlers(base_url, lambda: authority.state == "ready")
    return Application([*probes, *handlers(base_url)], **settings)
