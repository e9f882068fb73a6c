"""A server that fails on purpose, for what the real API cannot be made to do in a test.

It holds no rules of the product: each address gives the replies that the test wrote down.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PREFIX = "/pythonmastery/api/v1/"
TOKEN = "counterpart-token"


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    #: Sent as they are, one after another, in place of the body; then the connection is closed.
    chunks: tuple[str, ...] | None = None
    #: The connection is closed without an answer.
    drop: bool = False
    #: After the chunks, wait until the client has gone.
    hang: bool = False


@dataclass
class Request:
    method: str
    path: str
    body: Any
    authorization: str | None


class Counterpart(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        #: The last reply of a list is given again and again.
        self.script: dict[tuple[str, str], list[Reply]] = {}
        self.seen: list[Request] = []
        #: Set when a client left while a reply was hanging.
        self.left = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def on(self, method: str, path: str, *replies: Reply) -> None:
        self.script[method, path] = list(replies)

    def bodies(self, method: str, path: str) -> list[Any]:
        return [seen.body for seen in self.seen if (seen.method, seen.path) == (method, path)]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves early is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Counterpart

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Tests read `seen` in place of a log."""

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(size)) if size else None
        path = self.path.removeprefix(PREFIX)
        self.server.seen.append(
            Request(self.command, path, body, self.headers.get("Authorization"))
        )
        replies = self.server.script.get((self.command, path)) or [Reply(status=404)]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if not reply.drop:
            self._send(reply)
        self.close_connection = True

    def _send(self, reply: Reply) -> None:
        content = json.dumps(reply.body).encode() if reply.chunks is None else b""
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.chunks is None:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        for chunk in reply.chunks or ():
            self.wfile.write(chunk.encode())
            self.wfile.flush()
        if reply.hang:
            self.connection.settimeout(60)
            if self.connection.recv(1) == b"":
                self.server.left.set()


@contextmanager
def counterpart() -> Iterator[Counterpart]:
    server = Counterpart()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
