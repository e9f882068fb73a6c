"""Submit → verdict through the HTTP API: from the POST to its `attempt.graded` event."""

import asyncio
import json
import time
from uuid import uuid4

import httpx

from benchmarks.figures import Figure
from benchmarks.problem import SLUG, right, wrong
from pythonmastery_ext.curriculum.format import ProblemContent
from tests.labserver import API, TOKEN, LabServer

WAIT = 30.0
WARM_UP = 5


class Stream:
    """The learner's event stream, with the moment at which each verdict came."""

    def __init__(self) -> None:
        self.came: dict[str, float] = {}
        self.opened = asyncio.Event()
        self.news = asyncio.Event()

    async def read(self, client: httpx.AsyncClient) -> None:
        async with client.stream("GET", "events", timeout=None) as response:
            response.raise_for_status()
            event = ""
            async for line in response.aiter_lines():
                self.opened.set()
                if line.startswith("event:"):
                    event = line.removeprefix("event:").strip()
                elif line.startswith("data:") and event == "attempt.graded":
                    now = time.perf_counter()
                    self.came[json.loads(line.removeprefix("data:"))["id"]] = now
                    self.news.set()

    async def verdict(self, attempt: str) -> float:
        while attempt not in self.came:
            self.news.clear()
            await self.news.wait()
        return self.came[attempt]


async def send(client: httpx.AsyncClient, stream: Stream, code: str) -> tuple[float, float]:
    """Milliseconds until the verdict, and those of them that the grader took."""
    body = {"key": str(uuid4()), "kind": "submit", "code": code}
    began = time.perf_counter()
    response = await client.post(f"problems/{SLUG}/attempts", json=body)
    response.raise_for_status()
    attempt = response.json()["id"]
    ended = await asyncio.wait_for(stream.verdict(attempt), WAIT)
    graded = (await client.get(f"attempts/{attempt}")).json()
    if graded["status"] not in ("passed", "partial"):
        raise RuntimeError(f"{graded['status']}: {graded['message']}")
    return (ended - began) * 1000, graded["execution_time_ms"]


async def measure(server: LabServer, content: ProblemContent, n: int) -> list[Figure]:
    headers, stream = {"Authorization": f"token {TOKEN}"}, Stream()
    address = f"{server.url}/{API}/"

    async def series(pause: float) -> list[tuple[float, float]]:
        taken = []
        for turn in range(n + WARM_UP):
            code = wrong(content) if turn % 2 else right(content)
            taken.append(await send(client, stream, code))
            await asyncio.sleep(pause)
        return taken[WARM_UP:]

    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=WAIT) as client:
        reader = asyncio.create_task(stream.read(client))
        try:
            await asyncio.wait_for(stream.opened.wait(), WAIT)
            alone, dense = await series(pause=1.0), await series(pause=0)
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
    return [
        Figure(
            "Submit → verdict, HTTP API",
            [whole for whole, _ in alone],
            "POST to the `attempt.graded` event; a second between two, every other one is wrong",
        ),
        Figure(
            "of which the grader",
            [grader for _, grader in alone],
            "`execution_time_ms` of the same attempts",
        ),
        Figure(
            "Submit → verdict, without a pause",
            [whole for whole, _ in dense],
            "the next POST follows the verdict at once",
        ),
    ]


def submit_to_verdict(server: LabServer, content: ProblemContent, quick: bool) -> list[Figure]:
    return asyncio.run(measure(server, content, 10 if quick else 50))
