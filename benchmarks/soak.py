"""Many submissions of all kinds through one kernel: does anything grow?

`python -m benchmarks.soak` prints a table, and exits with 1 if memory, descriptors, processes or
folders grow from the first third of the looks to the last. A run of 10,000 or more in which nothing
grew writes docs/soak.md.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import psutil

from benchmarks import soakpage, usage
from benchmarks.problem import class_request
from benchmarks.submissions import kernel_at
from grader.pool import GraderPool
from grader.protocol import GradeRequest, Level, Limits, Test
from grader.walls import zygotes

#: Submissions of a run whose figures are worth a page.
WHOLE = 10_000
#: How much the mean of the last third may lie above that of the first.
MEMORY_SLACK = 4 << 20
_SHORT = Limits(cpu_seconds=1, wall_seconds=0.25, memory_mb=128)
_USUAL = Limits(cpu_seconds=5, wall_seconds=15, memory_mb=128)

#: More than runners may wait for, by turns: each serves some submissions in a row, then waits
#: longer or shorter, and some are given up for others.
SUITES = 7
IN_A_ROW = 5
_TESTS = (
    "assert total([{suite}]) == {suite}",
    "assert total([1, 2]) == 3",
    "import pytest\nwith pytest.raises(TypeError): total(None)",
    "rows = [1]\nassert total(rows) == 1 and rows == [1]",
)


@dataclass(frozen=True)
class Kind:
    """A kind of submission, and how its verdict must turn out."""

    name: str
    code: str
    expected: tuple[str, str | None]
    #: One in so many submissions.
    every: int = 1
    limits: Limits = _USUAL


def _request(kind: Kind, suite: int) -> GradeRequest:
    sources = (source.replace("{suite}", str(suite)) for source in _TESTS)
    tests = (
        Test(key=str(n), name=f"Test {n}", source=source, visible="sample" if n else "hidden")
        for n, source in enumerate(sources)
    )
    return GradeRequest(
        id="-",
        code=kind.code,
        tests=tuple(tests),
        limits=kind.limits,
        allow_imports=("os", "pandas"),
    )


def _total(body: str) -> str:
    return f"def total(rows):\n    {body}\n"


_CLASSES = class_request()
#: The first that is due is taken, so the last is the usual one.
KINDS = (
    Kind("classes", _CLASSES.code, ("passed", None), 31),
    Kind(
        "tables",
        "import pandas as pd\n" + _total("return int(sum(pd.Series(list(rows), dtype='int64')))"),
        ("passed", None),
        97,
    ),
    Kind("timeout", _total("while True: pass"), ("timeout", "timeout"), 61, _SHORT),
    Kind("memory", _total("return len(bytearray(1 << 30))"), ("failed", "memory"), 29),
    Kind("crash", "import os\n" + _total("os._exit(3)"), ("failed", "crash"), 23),
    Kind("flood", _total("print('x' * 1000000)\n    return sum(rows)"), ("passed", None), 19),
    Kind("refused", "import socket\n" + _total("return sum(rows)"), ("failed", ""), 17),
    Kind("syntax", "def total(rows)\n", ("failed", "syntax_error"), 13),
    Kind("files", _total("open('f', 'w').write('x' * 9999)\n    return sum(rows)"), ("", None), 11),
    Kind("exception", _total("raise KeyError('no')"), ("failed", None), 7),
    Kind("wrong", _total("return sum(rows) + 1"), ("", None), 4),
    Kind("right", _total("return sum(rows)"), ("passed", None)),
)


@dataclass(frozen=True)
class Look:
    """At everything below the kernel, and the kernel, at rest."""

    submissions: int
    seconds: float
    #: Bytes.
    memory: int
    descriptors: int
    processes: int
    folders: int

    def row(self) -> str:
        return (
            f"{self.submissions:>12,} {self.seconds:>8.0f} {self.memory / (1 << 20):>10.1f} "
            f"{self.descriptors:>12} {self.processes:>10} {self.folders:>8}"
        )


HEAD = f"{'submissions':>12} {'seconds':>8} {'memory MB':>10} {'descriptors':>12} "
HEAD += f"{'processes':>10} {'folders':>8}"


class Unexpected(RuntimeError):
    """A submission turned out otherwise than it has to."""


class Soak:
    def __init__(self, pool: GraderPool, kernel: int) -> None:
        self._pool = pool
        self._kernel = psutil.Process(kernel)
        self._began = time.perf_counter()
        self._done = 0
        self._profile: dict[str, Any] | None = None
        self.looks: list[Look] = []
        self.kinds: Counter[str] = Counter()
        self._known = [kind for kind in KINDS if kind.name != "tables" or zygotes.has_tables()]

    async def warm_up(self) -> None:
        """Each kind once, so that whatever is started late is there before the first look."""
        for kind in self._known:
            await self._submit(kind)
            self.kinds[kind.name] += 1
        self._done = 0

    async def run(self, submissions: int) -> Look:
        for _ in range(submissions):
            self._done += 1
            due = next(kind for kind in self._known if self._done % kind.every == 0)
            await self._submit(due, self._done // IN_A_ROW % SUITES)
            self.kinds[due.name] += 1
        # After these no runner waits for a suite: what is there at rest is always the same.
        crash = next(kind for kind in self._known if kind.name == "crash")
        for suite in range(SUITES):
            await self._submit(crash, suite)
        look = await asyncio.to_thread(self._look)
        self.looks.append(look)
        return look

    async def _submit(self, kind: Kind, suite: int = 0) -> None:
        name = f"{kind.name}-{self._done}"
        if kind.name == "classes":
            request = dataclasses.replace(_CLASSES, id=name, profile=await self._class_profile())
        else:
            request = dataclasses.replace(_request(kind, suite), id=name, seed=self._done)
        verdict = await self._pool.grade(request)
        status, reason = kind.expected
        if (status and verdict.status != status) or (reason and verdict.reason != reason):
            raise Unexpected(f"{request.id}: {verdict.status}, {verdict.reason}: {verdict.message}")

    async def _class_profile(self) -> dict[str, Any] | None:
        """As publishing records it, once."""
        if self._profile is None:
            recorded = await self._pool.grade(dataclasses.replace(_CLASSES, record=True))
            self._profile = recorded.profile
        return self._profile

    def _look(self) -> Look:
        """Raises TimeoutError where more is left than what waits for the next submission."""
        usage.waiting(self._kernel.pid, 2 if zygotes.has_tables() else 1)
        found = [self._kernel, *self._kernel.children(recursive=True)]
        seconds = time.perf_counter() - self._began
        return Look(
            self._done,
            seconds,
            usage.tree_memory(found),
            usage.descriptors(found),
            len(found),
            self._folders(),
        )

    def _folders(self) -> int:
        work = self._pool._work
        return sum(1 for _ in work.path.iterdir()) if work is not None else 0


def grown(looks: Sequence[Look]) -> list[str]:
    """What is more in the last third of the looks than in the first, beyond a small bound."""
    third = max(1, len(looks) // 3)
    found = []
    for name, slack in (
        ("memory", MEMORY_SLACK),
        ("descriptors", 0),
        ("processes", 0),
        ("folders", 0),
    ):
        first = sum(getattr(look, name) for look in looks[:third]) / third
        last = sum(getattr(look, name) for look in looks[-third:]) / third
        if last > first + slack:
            found.append(f"{name} grew from {first:,.1f} to {last:,.1f}")
    return found


async def soak(level: Level, submissions: int, looks: int) -> bool:
    """Whether nothing grew."""
    async with kernel_at(level) as (pool, kernel):
        trial = Soak(pool, kernel)
        await trial.warm_up()
        print(HEAD)
        for _ in range(looks):
            print((await trial.run(submissions // looks)).row(), flush=True)
    print("Of each kind: " + ", ".join(f"{n:,} {name}" for name, n in trial.kinds.most_common()))
    problems = grown(trial.looks)
    print("\n".join(problems) or "Nothing grew.")
    if submissions >= WHOLE and not problems:
        soakpage.write(level, [HEAD, *(look.row() for look in trial.looks)], trial.kinds, SUITES)
    return not problems


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    options.add_argument("--submissions", type=int, default=WHOLE)
    options.add_argument("--looks", type=int, default=10)
    options.add_argument("--level", choices=get_args(Level), default="full")
    told = options.parse_args()
    if not 3 <= told.looks <= told.submissions:
        options.error("at least three looks, and a submission for each, are needed")
    sys.exit(not asyncio.run(soak(told.level, told.submissions, told.looks)))


if __name__ == "__main__":
    main()
