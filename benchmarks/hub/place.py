"""A real class to measure: hub, proxy, service with a database of its own, and its people."""

import os
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.hub.keeper import DATABASE
from deploy.development.ending import go_through
from pythonmastery_ext.db.embedded import EmbeddedPostgres
from pythonmastery_ext.db.keyfile import KeyFile
from tests.api.course import make_course
from tests.hub.classroom import Classroom, classroom

CONTEXT = ssl.create_default_context()


@contextmanager
def place() -> Iterator[Classroom]:
    """Durable, unlike that of the tests: what is acknowledged here is on the disk."""
    with kept() as folder:
        server = EmbeddedPostgres(folder / DATABASE)
        (folder / "class").mkdir()
        KeyFile(folder / "keys.json").make()
        # Of this process only, for the service that it starts.
        os.environ["PYTHONMASTERY_ENCRYPTION_KEYS_FILE"] = str(folder / "keys.json")
        try:
            url = server.start()
            course = make_course(folder / "course")
            with classroom(folder / "class", url, course) as room:
                try:
                    yield room
                finally:
                    go_through()
        finally:
            server.stop()


@contextmanager
def kept() -> Iterator[Path]:
    """A folder with a keeper, who clears up however this process ends."""
    folder = tempfile.mkdtemp(prefix="pm-bench-")
    words = [sys.executable, "-m", "benchmarks.hub.keeper", folder]
    with subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True) as keeper:
        try:
            yield Path(folder)
        finally:
            keeper.communicate()


def learners(room: Classroom, count: int) -> dict[str, str]:
    """New people with a token each, who have signed in with GitHub."""
    names = [f"learner-{number}" for number in range(count)]
    for name in names:
        room.github.add(name)
    with ThreadPoolExecutor(8) as pool:
        return dict(zip(names, pool.map(room.api_token, names), strict=True))


def client(base: str, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=base,
        headers={"Authorization": f"token {token}"},
        timeout=120,
        # Making one costs more than a call.
        verify=CONTEXT,
        limits=httpx.Limits(max_connections=None),
        trust_env=False,
    )
