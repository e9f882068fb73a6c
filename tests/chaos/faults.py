"""The list of faults. Each returns when it is over; students send attempts all the while."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import psutil

from pythonmastery_ext.db.partitions import PARENTS
from pythonmastery_ext.worker import STALLED
from tests.chaos import clicks, crowding, processes
from tests.chaos.scene import Scene, held

#: Seconds between two blows of the same fault.
BETWEEN = 2.0
MONTHS_AHEAD_DAYS = 150
HOUR = 3600


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long a run may take over each fault."""

    blows: int
    #: Seconds without a database, and without a free connection.
    away: float
    crowded: float
    students: int
    #: Acknowledged attempts before and after each fault.
    before: int
    after: int
    #: Whether the queue must be empty before the next fault begins.
    drain: bool


@dataclass(frozen=True)
class Fault:
    name: str
    does: Callable[[Scene, Pace], Awaitable[None]]
    #: Why it cannot be done here; empty if it can.
    left_out: Callable[[Scene], str] = lambda _: ""
    #: Also in the short form.
    brief: bool = True


async def kill_service(scene: Scene, pace: Pace) -> None:
    for blow in range(pace.blows):
        await asyncio.sleep(BETWEEN * 2 if blow else 0)
        scene.service.kill()


async def restart_service(scene: Scene, pace: Pace) -> None:
    """As for a new version: it is asked to end and has requests in its hands."""
    for _ in range(pace.blows):
        await scene.service.restart()


async def kill_worker(scene: Scene, pace: Pace) -> None:
    """All of them, one after the other, so that at the end nobody is left who knows anything."""
    for blow in range(pace.blows):
        await asyncio.sleep(BETWEEN if blow else 0)
        scene.workers[blow % len(scene.workers)].kill()


async def kill_kernel(scene: Scene, pace: Pace) -> None:
    for blow in range(pace.blows):
        await asyncio.sleep(BETWEEN if blow else 0)
        kernels = await _some(processes.kernels, scene)
        processes.kill(kernels[0].pid)


async def kill_sandbox(scene: Scene, pace: Pace) -> None:
    """The innermost process: the one that runs a student's code, or waits for it."""
    for blow in range(3 * pace.blows):
        await asyncio.sleep(0.3 if blow else 0)
        inside = await _some(processes.sandboxed, scene)
        processes.kill(inside[-1].pid)


async def _some(
    look: Callable[[list[int]], list[psutil.Process]], scene: Scene
) -> list[psutil.Process]:
    for _ in range(200):
        if found := await asyncio.to_thread(look, scene.worker_pids):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("no grader process came up")


async def stop_worker(scene: Scene, pace: Pace) -> None:
    """Stopped past its lease, so that its jobs are given to others; then it goes on with them."""
    worker = scene.workers[0]
    worker.signal(signal.SIGSTOP)
    await asyncio.sleep(STALLED + pace.blows)
    worker.signal(signal.SIGCONT)


async def kill_backend(scene: Scene, pace: Pace) -> None:
    """PostgreSQL then ends all others too and recovers."""
    for blow in range(pace.blows):
        await asyncio.sleep(BETWEEN if blow else 0)
        await asyncio.to_thread(scene.postgres.wait_up)
        with scene.postgres.connect() as connection:
            row = connection.execute(
                "select pid from pg_stat_activity where application_name = 'pythonmastery'"
                " order by state = 'active' desc limit 1"
            ).fetchone()
        if row is not None:
            processes.kill(int(str(row[0])))


async def restart_immediately(scene: Scene, pace: Pace) -> None:
    for blow in range(pace.blows):
        await asyncio.sleep(BETWEEN if blow else 0)
        await asyncio.to_thread(scene.postgres.wait_up)
        scene.postgres.quit()


async def stay_away(scene: Scene, pace: Pace) -> None:
    with held(scene.postgres):
        scene.postgres.quit()
        await asyncio.sleep(pace.away)


async def fill_disk(scene: Scene, pace: Pace) -> None:
    assert scene.disk is not None
    await asyncio.to_thread(scene.disk.fill)
    try:
        await asyncio.sleep(pace.away / 2)
    finally:
        scene.disk.free()


async def drop_partitions(scene: Scene, _pace: Pace) -> None:
    """No month is there, as if nobody had made the next one in time; nothing was sent yet."""
    with scene.postgres.connect() as connection:
        for parent in PARENTS:
            children = connection.execute(
                "select inhrelid::regclass::text from pg_inherits where inhparent = %s::regclass",
                [parent],
            ).fetchall()
            for (child,) in children:
                connection.execute(f"drop table {child}")


async def move_clock(scene: Scene, pace: Pace) -> None:
    """An hour forward, two hours back, and into a month that nobody has made a partition for.

    Meanwhile the other worker is killed: who frees its jobs has a clock that is wrong.
    """
    for seconds in (HOUR, -HOUR, MONTHS_AHEAD_DAYS * 24 * HOUR):
        scene.clock.move(seconds)
        scene.workers[1].kill()
        sent = len(scene.journal.entries)
        await scene.classroom.until(
            lambda sent=sent: len(scene.journal.entries) >= sent + pace.after // 2, 60
        )
    scene.clock.move(0)


def _no_disk(scene: Scene) -> str:
    return scene.why_no_disk


def _no_clock(scene: Scene) -> str:
    return "" if scene.clock.library else "libfaketime is not installed"


FAULTS = (
    Fault("next partition missing", drop_partitions),
    Fault("worker stopped past its lease", stop_worker),
    Fault("double click x 50", clicks.double_click),
    Fault("same key, another body", clicks.other_body),
    Fault("kill -9 of the service", kill_service),
    Fault("service told to end", restart_service, brief=False),
    Fault("kill -9 of a grader kernel", kill_kernel),
    Fault("kill -9 of a sandbox", kill_sandbox),
    Fault("kill -9 of a worker", kill_worker),
    Fault("kill -9 of a PostgreSQL backend", kill_backend),
    Fault("immediate restart of PostgreSQL", restart_immediately),
    Fault("pool exhausted", crowding.exhaust_pool),
    Fault("no connection left", crowding.take_all_connections),
    Fault("disk full, and space again", fill_disk, _no_disk),
    Fault("clock moved", move_clock, _no_clock),
    Fault("database away", stay_away),
)
