"""Caches that hear a database of the test's own, and the same in another process."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from pythonmastery_ext.db.cache import CACHES, Caches
from pythonmastery_ext.db.engine import Database


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.005)


@pytest.fixture
async def caches(db: Database) -> AsyncIterator[Caches]:
    """A set apart from the product's own."""
    made = Caches()
    made.follow(db)
    await until(lambda: made.sure)
    yield made
    await made.stop()


@asynccontextmanager
async def following(db: Database) -> AsyncIterator[None]:
    """The product's own caches are on, and empty, for this database."""
    CACHES.follow(db)
    await until(lambda: CACHES.sure)
    try:
        yield
    finally:
        await CACHES.stop()


@pytest.fixture
async def followed(db: Database) -> AsyncIterator[Database]:
    async with following(db):
        yield db


@dataclass
class Neighbour:
    """Another process with the same code: does what `tests.caches.acts` names."""

    process: asyncio.subprocess.Process

    async def do(self, url: str, act: str, *args: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"url": url, "act": act, "args": args}
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        answer = json.loads(await self.process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["result"]


@pytest.fixture(scope="session")
async def neighbour() -> AsyncIterator[Neighbour]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.caches.neighbour",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    yield Neighbour(process)
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()
