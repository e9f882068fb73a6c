"""Connections that send nothing, or too slowly, are not held for long."""

import asyncio

import pytest
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from pythonmastery_ext import serve


class Answer(RequestHandler):
    def post(self) -> None:
        self.write("got it")


@pytest.fixture
async def port(monkeypatch):
    monkeypatch.setattr(serve, "BODY_PATIENCE", 0.2)
    monkeypatch.setattr(serve, "IDLE_PATIENCE", 0.2)
    server = serve.http_server(Application([("/", Answer)]))
    socket, number = bind_unused_port()
    server.add_socket(socket)
    yield number
    server.stop()
    await server.close_all_connections()


@pytest.mark.parametrize(
    "sent",
    [b"", b"POST / HTTP/1.1\r\nHost: x\r\n", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nslow"],
)
async def test_who_sends_nothing_more_is_cut(port, sent):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    assert b"got it" not in await asyncio.wait_for(reader.read(), 20)
    writer.close()
