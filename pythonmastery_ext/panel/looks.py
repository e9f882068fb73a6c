"""The hub's look around a page, the headers that fence it, and refusals as pages of the same look.

Knows no database: it also has to work when there is none.
"""

import logging
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from jupyterhub.services.auth import HubOAuthenticated
from tornado.web import HTTPError, MissingArgumentError, RequestHandler

from pythonmastery_ext import errors
from pythonmastery_ext.errors import Refusal
from pythonmastery_ext.panel import navigation
from pythonmastery_ext.panel.rendering import linked, render
from pythonmastery_ext.panel.sign_in import HubSignIn, SignedIn
from pythonmastery_ext.schema import Role
from pythonmastery_ext.web import AUTHORITY

if TYPE_CHECKING:
    from pythonmastery_ext.authority import Authority

log = logging.getLogger(__name__)

#: Key of the Tornado settings under which pages find the hub's client.
SIGN_IN = "pythonmastery_sign_in"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "font-src 'self'",
        # Bootstrap's own little pictures.
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
TITLES = {
    400: "This cannot be done",
    401: "You are not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "This cannot be done",
    409: "This cannot be done now",
    422: "Something is missing or wrong",
    429: "Too often",
    503: "Not available right now",
}


class Looks(HubOAuthenticated, RequestHandler):
    """Not yet signed in."""

    hub_auth: HubSignIn
    authority: "Authority"
    signed_in: SignedIn | None = None

    def initialize(self) -> None:
        self.hub_auth = self.settings[SIGN_IN]
        self.authority = self.settings[AUTHORITY]
        self.request_id = uuid4().hex

    def get_current_user(self) -> bool:
        """For JupyterHub's XSRF cookie and its callback alone: pages ask the hub themselves.

        Its own form asks the hub in a thread while the event loop waits, and where the cookie of
        the form is missing, that thread waits for itself.
        """
        return bool(self.hub_auth._get_token_cookie(self))

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Frame-Options", "DENY")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")

    @property
    def base_url(self) -> str:
        found: str = self.hub_auth.base_url
        return found

    @property
    def role(self) -> Role:
        return self.signed_in.role if self.signed_in is not None else "student"

    @property
    def cookie_rules(self) -> dict[str, Any]:
        """Of cookies of the pages beside the sign-in."""
        return {
            "path": self.base_url,
            "httponly": True,
            "samesite": "Lax",
            "secure": bool(self.hub_auth.cookie_options.get("secure", False)),
        }

    def rendered(self, template: str, **values: Any) -> str:
        hub = self.hub_auth.hub_host + self.hub_auth.hub_prefix
        own = ("panel.css", "panel.js")
        return render(
            template,
            {
                "base": self.base_url,
                "hub": hub,
                "style": linked(self.base_url, "hub", "css/style.min.css"),
                "own_style": linked(self.base_url, "own", own[0]),
                "own_script": linked(self.base_url, "own", own[1]),
                "favicon": linked(self.base_url, "hub", "favicon.ico"),
                "here": self.request.path,
                "address": self.request.uri if self.request.method == "GET" else "",
                "username": self.signed_in.username if self.signed_in else None,
                "role": self.role,
                "sections": navigation.sections(self.base_url, self.request.path, self.role),
                "pages": navigation.pages(self.base_url, self.request.path, self.role),
                "xsrf": self.xsrf_token.decode() if self.signed_in else "",
                "flash": None,
                **values,
            },
        )

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        refusal = _refusal(status_code, kwargs.get("exc_info"), signed_in=bool(self.signed_in))
        if refusal is None:
            status, message = status_code, "Something went wrong on our side; nothing was changed."
        else:
            status, message = refusal.status, refusal.message
        self.set_status(status)
        if status == 503:
            self.set_header("Retry-After", str((refusal and refusal.retry_after) or 5))
        self.finish(
            self.rendered(
                "error.html",
                status=status,
                title=TITLES.get(status, "Something went wrong"),
                message=message,
                fields=(refusal.fields if refusal else None) or [],
                nearest=navigation.nearest(self.base_url, self.request.path, self.role),
                request_id=self.request_id if refusal is None else None,
            )
        )

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if isinstance(value, Refusal):
            log.debug("%s %s: %s", self.request.method, self.request.path, value.code)
        elif isinstance(value, HTTPError):
            super().log_exception(typ, value, tb)
        else:
            log.error("page %s failed", self.request_id, exc_info=(typ, value, tb))


def _refusal(status: int, exc_info: Any, *, signed_in: bool) -> Refusal | None:
    """The refusal behind an exception; Tornado's own errors get one of ours."""
    error = exc_info[1] if exc_info else None
    if isinstance(error, Refusal):
        return error
    if isinstance(error, MissingArgumentError):
        return errors.InvalidFields()
    if status == 403:
        # Of a browser that is signed in it is the XSRF cookie that was missing or old.
        return errors.FormTooOld()
    if status in (500, 502) and isinstance(error, HTTPError) and not signed_in:
        return errors.HubAway(retry_after=5)
    known = {404: errors.NotFound, 405: errors.MethodNotAllowed}
    if status in known:
        return known[status]()
    return errors.BadRequest() if 400 <= status < 500 else None
