"""Students who send code over HTTP, as the browser does, and write down what was acknowledged."""

import asyncio
import itertools
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.api.course import PARTLY, RIGHT, WRONG

API = "pythonmastery/api/v1/"
PROBLEMS = ("double", "double-again", "double-more")
SLOWLY = "import time\ntime.sleep(0.3)\n" + RIGHT
CODES = (RIGHT, RIGHT, WRONG, PARTLY, SLOWLY)
#: Seconds between tries with the same key. The browser waits for up to 30 s; that would measure
#: its patience, and not how soon the service is back.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 0.5
LOOK_EVERY = 0.15
#: What the browser sends again with the same key; 429 is the answer to too many waiting.
AGAIN = (429, 502, 503, 504)


@dataclass(frozen=True, kw_only=True)
class Acknowledged:
    """What the service has promised to keep."""

    student: str
    key: str
    attempt: str
    problem: str
    kind: str
    code: str


class Journal:
    """On the disk before it counts, so that it outlives whatever happens to the client."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a")
        self.entries: list[Acknowledged] = []
        #: time.monotonic() of each entry, and of each first sight of a verdict.
        self.times: list[float] = []
        self.verdicts: dict[str, float] = {}
        #: Answers that no fault excuses.
        self.wrong: list[str] = []
        self.refused: Counter[int] = Counter()

    def write(self, entry: Acknowledged) -> None:
        self._file.write(json.dumps(asdict(entry)) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.entries.append(entry)
        self.times.append(time.monotonic())

    def close(self) -> None:
        self._file.close()


class Student:
    """Sends one attempt after the other and looks at each until it has its verdict."""

    def __init__(self, http: httpx.AsyncClient, name: str, token: str, journal: Journal) -> None:
        self._http = http
        self._head = {"Authorization": f"token {token}"}
        self._journal = journal
        self._numbers = itertools.count(1)
        self.name = name
        self.sending = False

    async def work(self, active: asyncio.Event) -> None:
        while True:
            await active.wait()
            entry = await self.send(**self.draft())
            await self.see_verdict(entry, active)

    def draft(self) -> dict[str, str]:
        number = next(self._numbers)
        code = random.choice(CODES)  # noqa: S311 - any will do
        kind = "check" if number % 5 == 0 else "submit"
        problem = PROBLEMS[number % len(PROBLEMS)]
        return {"problem": problem, "kind": kind, "code": f"{code}# {self.name} {number}\n"}

    async def send(self, *, problem: str, kind: str, code: str) -> Acknowledged:
        """The same key until it is acknowledged, then a line in the journal."""
        key = str(uuid4())
        pause = FIRST_PAUSE
        self.sending = True
        while True:
            status, answer = await self.post(problem, key, kind, code)
            if status in (200, 202):
                break
            if status not in (0, *AGAIN):
                self._journal.wrong.append(f"{status} {answer}")
            await asyncio.sleep(pause * random.uniform(0.7, 1.0))  # noqa: S311 - spreads load
            pause = min(LONGEST_PAUSE, 2 * pause)
        entry = Acknowledged(
            student=self.name,
            key=key,
            attempt=answer["id"],
            problem=problem,
            kind=kind,
            code=code,
        )
        self._journal.write(entry)
        self.sending = False
        return entry

    async def post(self, problem: str, key: str, kind: str, code: str) -> tuple[int, Any]:
        """Status 0 if there was no answer."""
        body = {"key": key, "kind": kind, "code": code}
        return await self._ask("POST", f"problems/{problem}/attempts", body)

    async def see_verdict(self, entry: Acknowledged, active: asyncio.Event) -> None:
        while active.is_set():
            status, answer = await self._ask("GET", f"attempts/{entry.attempt}", None)
            if status == 200 and answer["status"] != "waiting":
                self._journal.verdicts[entry.attempt] = time.monotonic()
                return
            if status in (404, 500):
                self._journal.wrong.append(f"{status} for {entry.attempt}: {answer}")
            await asyncio.sleep(LOOK_EVERY)

    async def finds_ready(self) -> bool:
        try:
            answer = await self._http.get("status", headers=self._head)
        except httpx.TransportError:
            return False
        return answer.status_code == 200 and bool(answer.json()["ready"])

    async def _ask(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        try:
            answer = await self._http.request(method, path, json=body, headers=self._head)
        except httpx.TransportError:
            self._journal.refused[0] += 1
            return 0, None
        if answer.status_code >= 400:
            self._journal.refused[answer.status_code] += 1
        if answer.status_code == 503 and not answer.headers.get("Retry-After"):
            self._journal.wrong.append(f"503 without Retry-After: {answer.text}")
        return answer.status_code, answer.json()


class Class:
    """All students, who work or pause together."""

    def __init__(self, root: str, tokens: dict[str, str], journal: Journal) -> None:
        self.journal = journal
        #: Set while they work.
        self.active = asyncio.Event()
        self.http = httpx.AsyncClient(
            base_url=root + API,
            timeout=60,
            limits=httpx.Limits(max_connections=None),
            trust_env=False,
        )
        self.students = [Student(self.http, name, token, journal) for name, token in tokens.items()]
        self._tasks = [asyncio.create_task(student.work(self.active)) for student in self.students]

    async def arrive(self, seconds: float) -> None:
        """When the service is ready for them."""
        end = time.monotonic() + seconds
        for wait in itertools.repeat(0.1):
            if await self.students[0].finds_ready():
                return
            if time.monotonic() > end:
                raise TimeoutError("the service does not start")
            await asyncio.sleep(wait)

    def begin(self) -> None:
        self.active.set()

    async def pause(self) -> bool:
        """Whether all that was being sent has been acknowledged."""
        self.active.clear()
        return await self.until(lambda: not any(s.sending for s in self.students), 60)

    async def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not condition():
            self._raise_failures()
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.02)
        return True

    def _raise_failures(self) -> None:
        for task in self._tasks:
            if task.done():
                task.result()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.http.aclose()
