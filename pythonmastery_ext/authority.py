"""The composition root: database, queue, grader, tutor and routes of one process."""

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any, Literal

from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.utils import url_path_join
from tornado.web import Application, RequestHandler

from pythonmastery_ext import __version__, status
from pythonmastery_ext.accounts import routes as accounts
from pythonmastery_ext.accounts.signing_in import SignIn
from pythonmastery_ext.adaptive import routes as adaptive
from pythonmastery_ext.analytics import routes as analytics
from pythonmastery_ext.attempts import history
from pythonmastery_ext.attempts import routes as attempts
from pythonmastery_ext.attempts.schema import AttemptOut
from pythonmastery_ext.audit import routes as audit
from pythonmastery_ext.audit.stream import EventStream, Render
from pythonmastery_ext.config import Settings
from pythonmastery_ext.curriculum import routes as curriculum
from pythonmastery_ext.db.cache import CACHES
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import DatabaseAway, Starting
from pythonmastery_ext.grading.client import GradingClient
from pythonmastery_ext.hints import routes as hints
from pythonmastery_ext.hints import service as hints_service
from pythonmastery_ext.hints.schema import HintsOut
from pythonmastery_ext.identity import (
    HubIdentityProvider,
    Learner,
    SessionUser,
    hub_person,
    local_person,
)
from pythonmastery_ext.limits import routes as limits
from pythonmastery_ext.limits.buckets import Limiter
from pythonmastery_ext.metrics import ROUTES as METRICS_ROUTES
from pythonmastery_ext.metrics import Metrics
from pythonmastery_ext.privacy import routes as privacy
from pythonmastery_ext.privacy.desk import Desk
from pythonmastery_ext.progress import routes as progress
from pythonmastery_ext.progress import standing
from pythonmastery_ext.progress.schema import AchievementOut, ProgressOut
from pythonmastery_ext.schema import LearnerOut, StatusOut
from pythonmastery_ext.tutor import consent_routes as tutor_consent
from pythonmastery_ext.tutor import conversation as tutor_conversation
from pythonmastery_ext.tutor import routes as tutor
from pythonmastery_ext.tutor import search_routes as tutor_search
from pythonmastery_ext.tutor import service as tutor_service
from pythonmastery_ext.tutor.tutor import Tutor
from pythonmastery_ext.web import AUTHORITY, PREFIX
from pythonmastery_ext.worker import Worker

if TYPE_CHECKING:
    from pythonmastery_ext.web import Route

log = logging.getLogger(__name__)

#: Kind of a recorded event → how its data is made, and its shape.
EVENTS: dict[str, tuple[Render, type[Any]]] = {
    "attempt.submitted": (history.render, AttemptOut),
    "attempt.graded": (history.render, AttemptOut),
    "hint.opened": (hints_service.render, HintsOut),
    "progress.changed": (standing.render, ProgressOut),
    "achievement.earned": (standing.render_achievement, AchievementOut),
}

ROUTES: "list[Route]" = [
    *status.ROUTES,
    *accounts.ROUTES,
    *METRICS_ROUTES,
    *curriculum.ROUTES,
    *attempts.ROUTES,
    *hints.ROUTES,
    *progress.ROUTES,
    *adaptive.ROUTES,
    *analytics.ROUTES,
    *tutor.ROUTES,
    *tutor_consent.ROUTES,
    *tutor_search.ROUTES,
    *limits.ROUTES,
    *privacy.ROUTES,
    *audit.routes({kind: shape for kind, (_, shape) in EVENTS.items()}),
]

#: Seconds between tries to start while something is missing that may come.
PAUSES = (1.0, 2.0, 4.0)


class Authority:
    """Everything that the handlers need, started in the background and stopped in order."""

    routes = ROUTES
    db: Database
    keyring: Keyring
    events: EventStream
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
        # Imported here: printing the OpenAPI document needs no database server.
        from pythonmastery_ext.startup import Startup

        self._startup = Startup(settings, self._say)
        self._starting: asyncio.Task[None] | None = None
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
                self.state, self.detail = "ready", None
                log.info("PythonMastery is ready.")
                return

    def _failed(self, error: Exception) -> None:
        """A refusal of ours says all in its sentence; anything else is for the log only."""
        known = isinstance(error, DatabaseAway) or self._startup.is_known(error)
        why = str(error) if known else "something unexpected happened; the server's log tells what."
        self.state, self.detail = "failed", f"The service cannot start: {why}"
        log.error(self.detail, exc_info=None if known else error)

    async def _start(self) -> None:
        self.db = await self._startup.database()
        self.keyring = self._startup.keyring
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
        await self.db.retry(lambda db: tutor_conversation.mend(db, self.tutor.abandoned_after))
        self._say("Starting the grader.")
        if self.settings.worker:
            await self.grading.start()
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
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
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

    async def learner(self, user: User) -> Learner:
        """Starting until there is a database."""
        if self.state != "ready":
            raise Starting(self.detail, retry_after=2)
        return await self.sign_in.learner(user)

    async def session_user(self, token: str, handler: RequestHandler) -> SessionUser | None:
        """Whose session this token opens; Starting until there is a database."""
        if self.state != "ready":
            raise Starting(self.detail, retry_after=2)
        return await self.sign_in.session_user(token, handler)

    async def status(self, user: User) -> StatusOut:
        learner, detail = None, self.detail
        remaining: int | None = None
        if self.state == "ready":
            try:
                async with asyncio.timeout(5):
                    learner = await self.learner(user)
                    async with self.db.transaction(as_learner=learner.id) as db:
                        remaining = await tutor_service.remaining(
                            db, learner.id, self.settings.tutor_daily_messages
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
            tutor=self.tutor.status(remaining),
            learner=LearnerOut.model_validate(
                learner
                or {
                    "username": person.username,
                    "display_name": person.display_name,
                    "role": "student",
                }
            ),
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
    settings: dict[str, Any] = {
        AUTHORITY: authority,
        "base_url": base_url,
        "identity_provider": identity_provider,
        "authorizer": authorizer,
        # Reached by its service name in a cluster; without cookies a foreign page gains nothing.
        "allow_remote_access": True,
    }
    return Application(handlers(base_url), **settings)
