"""Two authorities and two workers at one database, behind what shares out connections.

They share the database and the keys, nothing else: each has folders of its own.
"""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.health import READY
from tests.api.client import until
from tests.chaos import checker
from tests.chaos.processes import Supervised
from tests.counterparts.hub import Hub
from tests.ports import free_port

AUTHORITIES, WORKERS = 2, 2
BASE = "/services/pythonmastery/"
#: A class sends more here in a minute than people do in an hour; the tutor is asked twice.
RATES = "{'submit': (60000, 9999), 'write': (60000, 9999), 'chat': (1, 2)}"


@dataclass(frozen=True)
class Place:
    hub: Hub
    url: str
    #: Where the balancer listens, and each authority behind it.
    root: str
    roots: list[str]
    authorities: list[Supervised]
    workers: list[Supervised]
    #: Where the workers answer probes.
    probes: list[str]

    async def is_ready(self, root: str) -> bool:
        with suppress(httpx.TransportError):
            async with httpx.AsyncClient(trust_env=False) as http:
                return (await http.get(root + READY)).status_code == 200
        return False

    async def until_graded(self) -> bool:
        """Whether nobody waits any more, and the queue is empty."""
        with psycopg.connect(psycopg_dsn(self.url), autocommit=True) as connection:
            return await asyncio.to_thread(checker.drained, connection, 60) is not None


class Balancer:
    """Each connection goes to the next authority that takes it, as to the pods of a Service."""

    def __init__(self, ports: list[int]) -> None:
        self._ports = ports
        self._turn = itertools.count()
        self._open: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            for task in self._open:
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One that is away or was killed breaks the connection; the client sends again."""
        behind: asyncio.StreamWriter | None = None
        try:
            with suppress(OSError):
                answers, behind = await self._next()
                await asyncio.gather(_pump(reader, behind), _pump(answers, writer))
        finally:
            for end in filter(None, (writer, behind)):
                end.transport.abort()

    async def _next(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        first = next(self._turn)
        for step in range(len(self._ports)):
            with suppress(ConnectionRefusedError):
                port = self._ports[(first + step) % len(self._ports)]
                return await asyncio.open_connection("127.0.0.1", port)
        raise ConnectionRefusedError("no authority takes connections")


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one of the two closes; then the other hears that nothing more comes."""
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def place(base: Path, url: str, course: Path, hub: Hub, gemini: str) -> AsyncIterator[Place]:
    ports = [free_port() for _ in range(AUTHORITIES)]
    worker_ports = [free_port() for _ in range(WORKERS)]
    shared = {
        "PYTHONMASTERY_DATABASE_URL": url,
        "PYTHONMASTERY_COURSE_DIR": str(course),
        "PYTHONMASTERY_RATE_LIMITS": RATES,
        "PYTHONMASTERY_ENCRYPTION_KEYS_FILE": os.environ["PYTHONMASTERY_ENCRYPTION_KEYS_FILE"],
    }

    def started(name: str, words: list[str], environment: dict[str, str]) -> Supervised:
        own = {**environment, "PYTHONMASTERY_DATA_DIR": str(base / name)}
        return Supervised(name, words, own, base / f"{name}.log")

    workers = [
        started(f"worker{port}", ["worker", f"--probe-port={port}"], shared)
        for port in worker_ports
    ]
    probes = [f"http://127.0.0.1:{port}/" for port in worker_ports]
    roots = [f"http://127.0.0.1:{port}{BASE}" for port in ports]
    async with Balancer(ports).listening() as front:
        authority = shared | {
            "JUPYTERHUB_API_URL": hub.api_url,
            "JUPYTERHUB_API_TOKEN": hub.service_token,
            "JUPYTERHUB_HOST": hub.api_url.removesuffix("/hub/api"),
            "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{front}{BASE}oauth_callback",
            "PYTHONMASTERY_WORKER": "false",
            "GEMINI_API_KEY": gemini.partition(" ")[2],
            "GOOGLE_GEMINI_BASE_URL": gemini.partition(" ")[0],
        }
        authorities = [
            started(
                f"authority{port}", ["serve", f"--port={port}", f"--base-url={BASE}"], authority
            )
            for port in ports
        ]
        made = Place(hub, url, front + BASE, roots, authorities, workers, probes)
        everything = [*authorities, *workers]
        try:
            for process in everything:
                process.start()
            for root in [*roots, *probes]:
                await until(lambda root=root: made.is_ready(root))
            yield made
        finally:
            await asyncio.gather(*(process.stop() for process in everything))
