"""The relay: forwards everything, keeps nothing, and says so when the authority is away."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port

from pythonmastery_ext import relay as relay_module
from pythonmastery_ext.config import Settings
from pythonmastery_ext.errors import AuthorityAway
from tests.api import servers
from tests.api.client import Api

TOKEN = "hub-token-of-the-server"
SEEN = """
import sys
import pythonmastery_ext.app, pythonmastery_ext.relay
found = [name for name in sys.modules if name.split('.')[0] in
         ('sqlalchemy', 'psycopg', 'procrastinate', 'google', 'grader', 'alembic')]
found += [name for name in sys.modules if name.startswith(
         ('pythonmastery_ext.authority', 'pythonmastery_ext.db', 'pythonmastery_ext.tutor'))]
print(sorted(found))
"""


class Echo(web.RequestHandler):
    """An authority's counterpart that writes down what reaches it."""

    def initialize(self, seen: list[dict[str, Any]], gone: asyncio.Event) -> None:
        self.seen = seen
        self.gone = gone

    async def _answer(self) -> None:
        request = self.request
        self.seen.append(
            {
                "method": request.method,
                "uri": request.uri,
                "headers": {name.lower(): value for name, value in request.headers.items()},
                "body": request.body,
            }
        )
        if request.path.endswith("endless"):
            self.set_header("Content-Type", "text/event-stream")
            self.write("event: first\ndata: {}\n\n")
            await self.flush()
            await self.gone.wait()
        elif request.path.endswith("broken"):
            self.set_header("Content-Length", self.get_query_argument("of"))
            self.write("half")
            await self.flush()
            request.connection.stream.close()
        elif request.path.endswith("forgotten"):
            self.set_status(401)
            self.write({"error": {"code": "not_signed_in"}})
        else:
            self.set_status(418)
            self.set_header("Retry-After", "7")
            self.set_header("Set-Cookie", "authority=secret")
            self.write({"echo": True})

    get = post = put = patch = delete = _answer

    def on_connection_close(self) -> None:
        self.gone.set()


class Authority:
    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.gone = asyncio.Event()
        self._server: HTTPServer | None = None
        self._socket, self.port = bind_unused_port()

    async def start(self) -> None:
        options = {"seen": self.seen, "gone": self.gone}
        self._server = HTTPServer(web.Application([(".*", Echo, options)]))
        self._server.add_socket(self._socket)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            await self._server.close_all_connections()


@pytest.fixture(scope="module")
async def echo() -> AsyncIterator[Authority]:
    authority = Authority()
    await authority.start()
    yield authority
    await authority.stop()


