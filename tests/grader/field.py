"""Where a hostile submission meets an honest one: two kernels of one pool, graded together."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import psutil

from grader.kept import MOST
from grader.pool import GraderPool
from grader.protocol import GradeRequest, Level, Limits, Verdict
from tests.grader.attacks.attack import Attack
from tests.grader.attacks.problems import (
    CANARY,
    NEIGHBOUR,
    SECRET_AT_HOME,
    SECRET_FILE,
    SECRET_VARIABLE,
    TOTAL,
    Problem,
)
from tests.grader.watch import Peaks, Watch, settles

TIGHT = Limits(cpu_seconds=0.5, wall_seconds=1.0, memory_mb=96, output_kb=16, processes=8)
EASY = Limits(cpu_seconds=4, wall_seconds=20)
#: A process that runs a student's code is called this, and so are its children and threads.
STUDENT = "pm-student"
_MARK = f"__import__('ctypes').CDLL(None).prctl(15, b'{STUDENT}', 0, 0, 0)\n"
_NUMBERS = itertools.count()
_KERNELS = 2
#: So many honest submissions follow each other without a pause beside an attack.
_CLOSE = 4
_PAUSE_SECONDS = 0.1
#: Processes that may wait for a suite that they know: a runner, and one of a student.
_KEPT = 2 * MOST * _KERNELS

#: An honest solution that first looks for whatever the submission before it left.
LOOKS_AROUND = """
import os, sys, ctypes, glob, tempfile
NEEDLES = [b"".join([b"zq7", b"canary"]), b"".join([b"pm-", b"left-"])]
def look(data, where):
    if not isinstance(data, bytes): data = str(data).encode("utf-8", "replace")
    for needle in NEEDLES:
        at = data.find(needle)
        if at >= 0 and data[at + len(needle):at + len(needle) + 2].strip(bytes(1)):
            print("found", where, data[at:at + 20])
def read(path):
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try: return os.read(fd, 4096)
        finally: os.close(fd)
    except OSError: return b""
look(dict(os.environ), "environment"); look(sys.argv, "arguments")
look(list(sys.modules), "modules"); look(vars(__import__("builtins")).keys(), "builtins")
for place in (".", "/tmp", "/dev/shm", "/var/tmp", "/dev/mqueue", "/run", "/agent", "/", ".."):
    try: names = os.listdir(place)[:2000]
    except OSError: continue
    for name in names:
        look(name, place)
        if "pm-" in name or place == ".": look(read(os.path.join(place, name)), name)
look(read("/proc/net/unix"), "sockets")
libc = ctypes.CDLL(None)
libc.shmat.restype = libc.malloc.restype = ctypes.c_void_p
for size in [1 << n for n in range(6, 21)]:
    at = libc.malloc(ctypes.c_size_t(size))
    if at: look(ctypes.string_at(at, size), "memory")
for number in range(64):
    at = libc.shmat(number, None, 0)
    if at and at != 2 ** 64 - 1: look(ctypes.string_at(at, 64), "shared memory")
def total(rows): return sum(rows)
"""


@dataclass
class Meeting:
    """What came of an attack."""

    verdict: Verdict
    neighbours: list[Verdict]
    later: Verdict
    peaks: Peaks
    #: Processor time of the trusted side, for all of these.
    cpu_seconds: float
    survivors: list[str]


@dataclass
class Field:
    pool: GraderPool
    level: Level
    watch: Watch = field(default_factory=lambda: Watch([]))
    #: How many processes wait for work.
    resting: int = 0
    #: What they take; much of it is shared, and counted for each.
    resting_memory: int = 0

    async def grade(self, code: str, problem: Problem, limits: Limits) -> Verdict:
        number = next(_NUMBERS)
        request = GradeRequest(
            id=f"a{number}",
            code=code,
            tests=problem.tests,
            given=_MARK,
            files=problem.files,
            objects=problem.objects,
            open_tests=problem.open_tests,
            limits=limits,
            seed=number,
        )
        return await self.pool.grade(request)

    async def honest(self) -> Verdict:
        return await self.grade(NEIGHBOUR.honest, NEIGHBOUR, EASY)

    async def meet(self, attack: Attack) -> Meeting:
        """Grade it, with honest neighbours all the while; then look what is left."""
        self.watch.peaks = Peaks()
        before = self.watch.cpu_seconds()
        work = asyncio.create_task(self.grade(attack.code, attack.problem, TIGHT))
        neighbours = [await self.honest()]
        while not work.done():
            if len(neighbours) >= _CLOSE:
                # What goes on for so long is an endless loop, a flood or a sleep.
                await asyncio.wait([work], timeout=_PAUSE_SECONDS)
            neighbours.append(await self.honest())
        verdict = await work
        survivors = self._students()
        later = await self.grade(LOOKS_AROUND, TOTAL, EASY)
        used = self.watch.cpu_seconds() - before
        return Meeting(verdict, neighbours, later, self.watch.peaks, used, survivors)

    def _students(self) -> list[str]:
        """Processes that still run a student's code, now that all verdicts are there."""
        found = []
        for process in self.watch.all():
            with contextlib.suppress(psutil.Error):
                if process.name() == STUDENT and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(f"{process.pid} {process.status()}")
        return found

    def not_at_rest(self) -> list[str]:
        """Processes beyond those that wait for work; empty as soon as all is quiet."""
        if len(self.watch.pids()) <= self.resting + _KEPT:
            return []
        return [f"{p.pid} {p.name()}" for p in self.watch.all() if p.is_running()]


@contextlib.contextmanager
def canary_files() -> Iterator[None]:
    """Secrets of the grading user, which nobody else may read."""
    paths = (SECRET_FILE, SECRET_AT_HOME)
    for path in paths:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{CANARY}-in-a-file")
    os.environ[SECRET_VARIABLE] = f"{CANARY}-in-the-environment"
    try:
        yield
    finally:
        del os.environ[SECRET_VARIABLE]
        for path in paths:
            path.unlink(missing_ok=True)


@contextlib.asynccontextmanager
async def open_field(level: Level) -> AsyncIterator[Field]:
    before = set(psutil.Process().children())
    with canary_files():
        pool = GraderPool(kernels=_KERNELS, level=level)
        await pool.start()
        watch = None
        try:
            ground = Field(pool, level)
            # Both kernels have been at work once, and each has all that it keeps ready.
            for imports in ("", "import numpy\n" if importlib.util.find_spec("numpy") else ""):
                code = imports + TOTAL.honest
                await asyncio.gather(*(ground.grade(code, TOTAL, EASY) for _ in range(2)))
            roots = [p for p in psutil.Process().children() if p not in before]
            watch = ground.watch = Watch(roots)
            ground.resting = await asyncio.to_thread(_resting, watch)
            ground.resting_memory = watch.memory()
            yield ground
        finally:
            if watch is not None:
                watch.end()
            await pool.close()
    assert not settles(lambda: [p.pid for p in roots if p.is_running()]), "a kernel lives on"


def _resting(watch: Watch) -> int:
    """How many processes wait for work once their number has stopped changing."""
    counts: list[int] = []

    def changing() -> bool:
        counts.append(len(watch.pids()))
        return len(counts) < 50 or len(set(counts[-50:])) > 1

    settles(changing)
    return counts[-1]
