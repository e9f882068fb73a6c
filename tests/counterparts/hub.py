"""JupyterHub on loopback: tells whose a token is, and signs people in at pages, as the real one."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

SUBMIT = "custom:pythonmastery:submit"
TEACH = "custom:pythonmastery:teach"
ADMIN = "custom:pythonmastery:admin"
ACCESS = "access:services!service=pythonmastery"
#: The cookie of somebody who has signed in at this hub: their name.
SIGNED_IN = "person-at-the-hub"


@dataclass(frozen=True)
class Asked:
    """A sign-in at the pages that the hub has agreed to."""

    name: str
    redirect: str
    #: Of PKCE, S256.
    challenge: str


class Hub(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        #: Token → what the hub tells of its owner.
        self.owners: dict[str, dict[str, object]] = {}
        #: Tokens that were asked about.
        self.asked: list[str] = []
        #: Status and body of every answer, in place of the hub's own: a proxy, a hub that restarts.
        self.instead: tuple[int, bytes] | None = None
        #: Cleared while the hub is busy: it takes questions, and answers when this is set.
        self.answers = threading.Event()
        self.answers.set()
        #: Name → scopes of the tokens that the pages get.
        self.people: dict[str, tuple[str, ...]] = {}
        self.service_token = "token-of-the-service"
        #: Whose servers were stopped.
        self.stopped: list[str] = []
        self.cannot_stop = False
        #: Code → the sign-in that it stands for; each works once.
        self.codes: dict[str, Asked] = {}

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hub/api"

    def token(self, name: str, *, scopes: tuple[str, ...] = (SUBMIT,), kind: str = "user") -> str:
        """A new token of this user or service."""
        token = f"token-of-{name}-{len(self.owners)}"
        self.owners[token] = {"name": name, "kind": kind, "scopes": list(scopes)}
        return token


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        if self.path.startswith("/hub/api/oauth2/authorize"):
            self._authorize()
            return
        token = self.headers.get("Authorization", "").removeprefix("token ")
        self.server.asked.append(token)
        self.server.answers.wait(30)
        owner = self.server.owners.get(token)
        known = owner is not None and self.path == "/hub/api/user"
        body = json.dumps(owner if known else {"status": 403, "message": "Forbidden"}).encode()
        status = 200 if known else 403
        if self.server.instead is not None:
            status, body = self.server.instead
        self._answer(status, body)

    def _authorize(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get(SIGNED_IN)
        name = cookie.value if cookie else None
        if name not in self.server.people or asked["response_type"] != "code":
            self._answer(403, b"sign in first")
            return
        code = f"code-{len(self.server.codes)}"
        self.server.codes[code] = Asked(name, asked["redirect_uri"], asked["code_challenge"])
        self.send_response(302)
        back = urlencode({"code": code, "state": asked["state"]})
        self.send_header("Location", f"{asked['redirect_uri']}?{back}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        given = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
        asked = self.server.codes.pop(given.get("code", ""), None)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        known = asked is not None and given["client_secret"] == self.server.service_token
        known = known and base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked.challenge
        if self.server.instead is not None or not known:
            self._answer(*(self.server.instead or (400, b'{"error": "invalid_grant"}')))
            return
        scopes = (ACCESS, *self.server.people[asked.name])
        token = self.server.token(asked.name, scopes=scopes)
        self._answer(200, json.dumps({"access_token": token}).encode())

    def do_DELETE(self) -> None:
        """The service stops a server."""
        token = self.headers.get("Authorization", "").removeprefix("token ")
        begun, _, name = self.path.removesuffix("/server").rpartition("/")
        known = token == self.server.service_token and begun == "/hub/api/users"
        if self.server.cannot_stop or not known:
            self._answer(500 if known else 403, b"{}")
            return
        self.server.stopped.append(name)
        self._answer(204, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


@contextmanager
def running_hub() -> Iterator[Hub]:
    hub = Hub()
    thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        thread.join()
        hub.server_close()
