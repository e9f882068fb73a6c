"""Forwards a call as the owner of this server. Runs as the student, so it holds nothing secret.

Imports no database, grader or tutor: a student can read everything in this process.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

import httpx
from jupyter_server.auth.decorator import authorized
from tornado import web

from pythonmastery_ext import __version__
from pythonmastery_ext.config import Settings
from pythonmastery_ext.errors import AuthorityAway, NotFound, ServerSignedOut
from pythonmastery_ext.schema import GraderStatus, LearnerOut, StatusOut, TutorStatus
from pythonmastery_ext.web import PREFIX, ApiHandler

#: Key of the Tornado settings under which the handler finds its relay.
RELAY = "pythonmastery_relay"
#: All that is handed on; never a cookie, never the Authorization of the browser.
REQUEST_HEADERS = ("Accept", "Content-Type", "Last-Event-ID")
ANSWER_HEADERS = (
    "Content-Type",
    "Content-Disposition",
    "Cache-Control",
    "Retry-After",
    "X-Accel-Buffering",
)
#: Seconds of silence after which the service is given up. Streams have a heartbeat every 15 s; a
#: page waits for the status before it shows anything, and the service gives its database 5 s.
PATIENCE, STATUS_PATIENCE, STREAM_PATIENCE = 15.0, 6.0, 60.0
STATUS, STREAM = "status", "text/event-stream"
RETRY_AFTER = 5
SILENT = (
    "The PythonMastery service does not answer; your work is safe. "
    "If this lasts for minutes, tell whoever runs the course."
)
#: Bytes; most answers are smaller, and streams do not tell their size.
WHOLE = 256 * 1024
#: The authority's answer to a token that the hub does not know (any more).
UNKNOWN = 401


class Relay:
    """The connection pool to the authority; without a limit, since each event stream takes one."""

    def __init__(self, settings: Settings) -> None:
        self._root = settings.authority_url.rstrip("/") + "/" + PREFIX
        self._named = bool(settings.authority_url)
        self._token = settings.hub_token
        self._client: httpx.AsyncClient | None = None

    def begin(self) -> None:
        """A proxy from the environment would be given the token, so none is used."""
        self._client = httpx.AsyncClient(
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
            trust_env=False,
            follow_redirects=False,
        )

    async def stop(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> httpx.Response:
        """The answer with its body still to be read; AuthorityAway."""
        if not self._named:
            raise AuthorityAway(
                "This server does not know where the PythonMastery service is; "
                "whoever runs it has to set PYTHONMASTERY_AUTHORITY_URL."
            )
        if self._client is None:
            raise AuthorityAway(retry_after=RETRY_AFTER)
        request = self._client.build_request(
            method,
            self._root + path,
            content=body,
            timeout=httpx.Timeout(_patience(path, headers), connect=5.0, pool=None),
            headers=httpx.Headers(
                {
                    **headers,
                    "Authorization": f"token {self._token}",
                    # What is read is written to the browser as it is.
                    "Accept-Encoding": "identity",
                },
                # As Tornado read them; a browser may send any byte.
                encoding="latin-1",
            ),
        )
        try:
            return await self._client.send(request, stream=True)
        except httpx.TransportError as error:
            raise _away(error) from error


class RelayHandler(ApiHandler):
    """Every address of the API; Jupyter Server has checked the caller and the XSRF token."""

    auth_resource = "pythonmastery"

    @web.authenticated
    @authorized
    async def get(self, path: str) -> None:
        try:
            await self._forward(path)
        except AuthorityAway as error:
            if path != STATUS:
                raise
            self.reply(self._away(error.message))

    @web.authenticated
    @authorized
    async def post(self, path: str) -> None:
        await self._forward(path)

    @web.authenticated
    @authorized
    async def put(self, path: str) -> None:
        await self._forward(path)

    @web.authenticated
    @authorized
    async def patch(self, path: str) -> None:
        await self._forward(path)

    @web.authenticated
    @authorized
    async def delete(self, path: str) -> None:
        await self._forward(path)

    async def _forward(self, path: str) -> None:
        relay: Relay = self.settings[RELAY]
        async with self.until_client_goes():
            answer = await relay.send(
                self.request.method or "GET",
                self._address(path),
                self._request_headers(),
                self.request.body,
            )
            try:
                if answer.status_code == UNKNOWN:
                    # The browser's own sign-in was good: signing in again would not help.
                    raise ServerSignedOut
                await self._copy(answer)
            finally:
                await answer.aclose()

    def _address(self, path: str) -> str:
        """Path and query as they came, without a token of this server; NotFound for `..`."""
        raw, _, query = self.request.uri.partition("?") if self.request.uri else ("", "", "")
        rest = raw.split(PREFIX, 1)[1]
        if ".." in path.split("/") or re.search(r"%2e|%2f|%5c|\\", rest, re.IGNORECASE):
            raise NotFound
        kept = [part for part in query.split("&") if part and _name(part) != "token"]
        return rest + ("?" + "&".join(kept) if kept else "")

    def _request_headers(self) -> dict[str, str]:
        given = self.request.headers
        return {
            "X-Request-Id": self.request_id,
            **{name: given[name] for name in REQUEST_HEADERS if name in given},
        }

    async def _copy(self, answer: httpx.Response) -> None:
        self.set_status(answer.status_code)
        for name in ANSWER_HEADERS:
            if name in answer.headers:
                self.set_header(name, answer.headers[name])
        kind = answer.headers.get("Content-Type", "application/json")
        if int(answer.headers.get("Content-Length", WHOLE + 1)) <= WHOLE:
            await self._copy_whole(answer, kind)
            return
        try:
            async for chunk in answer.aiter_raw():
                self.write(chunk)
                await self.flush()
        except httpx.TransportError as error:
            if not self._headers_written:
                raise _away(error) from error
            # Half of an answer must not look like a whole one.
            self.log.warning("the authority broke off in request %s", self.request_id)
            if self.request.connection is not None and hasattr(self.request.connection, "stream"):
                self.request.connection.stream.close()
            return
        self.finish(set_content_type=kind)

    async def _copy_whole(self, answer: httpx.Response, kind: str) -> None:
        """In one piece, which is quicker than a head and a body by themselves."""
        try:
            body = await answer.aread()
        except httpx.TransportError as error:
            raise _away(error) from error
        self.finish(body, set_content_type=kind)

    def compute_etag(self) -> None:
        """Nothing is kept by anybody on the way."""

    def _away(self, why: str) -> StatusOut:
        return StatusOut(
            role="relay",
            version=__version__,
            ready=False,
            detail=why,
            grader=GraderStatus(state="starting", level=None, why=why),
            tutor=TutorStatus(available=False, model=None, why=why, remaining_today=None),
            learner=LearnerOut(
                username=self.current_user.username,
                display_name=self.current_user.display_name,
                role="student",
            ),
        )


def _patience(path: str, headers: Mapping[str, str]) -> float:
    if STREAM in headers.get("Accept", ""):
        return STREAM_PATIENCE
    return STATUS_PATIENCE if path.partition("?")[0] == STATUS else PATIENCE


def _away(error: httpx.TransportError) -> AuthorityAway:
    """A service that hangs takes connections all the same, and says nothing."""
    hangs = isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout)
    return AuthorityAway(SILENT if hangs else None, retry_after=RETRY_AFTER)


def _name(parameter: str) -> str:
    return unquote_plus(parameter.split("=")[0])


def handlers() -> list[tuple[str, Any]]:
    """Patterns without base_url, which Jupyter puts before them."""
    return [("/" + PREFIX + "(.*)", RelayHandler)]
