"""One run: faults one after the other while students work, then the count and the table."""

import asyncio
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos import checker, processes
from tests.chaos.faults import FAULTS, Fault, Pace
from tests.chaos.scene import Scene, scene

FULL = Pace(blows=3, away=30.0, crowded=5.0, students=24, before=20, after=50, drain=True)
SHORT = Pace(blows=1, away=2.0, crowded=2.0, students=6, before=3, after=6, drain=False)
#: Seconds. Far above what a fault needs; so that a run ends whatever is broken.
PATIENCE = 180.0


@dataclass
class Row:
    """One fault in the table."""

    fault: str
    left_out: str = ""
    #: Journal entries that belong to it.
    first: int = 0
    last: int = 0
    #: Seconds from the end of the fault to the next acknowledgement, the next verdict, and until
    #: everything that was acknowledged before had its verdict; None: it did not come.
    next_ack: float | None = None
    next_verdict: float | None = None
    caught_up: float | None = None
    #: Of the fault and the recovery together.
    took: float = 0.0
    lost: int = 0
    double: int = 0
    faulted: int = 0

    @property
    def acknowledged(self) -> int:
        return self.last - self.first


@dataclass
class Report:
    rows: list[Row] = field(default_factory=list)
    #: Sentences; empty if all is well.
    wrong: list[str] = field(default_factory=list)
    refused: dict[int, int] = field(default_factory=dict)
    #: Of the whole run, and until the service was ready for the first attempt.
    seconds: float = 0.0
    ready: float = 0.0

    @property
    def acknowledged(self) -> int:
        return sum(row.acknowledged for row in self.rows)


async def run(base: Path, pace: Pace, faults: tuple[Fault, ...] = FAULTS) -> Report:
    begun = time.monotonic()
    report = Report()
    async with scene(base, pace.students) as place:
        report.ready = time.monotonic() - begun
        for fault in faults:
            row = await suffer(place, fault, pace)
            report.rows.append(row)
            # A whole run takes a while, the longer the busier the machine is.
            sys.stderr.write(f"{row.fault}: {row.acknowledged} acknowledged, {row.took:.0f} s\n")
        await finish(place, report)
    report.wrong += [f"still running: {left}" for left in processes.orphans(())]
    report.seconds = time.monotonic() - begun
    return report


async def suffer(place: Scene, fault: Fault, pace: Pace) -> Row:
    row = Row(fault.name, left_out=fault.left_out(place), first=len(place.journal.entries))
    row.last = row.first
    if row.left_out:
        return row
    classroom, journal = place.classroom, place.journal
    begun = time.monotonic()
    classroom.begin()
    if row.first:
        await classroom.until(lambda: len(journal.entries) >= row.first + pace.before, PATIENCE)
    await fault.does(place, pace)
    ended, before = time.monotonic(), len(journal.entries)
    came = await classroom.until(
        lambda: (
            len(journal.entries) >= before + pace.after
            and max(journal.verdicts.values(), default=0.0) > ended
        ),
        PATIENCE,
    )
    if not came:
        journal.wrong.append(f"{fault.name}: the service did not come back")
    await measure(place, row, pace, ended, before)
    row.last = len(journal.entries)
    row.took = time.monotonic() - begun
    return row


async def measure(place: Scene, row: Row, pace: Pace, ended: float, before: int) -> None:
    journal = place.journal
    row.next_ack = first_after(ended, journal.times)
    row.next_verdict = first_after(ended, list(journal.verdicts.values()))
    if not pace.drain:
        return
    # Those who still look at their attempts see the verdicts of all that came before.
    waiting = {entry.attempt for entry in journal.entries[row.first : before]}
    if await place.classroom.until(lambda: waiting <= journal.verdicts.keys(), PATIENCE):
        row.caught_up = max(
            0.0, max((journal.verdicts[attempt] for attempt in waiting), default=ended) - ended
        )
    await place.classroom.pause()
    await drain(place)


def first_after(moment: float, times: list[float]) -> float | None:
    return min((time - moment for time in times if time > moment), default=None)


async def drain(place: Scene) -> None:
    if not await place.until_graded(PATIENCE):
        place.journal.wrong.append("the queue does not become empty")


async def finish(place: Scene, report: Report) -> None:
    if not await place.classroom.pause():
        place.journal.wrong.append("something that was sent is not acknowledged")
    await drain(place)
    with place.postgres.connect() as connection:
        found = await asyncio.to_thread(checker.check, connection, place.journal.entries)
    entries = place.journal.entries
    report.rows[-1].last = len(entries)
    for row in report.rows:
        own = {entry.attempt for entry in entries[row.first : row.last]}
        row.lost, row.double = len(own & found.lost), len(own & found.double)
        row.faulted = len(own & found.faulted)
    known = {entry.attempt for entry in entries}
    report.wrong += [f"lost: {attempt}" for attempt in sorted(found.lost)]
    report.wrong += [f"double: {attempt}" for attempt in sorted(found.double & known)]
    report.wrong += [f"never acknowledged: {extra}" for extra in sorted(found.double - known)]
    report.wrong += [f"our fault: {attempt}" for attempt in sorted(found.faulted)]
    report.wrong += found.wrong + place.journal.wrong
    report.refused = dict(place.journal.refused)
    left = await asyncio.to_thread(processes.orphans, place.pids)
    report.wrong += [f"left behind: {process}" for process in left]
