"""How soon 200 students at one problem are told that their attempt is safe.

`python -m tests.chaos.burst`: over a minute of class work, and all in the same instant.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from uuid import uuid4

import psutil

from tests.api.course import RIGHT
from tests.chaos.place import folder_of_run
from tests.chaos.scene import Scene, scene

STUDENTS = 200
PATH = "/pythonmastery/api/v1/problems/double/attempts"
#: Seconds between two attempts of one student, in the mean.
THINKING = 10.0


class Browser:
    """One connection that stays open, with as little work of its own as can be."""

    def __init__(self, token: str, port: int) -> None:
        self._head = f"Authorization: token {token}\r\nHost: 127.0.0.1:{port}\r\n"
        self._port = port

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def submit(self) -> tuple[int, float]:
        """Status, and milliseconds until the answer is here."""
        body = json.dumps({"key": str(uuid4()), "kind": "submit", "code": RIGHT}).encode()
        head = f"POST {PATH} HTTP/1.1\r\n{self._head}Content-Length: {len(body)}\r\n\r\n"
        begun = time.perf_counter()
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.partition(":")[2])
            for line in answer.splitlines()
            if line.lower().startswith("content-length:")
        )
        await self._reader.readexactly(length)
        return int(answer.split(maxsplit=2)[1]), 1000 * (time.perf_counter() - begun)

    def close(self) -> None:
        self._writer.close()


async def at_once(browsers: list[Browser]) -> list[tuple[int, float]]:
    return await asyncio.gather(*(browser.submit() for browser in browsers))


async def class_work(browsers: list[Browser], seconds: float) -> list[tuple[int, float]]:
    """Everybody sends, thinks, and sends again."""
    end = time.monotonic() + seconds

    async def work(browser: Browser) -> list[tuple[int, float]]:
        answers = []
        await asyncio.sleep(random.uniform(0, THINKING))  # noqa: S311 - spreads load
        while time.monotonic() < end:
            answers.append(await browser.submit())
            await asyncio.sleep(random.uniform(0.5, 1.5) * THINKING)  # noqa: S311 - as above
        return answers

    return [answer for own in await asyncio.gather(*map(work, browsers)) for answer in own]


def line(name: str, answers: list[tuple[int, float]]) -> str:
    taken = sorted(took for status, took in answers if status == 202)
    others = sorted({status for status, _ in answers} - {202})
    if len(taken) < 2:
        return f"{name}: {len(taken)} acknowledged; other answers {others}\n"
    p95 = statistics.quantiles(taken, n=20)[-1]
    return (
        f"{name}: {len(taken)} acknowledged, p50 {statistics.median(taken):.0f} ms, "
        f"p95 {p95:.0f} ms, slowest {taken[-1]:.0f} ms; other answers {others or 'none'}\n"
    )


def work_of(pid: int) -> float:
    """Seconds of processor time, which other programs on the machine do not change much."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


async def measure(place: Scene, seconds: float) -> None:
    browsers = [Browser(token, place.port) for token in place.tokens.values()]
    await asyncio.gather(*(browser.open() for browser in browsers))
    # The first visit makes a person's row and asks the hub; that is not what is measured.
    sys.stdout.write(line("first visit, in one instant", await at_once(browsers)))
    await place.until_graded()
    before = work_of(place.service.pid)
    answers = await class_work(browsers, seconds)
    each = 1000 * (work_of(place.service.pid) - before) / max(1, len(answers))
    sys.stdout.write(line("class work", answers))
    sys.stdout.write(f"work of the service for each: {each:.1f} ms of one core\n")
    await place.until_graded()
    sys.stdout.write(line("in one instant", await at_once(browsers)))
    for browser in browsers:
        browser.close()


async def run(seconds: float) -> None:
    with folder_of_run() as base:
        async with scene(base, STUDENTS) as place:
            await measure(place, seconds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.burst", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of class work")
    asyncio.run(run(parser.parse_args().seconds))
