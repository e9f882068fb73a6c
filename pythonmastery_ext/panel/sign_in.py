"""Who looks at a page: HubOAuth, with a cookie of the service's own.

The API takes tokens and never looks at cookies; the pages take this cookie and never look at
tokens. So a token that lies in a server's environment opens no page.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from cryptography.fernet import Fernet, InvalidToken
from jupyterhub.services.auth import HubOAuth
from tornado.web import HTTPError, RequestHandler

from pythonmastery_ext.config import Settings
from pythonmastery_ext.errors import HubAway
from pythonmastery_ext.identity import HUB_SCOPE, LARGEST_CACHE, SCOPES, STALE
from pythonmastery_ext.schema import ROLES, Role

#: Characters of an address that a sign-in comes back to; a cookie holds no more than 4 KB.
LONGEST_NEXT = 1000
#: Seconds for an answer of the hub; what somebody asked for is not carried out minutes later.
HUB_PATIENCE = 10.0
#: Seconds in which further refusals of the same person are not recorded.
REFUSED_EVERY = 3600.0


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A person as the hub just told; while it is away, as it told lately."""

    username: str
    scopes: frozenset[str]
    #: By the scopes alone: the hub decides, and does so anew for each write.
    role: Role


class HubSignIn(HubOAuth):
    """JupyterHub's own client, with its memory taken out: any replica ends what another began."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._known: OrderedDict[tuple[str, str], tuple[float, SignedIn]] = OrderedDict()
        #: Name → when somebody was last turned away.
        self._refused: OrderedDict[str, float] = OrderedDict()

    async def _api_request(self, method: str, url: str, /, **kwargs: Any) -> Any:
        """All that the hub is asked, a token for a code too; HubAway if it hangs."""
        try:
            async with asyncio.timeout(HUB_PATIENCE):
                return await super()._api_request(method, url, **kwargs)
        except TimeoutError as error:
            raise HubAway(retry_after=5) from error

    def secret(self, purpose: str) -> bytes:
        """The same in all replicas, and another one when the service's token changes."""
        return hmac.digest(self.api_token.encode(), f"pythonmastery {purpose}".encode(), "sha256")

    @property
    def _sealing(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self.secret("sign-in")))

    def generate_state(self, next_url: str | None = None, **extra_state: Any) -> str:
        """All that has to be remembered until the hub sends the browser back, sealed."""
        state = {"next_url": self.own_page(next_url), **extra_state}
        return self._sealing.encrypt(json.dumps(state).encode()).decode()

    def _decode_state(self, state_id: str, /) -> dict[str, Any]:
        try:
            opened = self._sealing.decrypt(state_id.encode(), ttl=self.oauth_state_max_age)
        except (InvalidToken, UnicodeEncodeError):
            return {}
        found: dict[str, Any] = json.loads(opened)
        return found

    def clear_oauth_state(self, state_id: str) -> None:
        """Nothing is kept: the browser's cookie is taken away, and the hub's code works once."""

    def own_page(self, address: str | None) -> str:
        """The address if it is one of our pages, else where they begin: never another site."""
        parts = urlsplit(address or "")
        # Browsers take %2e%2e for two dots, and some proxies read what was written twice.
        path = unquote(unquote(parts.path))
        # Of the address too: splitting has taken line ends out of its parts.
        printable = (address or "").isprintable() and path.isprintable()
        plain = not (parts.scheme or parts.netloc) and "\\" not in path and printable
        inside = parts.path.startswith(self.base_url) and ".." not in path
        short = len(address or "") <= LONGEST_NEXT
        return address if address and plain and inside and short else self.base_url

    async def who(self, handler: RequestHandler, *, fresh: bool) -> SignedIn | None:
        """The person of the cookie, by what the hub says now: who signs out there, is out here.

        Without a hub those who were known in the last minutes may go on reading, unless `fresh`;
        else HubAway.
        """
        token = self._get_token_cookie(handler)
        return await self.owner(handler, token, fresh=fresh) if token else None

    async def owner(self, handler: RequestHandler, token: str, *, fresh: bool) -> SignedIn | None:
        """The same of a token that this browser brings or has just been given."""
        session, key = self._place(handler, token)
        asked, known = self._known.get(key, (float("-inf"), None))
        age = time.monotonic() - asked
        try:
            model = await self.user_for_token(
                token, use_cache=False, session_id=session, sync=False
            )
        except (HTTPError, HubAway) as error:
            if known is not None and age < STALE and not fresh:
                return known
            raise HubAway(retry_after=5) from error
        self._known.pop(key, None)
        person = self._person(model)
        if person is not None:
            if len(self._known) >= LARGEST_CACHE:
                self._known.popitem(last=False)
            self._known[key] = time.monotonic(), person
        return person

    def _place(self, handler: RequestHandler, token: str) -> tuple[str, tuple[str, str]]:
        """The browser's session at the hub, and what is known of the token under."""
        session = self.get_session_id(handler)
        return session, (session, hashlib.sha256(token.encode()).hexdigest())

    def set_cookie(self, handler: Any, access_token: str) -> None:
        super().set_cookie(handler, access_token)
        handler.given = access_token

    def forget(self, handler: RequestHandler) -> None:
        """The sign-in of this browser, here; at the hub it goes on."""
        if token := self._get_token_cookie(handler):
            self._known.pop(self._place(handler, token)[1], None)
        self.clear_cookie(handler)

    def first_refusal(self, username: str) -> bool:
        """Whether nobody of this name was turned away here in the last hour."""
        now = time.monotonic()
        if now - self._refused.get(username, float("-inf")) < REFUSED_EVERY:
            return False
        if len(self._refused) >= LARGEST_CACHE:
            self._refused.popitem(last=False)
        self._refused[username] = now
        self._refused.move_to_end(username)
        return True

    def _person(self, model: dict[str, Any] | None) -> SignedIn | None:
        if model is None or model.get("kind") != "user":
            return None
        scopes = frozenset(model.get("scopes", ()))
        if self.access_scopes and not self.check_scopes(self.access_scopes, model):
            return SignedIn(username=model["name"], scopes=frozenset(), role=ROLES[0])
        held = [n for n, scope in enumerate(SCOPES) if HUB_SCOPE + scope in scopes]
        return SignedIn(username=model["name"], scopes=scopes, role=ROLES[max(held, default=0)])


def hub_sign_in(settings: Settings, base_url: str) -> HubSignIn:
    secure = settings.hub_public_url.startswith("https://")
    return HubSignIn(
        api_url=settings.hub_api_url,
        api_token=settings.hub_token,
        base_url=base_url,
        hub_host=settings.hub_host,
        hub_prefix=settings.hub_base_url.rstrip("/") + "/hub/",
        oauth_client_id=settings.hub_client_id,
        oauth_redirect_uri=settings.hub_callback_url or base_url.rstrip("/") + "/oauth_callback",
        access_scopes={f"access:services!service={settings.hub_service}"},
        cookie_options={"samesite": "Lax", **({"secure": True} if secure else {})},
        cookie_host_prefix_enabled=settings.hub_cookie_host_prefix,
        allow_token_in_url=False,
    )
