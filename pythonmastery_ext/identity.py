"""Who is calling, and what they may do.

`local`: whoever may use this Jupyter server is its one learner. `authority`: the hub says whose
token it is. Both take tokens of our own sessions too. Nothing here reads the body of a request.
"""

import asyncio
import hmac
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.identity import IdentityProvider, User
from tornado.web import RequestHandler
from traitlets import Unicode

from pythonmastery_ext.errors import Unavailable
from pythonmastery_ext.schema import ROLES, Role

log = logging.getLogger(__name__)

#: How far a token may go, in the order of the roles; each holds those before it.
SCOPES = ("submit", "teach", "admin")
#: What the hub writes before our scopes.
HUB_SCOPE = "custom:pythonmastery:"
#: What a hub token must hold before any of its requests is carried out.
SUBMIT_SCOPE = HUB_SCOPE + SCOPES[0]
#: Addresses for the hub itself.
HUB_RESOURCE = "pythonmastery:hub"
#: What a learner's own token never holds.
MORE = frozenset(HUB_SCOPE + scope for scope in SCOPES[1:])
READING = ("GET", "HEAD", "OPTIONS")
#: How a token of one of our sessions begins; the hub's are hexadecimal.
SESSION_PREFIX = "pm_"
#: Seconds for which the hub's answer about a token is believed.
FRESH = 30.0
#: Seconds for which it is still used while the hub does not answer.
STALE = 900.0
#: Seconds that a learner waits for it: a class that submits at once must not queue at the hub.
SLOW = 0.3
#: Seconds for which a hub that did not answer in time is not asked again.
PAUSE = 5.0
#: Entries; a class of hundreds with several tokens each stays below it.
LARGEST_CACHE = 5000
LOCAL_USERNAME = "local"


@dataclass(frozen=True)
class Learner:
    """A person with their row in `app_user`."""

    id: int
    username: str
    display_name: str | None
    role: str


@dataclass(frozen=True)
class Person:
    """A person as the identity provider knows them."""

    username: str
    display_name: str | None = None


@dataclass
class HubUser(User):
    """The owner of a hub token."""

    scopes: frozenset[str] = field(default_factory=frozenset)


@dataclass
class SessionUser(HubUser):
    """The owner of a session of ours; its scopes are spelled as the hub spells them."""

    session_id: int = 0


@dataclass
class HubItself(User):
    """Whoever holds the service's own token: the hub, which tells who its people are."""


#: Whose session a token opens; None if it opens none (any more).
SessionLookup = Callable[[str, RequestHandler], Awaitable[SessionUser | None]]
#: What the hub makes of a person right now; HubAway.
RoleLookup = Callable[[str], Awaitable[Role]]


def capped(learner: Learner, user: User) -> Learner:
    """The learner with no more rights than the token holds.

    A hub token lies in a server's environment, where any notebook that its owner runs can read it.
    """
    if not isinstance(user, HubUser):
        return learner
    held = [n for n, scope in enumerate(SCOPES) if HUB_SCOPE + scope in user.scopes]
    most = min(ROLES.index(learner.role), max(held, default=0))
    return replace(learner, role=ROLES[most])


def local_person(user: User) -> Person:
    """One fixed person: with token auth Jupyter invents a new anonymous user for each request."""
    return hub_person(user) if isinstance(user, SessionUser) else Person(LOCAL_USERNAME)


def hub_person(user: User) -> Person:
    shown = user.display_name if user.display_name != user.username else None
    return Person(user.username, shown)


def bearer(handler: RequestHandler) -> str | None:
    """The token in the Authorization header, whichever of the two words is before it."""
    header = handler.request.headers.get("Authorization", "")
    match = IdentityProvider.auth_header_pat.match(header)
    return match.group(2).strip() if match else None


