"""Probes of a process that is not ready yet, and of a worker that is told where to answer."""

import socket
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace

import httpx
import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from pythonmastery_ext import health
from pythonmastery_ext.config import ConfigError
from pythonmastery_ext.worker_command import Probes

BASE = "/services/pythonmastery/"


@pytest.fixture
def process() -> SimpleNamespace:
    return SimpleNamespace(ready=False)


@pytest.fixture
async def http(process: SimpleNamespace) -> AsyncIterator[httpx.AsyncClient]:
    server = HTTPServer(Application(health.handlers(BASE, lambda: process.ready)))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    root = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    async with httpx.AsyncClient(base_url=root, trust_env=False) as client:
        yield client
    server.stop()
    await server.close_all_connections()


async def test_a_process_that_starts_is_alive_and_not_ready(
    http: httpx.AsyncClient, process: SimpleNamespace
):
    assert (await http.get(BASE + health.LIVE)).status_code == 200
    before = await http.get(BASE + health.READY)
    assert (before.status_code, before.text) == (503, "not yet\n")
    process.ready = True
    assert (await http.get(BASE + health.READY)).status_code == 200


async def test_probes_change_nothing_and_answer_at_no_other_address(http: httpx.AsyncClient):
    for verb in ("POST", "PUT", "PATCH", "DELETE"):
        assert (await http.request(verb, BASE + health.LIVE)).status_code == 405
    for path in ("/" + health.LIVE, BASE + health.LIVE + "/x", BASE):
        assert (await http.get(path)).status_code == 404


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.mark.parametrize("port", [70_000, 0, -1])
def test_a_worker_says_which_port_it_cannot_take(port: int):
    with pytest.raises(ConfigError, match=f"port {port}; .*--probe-port"):
        Probes("127.0.0.1", port)


# Tornado leaves the socket that could not be bound to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_worker_says_that_somebody_listens_there(taken: int):
    with pytest.raises(ConfigError, match=f"port {taken}"):
        Probes("127.0.0.1", taken)


async def test_a_worker_that_is_told_no_port_starts_and_stops_without_one():
    probes = Probes("127.0.0.1", None)
    probes.answer(lambda: True)
    await probes.stop()
