"""Talks to the API as a front end does."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

import httpx

T = TypeVar("T")

PREFIX = "pythonmastery/api/v1/"
#: Seconds; generous, because the machine that runs the tests may be busy.
PATIENCE = 80.0
#: For all clients of the tests: each would read the machine's certificates anew, for 20 ms.
TLS = ssl.create_default_context()


async def until(look: Callable[[], Awaitable[T]]) -> T:
    """What `look` finds, once it finds something."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(0.02)


@dataclass(frozen=True)
class Event:
    name: str
    data: Any
    id: int | None


class Api:
    """One learner at one server."""

    def __init__(self, root: str, token: str, role: str) -> None:
        self.root = root.rstrip("/") + "/"
        self.token = token
        self.role = role
        self.http = httpx.AsyncClient(
            base_url=self.root + PREFIX,
            headers={"Authorization": f"token {token}"},
            timeout=PATIENCE,
            limits=httpx.Limits(max_connections=None),
            trust_env=False,
            verify=TLS,
        )

    async def __call__(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        answer = await self.http.request(method, path, **options)
        return answer.status_code, answer.json()

    async def send(
        self, slug: str, code: str, *, kind: str = "submit", key: str | None = None
    ) -> tuple[int, Any]:
        body = {"key": key or str(uuid4()), "kind": kind, "code": code}
        return await self("POST", f"problems/{slug}/attempts", json=body)

    async def graded(self, attempt: str) -> Any:
        """The attempt, once it has its verdict."""

        async def look() -> Any:
            status, found = await self("GET", f"attempts/{attempt}")
            return found if status == 200 and found["status"] != "waiting" else None

        return await until(look)

    async def submit(self, slug: str, code: str, *, kind: str = "submit") -> Any:
        """Sends code and waits for the verdict."""
        status, attempt = await self.send(slug, code, kind=kind)
        assert status == 202, attempt
        return await self.graded(attempt["id"])

    @asynccontextmanager
    async def events(self, last: int | None = None) -> AsyncIterator[AsyncIterator[Event]]:
        headers = {"Last-Event-ID": str(last)} if last is not None else {}
        async with self.http.stream("GET", "events", headers=headers) as answer:
            assert answer.status_code == 200, await answer.aread()
            yield _events(answer)

    async def close(self) -> None:
        await self.http.aclose()


async def _events(answer: httpx.Response) -> AsyncIterator[Event]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "event" in fields:
            number = int(fields["id"]) if "id" in fields else None
            yield Event(fields["event"], json.loads(fields["data"]), number)
            fields = {}
        else:
            fields = {}


async def take(events: AsyncIterator[Event], name: str) -> Event:
    """The next event of this name."""
    async with asyncio.timeout(PATIENCE):
        async for event in events:
            if event.name == name:
                return event
    raise AssertionError(f"the stream ended before {name}")
