"""Many students press Submit in the same moment, and how long one call takes on each way."""

import asyncio
import time
from dataclasses import dataclass
from uuid import uuid4

import psycopg

from benchmarks.hub.place import client
from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.identity import FRESH
from tests.api.course import RIGHT
from tests.hub.classroom import API, PREFIX, Classroom

PATH = "problems/double/attempts"
#: Presses that are on their way at once; a browser's own queue is bounded too.
AT_ONCE = 200
#: Pages that are loaded at once before.
LOADING = 10
#: Tries of a press that was turned away, with the pause that a page makes.
TRIES, PAUSE = 20, 0.5
WAIT = 180.0
CALL = "progress"


@dataclass(frozen=True)
class Crowd:
    #: Milliseconds until the 202, through a server of one's own and past it.
    relayed: list[float]
    straight: list[float]
    #: Milliseconds between both moments in the database.
    verdicts: list[float]
    lost: int


def ways(room: Classroom, name: str) -> dict[str, str]:
    return {
        "straight to the service": f"{room.service}{API}",
        "through the proxy": f"{room.url}{PREFIX}{API}",
        "through the proxy and one's own server": f"{room.url}/user/{name}{API}",
    }


async def calls(room: Classroom, name: str, token: str, count: int) -> dict[str, list[float]]:
    """Milliseconds of a small read on each way, by turns, over connections that are kept."""
    clients = {way: client(base, token) for way, base in ways(room, name).items()}
    taken: dict[str, list[float]] = {way: [] for way in clients}
    for turn in range(count + 10):
        for way, one in clients.items():
            began = time.perf_counter()
            (await one.get(CALL)).raise_for_status()
            if turn >= 10:
                taken[way].append((time.perf_counter() - began) * 1000)
    for one in clients.values():
        await one.aclose()
    return taken


async def crowd(room: Classroom, tokens: dict[str, str], served: set[str]) -> Crowd:
    """Each learner sends one solution; those with a server of their own send it through that.

    Before it each has opened the course, so long ago that the hub has to be asked again.
    """
    gate = asyncio.Semaphore(AT_ONCE)
    bases = {name: bases_of(room, name, name in served) for name in tokens}
    await opened(bases, tokens)
    await asyncio.sleep(FRESH + 1)

    async def press(name: str) -> float:
        body = {"key": str(uuid4()), "kind": "submit", "code": RIGHT}
        async with gate, client(bases[name], tokens[name]) as one:
            began = time.perf_counter()
            for _ in range(TRIES):
                answer = await one.post(PATH, json=body)
                if answer.status_code in (200, 202):
                    return (time.perf_counter() - began) * 1000
                await asyncio.sleep(PAUSE)
            raise RuntimeError(f"{answer.status_code} {answer.text}")

    names = sorted(tokens)
    taken = dict(zip(names, await asyncio.gather(*map(press, names)), strict=True))
    verdicts = await asyncio.to_thread(graded, room.database_url, names)
    return Crowd(
        relayed=[ms for name, ms in taken.items() if name in served],
        straight=[ms for name, ms in taken.items() if name not in served],
        verdicts=verdicts,
        lost=len(names) - len(verdicts),
    )


async def opened(bases: dict[str, str], tokens: dict[str, str]) -> None:
    gate = asyncio.Semaphore(LOADING)

    async def load(name: str) -> None:
        async with gate, client(bases[name], tokens[name]) as one:
            (await one.get("problems")).raise_for_status()

    await asyncio.gather(*map(load, tokens))


def bases_of(room: Classroom, name: str, served: bool) -> str:
    found = ways(room, name)
    return found["through the proxy and one's own server" if served else "through the proxy"]


def graded(url: str, names: list[str]) -> list[float]:
    """Waits until nothing of theirs waits; milliseconds from the press to the verdict."""
    end = time.monotonic() + WAIT
    with psycopg.connect(psycopg_dsn(url), autocommit=True) as connection:
        while time.monotonic() < end:
            rows = connection.execute(
                "select extract(epoch from graded_at - submitted_at) * 1000 from problem_attempt"
                " where user_id in (select id from app_user where username = any(%s))"
                " and kind = 'submit' and submitted_at > now() - interval '10 minutes'",
                [names],
            ).fetchall()
            found = [float(ms) for (ms,) in rows if ms is not None]
            if len(found) == len(names):
                return found
            time.sleep(0.2)
    return found
