"""One whole installation under test, and what faults do to it."""

import asyncio
import json
import os
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.api.course import make_course
from tests.chaos import checker, processes
from tests.chaos.place import Disk, Postgres, postgres
from tests.chaos.processes import Supervised
from tests.chaos.students import Class, Journal
from tests.counterparts.hub import running_hub
from tests.ports import free_port

WORKERS = 2
#: Generous: a machine may run many such tests at once.
START_SECONDS = 180.0
FAKETIME = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1")
FOREIGN = ("PYTHONMASTERY_", "JUPYTER", "GEMINI_", "GOOGLE_", "PG")


@dataclass
class Scene:
    postgres: Postgres
    disk: Disk | None
    why_no_disk: str
    service: Supervised
    workers: list[Supervised]
    classroom: Class
    #: Of the service and the first worker; that of PostgreSQL stays as it is.
    clock: "Clock"
    port: int
    #: Student → token at the hub.
    tokens: dict[str, str]

    @property
    def worker_pids(self) -> list[int]:
        return [worker.pid for worker in self.workers]

    @property
    def pids(self) -> list[int]:
        return [self.service.pid, *self.worker_pids, self.postgres.pid]

    async def until_graded(self, seconds: float = 120.0) -> bool:
        """Whether nobody waits any more, and the queue is empty."""
        await asyncio.to_thread(self.postgres.wait_up)
        with self.postgres.connect() as connection:
            return await asyncio.to_thread(checker.drained, connection, seconds) is not None

    @property
    def journal(self) -> Journal:
        return self.classroom.journal


class Clock:
    """The clock of processes that were started with `environment`, moved while they run."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        found = (path for pattern in FAKETIME for path in Path("/").glob(pattern.lstrip("/")))
        self.library = next(found, None)
        self.move(0)

    def move(self, seconds: int) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.replace(self._file)

    @property
    def environment(self) -> dict[str, str]:
        if self.library is None:
            return {}
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


@asynccontextmanager
async def scene(base: Path, students: int) -> AsyncIterator[Scene]:
    """Ready to take attempts; nobody has sent one yet."""
    own_environment(base)
    processes.adopt_orphans()
    course = make_course(base / "course")
    async with postgres(base) as (server, disk, why_not):
        with running_hub() as hub:
            environment = {
                "PYTHONMASTERY_DATABASE_URL": server.url,
                "PYTHONMASTERY_COURSE_DIR": str(course),
                "PYTHONMASTERY_DATA_DIR": str(base / "data"),
                # A class sends more here in a minute than people do in an hour.
                "PYTHONMASTERY_RATE_LIMITS": "{'submit': (60000, 9999), 'write': (60000, 9999)}",
                **keys(base),
            }
            clock = Clock(base)
            port = free_port()
            service = Supervised(
                "service",
                ["serve", f"--port={port}"],
                {
                    **environment,
                    **clock.environment,
                    "JUPYTERHUB_API_URL": hub.api_url,
                    "PYTHONMASTERY_WORKER": "false",
                },
                base / "service.log",
            )
            workers = [
                Supervised(
                    f"worker {n}",
                    ["worker"],
                    {**environment, **(clock.environment if n == 1 else {})},
                    base / f"worker{n}.log",
                )
                for n in range(1, WORKERS + 1)
            ]
            tokens = {name: hub.token(name) for name in (f"student{n}" for n in range(students))}
            root = f"http://127.0.0.1:{port}/"
            journal = Journal(base / "journal")
            async with running(service, workers), classroom(root, tokens, journal) as all_students:
                await all_students.arrive(START_SECONDS)
                yield Scene(
                    postgres=server,
                    disk=disk,
                    why_no_disk=why_not,
                    service=service,
                    workers=workers,
                    classroom=all_students,
                    clock=clock,
                    port=port,
                    tokens=tokens,
                )


@asynccontextmanager
async def running(service: Supervised, workers: list[Supervised]) -> AsyncIterator[None]:
    everything = [service, *workers]
    try:
        for process in everything:
            process.start()
        yield
    finally:
        await asyncio.gather(*(process.stop() for process in everything))


@asynccontextmanager
async def classroom(root: str, tokens: dict[str, str], journal: Journal) -> AsyncIterator[Class]:
    made = Class(root, tokens, journal)
    try:
        yield made
    finally:
        await made.close()
        journal.close()


def own_environment(base: Path) -> None:
    """Nothing of the caller's reaches the processes."""
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        os.environ[name] = str(base / name.lower())


def keys(base: Path) -> dict[str, str]:
    """A file of keys for the encrypted columns, as the authority wants to be given one."""
    file = base / "keys.json"
    new = [b64encode(secrets.token_bytes(32)).decode() for _ in range(2)]
    file.touch(mode=0o600)
    file.write_text(
        json.dumps({"version": 1, "current": 1, "keys": {"1": new[0]}, "blind": new[1]})
    )
    return {"PYTHONMASTERY_ENCRYPTION_KEYS_FILE": str(file)}


@contextmanager
def held(postgres: Postgres) -> Iterator[None]:
    """Nobody starts the database again."""
    postgres.kept = False
    try:
        yield
    finally:
        postgres.kept = True
