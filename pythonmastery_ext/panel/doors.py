"""Coming in and going out: by the hub, and recorded for those who are more than learners."""

from typing import Any

from jupyterhub.services.auth import HubOAuthCallbackHandler

from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.identity import HubUser
from pythonmastery_ext.panel.base import PageHandler
from pythonmastery_ext.panel.looks import Looks


class CallbackHandler(Looks, HubOAuthCallbackHandler):
    """Where the hub sends a browser back to; JupyterHub's own, with our pages for what fails."""

    #: The token of this sign-in, and where it leads once it is recorded.
    given: str | None = None
    onward: str = ""

    async def get(self) -> None:
        """Nobody who runs the course comes in without a record."""
        await super().get()
        if self.given is not None:
            try:
                await self._record(self.given)
            except Exception:
                self.hub_auth.clear_cookie(self)
                raise
        super().redirect(self.onward)

    def redirect(self, url: str, *_: Any, **__: Any) -> None:
        """At the end."""
        self.onward = url

    async def _record(self, token: str) -> None:
        person = await self.hub_auth.owner(self, token, fresh=True)
        if person is None or person.role == "student":
            return
        user = HubUser(username=person.username, scopes=person.scopes)
        learner = await self.authority.learner(user)
        async with self.authority.db.transaction() as db:
            await audit.signed_in(db, learner.id)


class SignOutPage(PageHandler):
    """Records it, and leads to the hub, which ends the sign-in everywhere."""

    at_least = "student"

    async def get(self) -> None:
        if self.role != "student":
            async with self.authority.db.transaction() as db:
                await audit.signed_out(db, self.person.id)
        self.hub_auth.forget(self)
        self.redirect(f"{self.hub_auth.hub_host}{self.hub_auth.hub_prefix}logout")


PAGES: list[tuple[str, Any]] = [
    ("oauth_callback", CallbackHandler),
    ("sign-out", SignOutPage),
]
