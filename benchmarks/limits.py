"""Whether limits of time and memory are honoured: by how much a submission gets past them."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import re
import time
from dataclasses import dataclass
from uuid import uuid4

from benchmarks import usage
from benchmarks.figures import quantile
from benchmarks.submissions import NotPassed, workers_at
from grader.protocol import GradeRequest, Level, Limits, Test, Verdict
from grader.walls import zygotes
from grader.workers import Workers

CPU_GOAL = "within 10 % and 50 ms"
MEMORY_GOAL = "within 10 %"
_SECONDS = 1.0
_NUMBER = re.compile(r"\d+")
#: Each loop of `busy` knows no end.
LOOPS = {
    "a loop in Python": "def busy():\n    while True: pass\n",
    "a call in C that holds the GIL": (
        "import itertools\ndef busy():\n    return sum(itertools.repeat(1))\n"
    ),
    "two threads in C without the GIL": (
        "import hashlib, threading\n"
        "def busy():\n"
        "    def turn(): hashlib.pbkdf2_hmac('sha256', b'a', b'b', 2_000_000_000)\n"
        "    many = [threading.Thread(target=turn) for _ in range(2)]\n"
        "    for one in many: one.start()\n"
        "    for one in many: one.join()\n"
    ),
}
_HONEST = "def busy():\n    return 1\n"
_SLEEP = "import time\ndef busy():\n    time.sleep(100)\n"
#: The largest block of bytes that can be had and written to, found by halving.
_LARGEST = """
def largest():
    low, high = 0, 1 << 32
    while high - low > 1 << 16:
        middle = (low + high) // 2
        try:
            {take}
        except MemoryError:
            high = middle
        else:
            low = middle
    return low
"""
_TAKE = {"bytearray": "bytearray(middle)", "numpy": "numpy.ones(middle, dtype='u1')"}


@dataclass(frozen=True)
class Honoured:
    level: str
    what: str
    limit: str
    #: Middle and worst, in words with their unit.
    middle: str
    worst: str
    n: int
    goal: str
    note: str = ""


def _request(code: str, test: str, limits: Limits) -> GradeRequest:
    tests = (Test(key="t", name="t", source=test, visible="sample"),)
    return GradeRequest(id=str(uuid4()), code=code, tests=tests, limits=limits)


async def honoured(level: Level, n: int) -> list[Honoured]:
    async with workers_at(level) as workers:
        found = [await _cpu(workers, level, name, loop, n) for name, loop in LOOPS.items()]
        found.append(await _wall(workers, level, n))
        for kind in ("bytearray", *(["numpy"] if zygotes.has_tables() else [])):
            found += [await _largest(workers, level, kind, size) for size in (64, 128, 256)]
    return found


async def _used(workers: Workers, request: GradeRequest, status: str) -> tuple[float, float]:
    """Seconds of the student's process, and of the whole submission."""
    family = await asyncio.to_thread(usage.waiting, os.getpid())
    before, began = family.spent()["sandboxes"], time.perf_counter()
    verdict = await workers.grade(dataclasses.replace(request, id=str(uuid4())))
    whole = time.perf_counter() - began
    if verdict.status != status:
        raise NotPassed(f"{verdict.status}, not {status}: {verdict.message}")
    family = await asyncio.to_thread(usage.waiting, os.getpid())
    return family.spent()["sandboxes"] - before, whole


async def _cpu(workers: Workers, level: Level, name: str, loop: str, n: int) -> Honoured:
    limits = Limits(cpu_seconds=_SECONDS, wall_seconds=15)
    honest = _request(_HONEST, "assert busy() == 1", limits)
    own = [(await _used(workers, honest, "passed"))[0] for _ in range(3)]
    endless = _request(loop, "busy()", limits)
    used = [await _used(workers, endless, "timeout") for _ in range(n)]
    # Made ready and shut in: that is not charged to the submission.
    over = [(cpu - quantile(own, 0.5) - _SECONDS) * 1000 for cpu, _ in used]
    wall = quantile([whole for _, whole in used], 0.5)
    return Honoured(
        level,
        f"{name}: processor time",
        f"{_SECONDS:g} s",
        _ms(quantile(over, 0.5)),
        _ms(max(over)),
        n,
        CPU_GOAL,
        f"verdict after {wall:.2f} s",
    )


def _ms(over: float) -> str:
    return f"{round(over):+} ms"


async def _wall(workers: Workers, level: Level, n: int) -> Honoured:
    request = _request(_SLEEP, "busy()", Limits(wall_seconds=_SECONDS))
    over = [((await _used(workers, request, "timeout"))[1] - _SECONDS) * 1000 for _ in range(n)]
    return Honoured(
        level,
        "a sleep: time on the clock, to the verdict",
        f"{_SECONDS:g} s",
        _ms(quantile(over, 0.5)),
        _ms(max(over)),
        n,
        CPU_GOAL,
    )


async def _largest(workers: Workers, level: Level, kind: str, megabytes: int) -> Honoured:
    code = _LARGEST.format(take=_TAKE[kind])
    code = f"import numpy\n{code}" if kind == "numpy" else code
    limits = Limits(cpu_seconds=10, wall_seconds=20, memory_mb=megabytes)
    verdict = await workers.grade(_request(code, "assert largest() == -1", limits))
    share = f"{_bytes(verdict) / (megabytes << 20):.1%}".replace("%", " %")
    what = f"the largest {'bytearray' if kind == 'bytearray' else 'array of numpy'}"
    return Honoured(level, what, f"{megabytes} MB", share, share, 1, MEMORY_GOAL)


def _bytes(verdict: Verdict) -> int:
    told = _NUMBER.search(verdict.tests[0].actual or "")
    if told is None:
        raise NotPassed(f"no size was found: {verdict.message} {verdict.tests[0].message}")
    return int(told[0])
