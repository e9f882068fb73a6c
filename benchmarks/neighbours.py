"""What an honest submission notices of a hostile one in the kernel beside it."""

import asyncio

from benchmarks.figures import Figure
from grader.protocol import Level
from tests.grader.attacks import ATTACKS
from tests.grader.attacks.problems import TOTAL
from tests.grader.field import EASY, TIGHT, Field, open_field

#: Those that take the most of the machine: processor, memory, streams, disk, processes.
LOUDEST = (
    "never returns",
    "forks without end",
    "burns the processor in children and threads",
    "needs memory in many processes",
    "prints without end",
    "fills the disk",
    "sends frames without end",
)


async def _beside(field: Field, name: str) -> list[float]:
    attack = next(attack for attack in ATTACKS if attack.name == name)
    work = asyncio.create_task(field.grade(attack.code, attack.problem, TIGHT))
    await asyncio.sleep(0.05)
    samples = []
    while not work.done():
        samples.append((await field.grade(TOTAL.honest, TOTAL, EASY)).grader_ms)
    return samples


async def _level(level: Level, times: int) -> list[Figure]:
    async with open_field(level) as field:
        quiet = [(await field.grade(TOTAL.honest, TOTAL, EASY)).grader_ms for _ in range(60)]
        loud = [ms for name in LOUDEST * times for ms in await _beside(field, name)]
    return [
        Figure(
            f"Honest submission, quiet, `{level}`", quiet[10:], "4 tests, a pool of two kernels"
        ),
        Figure(f"Beside hostile ones, `{level}`", loud, f"{len(LOUDEST)} of the loudest attacks"),
    ]


def neighbours(quick: bool) -> list[Figure]:
    times = 1 if quick else 3
    levels: tuple[Level, ...] = ("full", "degraded")
    return [figure for level in levels for figure in asyncio.run(_level(level, times))]