@pytest.fixture(scope="module")
def root(echo: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A relay; its authority runs in the tests' loop, so it is not asked while this waits."""
    log = tmp_path_factory.mktemp("relay") / "log"
    environment = {
        "JUPYTERHUB_API_TOKEN": TOKEN,
        "PYTHONMASTERY_AUTHORITY_URL": f"http://127.0.0.1:{echo.port}/services/pm/",
    }
    with servers.jupyter(log, environment) as address:
        yield address


@pytest.fixture
async def relay(root: str, echo: Authority) -> AsyncIterator[Api]:
    echo.seen.clear()
    client = Api(root, servers.TOKEN, "relay")
    yield client
    await client.close()


async def test_method_path_query_and_body_arrive_as_they_were_sent(relay: Api, echo: Authority):
    body = b'{"code": "\\ud800 \xc3\xa9"}'
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        answer = await relay.http.request(
            method, "a/b%20c?x=1&y=%2F&x=2", content=body if method == "POST" else None
        )
        assert (answer.status_code, answer.json()) == (418, {"echo": True})
        seen = echo.seen[-1]
        assert seen["method"] == method
        assert seen["uri"] == "/services/pm/pythonmastery/api/v1/a/b%20c?x=1&y=%2F&x=2"
    assert [seen["body"] for seen in echo.seen if seen["method"] == "POST"] == [body]


async def test_the_authority_gets_the_servers_token_and_nothing_of_the_browsers(
    relay: Api, echo: Authority
):
    answer = await relay.http.get(
        "problems",
        params={"token": servers.TOKEN, "a": "b"},
        headers={"Cookie": "session=secret", "X-Forwarded-For": "1.2.3.4", "Referer": "http://x"},
    )
    seen = echo.seen[-1]
    assert seen["headers"]["authorization"] == f"token {TOKEN}"
    assert servers.TOKEN not in json.dumps(seen["headers"]) + seen["uri"]
    assert not {"cookie", "referer", "x-forwarded-for"} & set(seen["headers"])
    assert seen["uri"].endswith("problems?a=b")
    assert answer.headers["Retry-After"] == "7"
    assert "authority=" not in answer.headers.get("Set-Cookie", "")


async def test_a_token_in_the_address_is_kept_back_however_it_is_spelled(
    relay: Api, echo: Authority
):
    await relay.http.get(f"problems?%74oken={servers.TOKEN}&tokens=3")
    assert echo.seen[-1]["uri"].endswith("problems?tokens=3")


async def test_a_header_may_hold_any_byte(relay: Api, echo: Authority):
    for value in (b"\xe9", b"\xff\xfe", "é".encode()):
        answer = await relay.http.get("events", headers=[(b"Last-Event-ID", value)])
        assert answer.status_code == 418
        assert echo.seen[-1]["headers"]["last-event-id"] == value.decode("latin-1")


async def test_a_path_cannot_climb_out_of_the_api(relay: Api, echo: Authority):
    for path in ("%2e%2e/secret", "..%2fsecret", "a/%2E%2E/%2E%2E/secret", "a%5Cb"):
        assert (await relay.http.get(path)).status_code == 404
    assert echo.seen == []


async def test_a_stream_arrives_as_it_comes_and_ends_upstream_when_the_client_goes(
    relay: Api, echo: Authority
):
    echo.gone.clear()
    async with relay.http.stream("GET", "endless") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert await anext(answer.aiter_lines()) == "event: first"
        assert not echo.gone.is_set()
    async with asyncio.timeout(20):
        await echo.gone.wait()


async def test_more_streams_than_tornado_would_allow_run_at_once(relay: Api, echo: Authority):
    echo.gone.clear()
    streams = [relay.http.stream("GET", "endless") for _ in range(30)]
    answers = await asyncio.gather(*(stream.__aenter__() for stream in streams))
    assert {answer.status_code for answer in answers} == {200}
    assert (await relay.http.get("problems")).status_code == 418
    for stream in streams:
        await stream.__aexit__(None, None, None)


async def test_half_an_answer_does_not_look_like_a_whole_one(relay: Api):
    with pytest.raises(Exception, match=r"(?i)incomplete|closed|disconnected"):
        await relay.http.get("broken?of=10000000")
    status, told = await relay("GET", "broken?of=100")
    assert (status, told["error"]["code"]) == (503, "authority_away")


async def test_a_server_that_the_hub_has_forgotten_says_what_to_do(relay: Api):
    """The learner's own sign-in is good, so signing in again would not help."""
    status, told = await relay("GET", "forgotten")
    assert (status, told["error"]["code"]) == (401, "server_signed_out")
    assert "start it again" in told["error"]["message"]


async def test_an_authority_that_hangs_is_given_up_but_a_stream_may_be_silent_for_long(
    monkeypatch,
):
    monkeypatch.setattr(relay_module, "PATIENCE", 0.1)
    monkeypatch.setattr(relay_module, "STATUS_PATIENCE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = Settings(
            role="relay",
            hub_token=TOKEN,
            authority_url=f"http://127.0.0.1:{silent.getsockname()[1]}/",
        )
        relay = relay_module.Relay(settings)
        relay.begin()
        for method, path in (("GET", "status"), ("GET", "problems"), ("POST", "problems/x/y")):
            with pytest.raises(AuthorityAway, match="does not answer"):
                await relay.send(method, path, {}, b"")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await relay.send("GET", "events", {"Accept": relay_module.STREAM}, b"")
        await relay.stop()


@pytest.mark.parametrize(
    "line",
    [
        b"GET http://evil.example/pythonmastery/api/v1/problems HTTP/1.1",
        b"GET //evil.example/pythonmastery/api/v1/problems HTTP/1.1",
        b"GET /pythonmastery/api/v1/%252e%252e/problems HTTP/1.1",
        b"GET /pythonmastery/api/v1/problems HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade",
        b"HEAD /pythonmastery/api/v1/problems HTTP/1.1",
        b"OPTIONS /pythonmastery/api/v1/problems HTTP/1.1",
        b"TRACE /pythonmastery/api/v1/problems HTTP/1.1",
        b"GET /pythonmastery/api/v1/problems HTTP/1.1\r\nLast-Event-ID: 1\n\nX-Evil: 1",
        b"POST /pythonmastery/api/v1/problems HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 9",
        b"POST /pythonmastery/api/v1/problems HTTP/1.1\r\nContent-Length: 4\r\n"
        b"Transfer-Encoding: chunked",
    ],
)
async def test_no_form_of_a_request_reaches_anything_but_the_api(
    root: str, echo: Authority, line: bytes
):
    echo.seen.clear()
    port = int(root.rstrip("/").rsplit(":", 1)[1].split("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    rest = b"\r\nHost: 127.0.0.1\r\nAuthorization: token " + servers.TOKEN.encode()
    writer.write(line + rest + b"\r\nConnection: close\r\n\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n")
    await writer.drain()
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    assert b"500" not in answer.split(b"\r\n")[0]
    assert len(echo.seen) <= 1
    for seen in echo.seen:
        assert seen["uri"].startswith("/services/pm/pythonmastery/api/v1/")
        assert not {"upgrade", "x-evil"} & set(seen["headers"])
        assert seen["headers"]["host"] == f"127.0.0.1:{echo.port}"


def test_the_relay_loads_no_trusted_code():
    found = subprocess.run([sys.executable, "-c", SEEN], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("settings", [{"PYTHONMASTERY_AUTHORITY_URL": "http://127.0.0.1:1/"}, {}])
async def test_an_authority_that_is_away_is_told_in_a_sentence(
    settings: dict[str, str], tmp_path: Path
):
    environment = {"JUPYTERHUB_API_TOKEN": TOKEN, **settings}
    with servers.jupyter(tmp_path / "log", environment) as address:
        client = Api(address, servers.TOKEN, "relay")
        status, told = await client("GET", "status")
        assert (status, told["ready"], told["role"]) == (200, False, "relay")
        assert told["detail"]
        answer = await client.http.get("problems")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert answer.json()["error"]["code"] == "authority_away"
        await client.close()