class HubIdentityProvider(IdentityProvider):
    """Asks the hub whose token came in the Authorization header; knows no cookies, so no XSRF."""

    hub_api_url = Unicode(help="Address of the hub's API")
    service_token = Unicode(help="The service's own token at the hub")
    #: Set where there is a database with sessions.
    sessions: SessionLookup | None = None
    #: Set where the service has a token of its own at the hub.
    role_of: RoleLookup | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._known: dict[str, tuple[float, HubUser | None]] = {}
        #: Token → the question that is under way; a page has many calls at once.
        self._asking: dict[str, asyncio.Task[HubUser | None]] = {}
        self._hung = float("-inf")
        self._client = httpx.AsyncClient(timeout=10, trust_env=False)

    async def get_user(self, handler: RequestHandler) -> User | None:
        token = bearer(handler)
        if token is None:
            return None
        user: User | None
        if token.startswith(SESSION_PREFIX):
            # Never told to the hub, whose tokens have another form.
            user = await self._session(token, handler)
        elif self.service_token and hmac.compare_digest(
            token.encode(), self.service_token.encode()
        ):
            user = HubItself(username="hub")
        else:
            user = await self._owner(token, writes=handler.request.method not in READING)
        # Jupyter's handlers read this to decide that no XSRF cookie is needed.
        handler._token_authenticated = user is not None  # type: ignore[attr-defined]
        return user

    async def _session(self, token: str, handler: RequestHandler) -> SessionUser | None:
        user = await self.sessions(token, handler) if self.sessions else None
        writes = handler.request.method not in READING
        if user is None or self.role_of is None or not (writes and MORE & user.scopes):
            return user
        role = await self.role_of(user.username)
        held = {HUB_SCOPE + scope for scope in SCOPES[: ROLES.index(role) + 1]}
        return replace(user, scopes=user.scopes & held)

    async def _owner(self, token: str, *, writes: bool) -> HubUser | None:
        checked, user = self._known.get(token, (float("-inf"), None))
        age = time.monotonic() - checked
        more = user is not None and bool(MORE & user.scopes)
        try:
            if writes and more:
                # Who may change things for others is asked for each time, and never guessed.
                age = float("inf")
                return await self._look(token)
            if age < FRESH:
                return user
            plain = user is not None and not more and age < STALE
            async with asyncio.timeout(SLOW if plain else None):
                # Goes on when nobody waits any more: its answer counts for the next request.
                return await asyncio.shield(self._question(token))
        except TimeoutError:
            return user
        except httpx.HTTPError as error:
            if age < STALE:
                return user
            raise Unavailable(
                "JupyterHub cannot be reached to check who you are; try again in a moment.",
                retry_after=5,
            ) from error

    def _question(self, token: str) -> asyncio.Task[HubUser | None]:
        """The one that is under way about this token, or a new one."""
        if token not in self._asking:
            self._asking[token] = asyncio.create_task(self._look(token))
            self._asking[token].add_done_callback(lambda done: self._answered(token, done))
        return self._asking[token]

    def _answered(self, token: str, asked: asyncio.Task[HubUser | None]) -> None:
        del self._asking[token]
        if not asked.cancelled() and (error := asked.exception()) is not None:
            log.debug("the hub was asked in vain: %s", error)

    async def _look(self, token: str) -> HubUser | None:
        user = await self._ask(token)
        self._known.pop(token, None)
        if len(self._known) >= LARGEST_CACHE:
            # The one that was checked longest ago: guessed tokens must not drive out all others.
            del self._known[next(iter(self._known))]
        self._known[token] = (time.monotonic(), user)
        return user

    async def _ask(self, token: str) -> HubUser | None:
        if time.monotonic() - self._hung < PAUSE:
            raise httpx.PoolTimeout("the hub did not answer the last request in time")
        try:
            answer = await self._client.get(
                f"{self.hub_api_url.rstrip('/')}/user", headers={"Authorization": f"token {token}"}
            )
        except httpx.TimeoutException:
            self._hung = time.monotonic()
            raise
        if answer.status_code in (401, 403):
            return None
        # Anything else, such as a proxy's 404 while the hub restarts, says nothing of the token.
        answer.raise_for_status()
        try:
            data = answer.json()
        except ValueError as error:
            raise httpx.DecodingError("the hub's answer is not JSON") from error
        if data.get("kind") != "user":
            return None
        return HubUser(username=data["name"], scopes=frozenset(data.get("scopes", ())))

    async def close(self) -> None:
        for asked in self._asking.values():
            asked.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)
        await self._client.aclose()


class HubAuthorizer(Authorizer):
    """A token without the course's scope may do nothing here, and the hub's own only tell."""

    def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:
        if resource == HUB_RESOURCE or isinstance(user, HubItself):
            return resource == HUB_RESOURCE and isinstance(user, HubItself)
        return isinstance(user, HubUser) and SUBMIT_SCOPE in user.scopes
