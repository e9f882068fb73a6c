"""JupyterHub's `/hub/api/user` on loopback: tells whose a token is, as the real hub does."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SUBMIT = "custom:pythonmastery:submit"


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
        token = self.headers.get("Authorization", "").removeprefix("token ")
        self.server.asked.append(token)
        owner = self.server.owners.get(token)
        known = owner is not None and self.path == "/hub/api/user"
        body = json.dumps(owner if known else {"status": 403, "message": "Forbidden"}).encode()
        status = 200 if known else 403
        if self.server.instead is not None:
            status, body = self.server.instead
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
