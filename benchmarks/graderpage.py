"""The grader's part of the page."""

from __future__ import annotations

from benchmarks import usage
from benchmarks.figures import Figure
from benchmarks.grader import ON_EACH, Measured
from benchmarks.page import Sheet, Table, number

#: Milliseconds of `python -I -c pass` where the goals were set.
_THERE = 13
RATE_GOAL = 100
WITH_GOAL = ("full: ten tests", f"full: {ON_EACH}")
WAITING_GOAL_MB = 3

ONE = """\
One submission with ten tests: those of "{title}" and two more, ten with numpy and pandas, ten of
classes. Through the kernel: from a request to a pool of one kernel, to its verdict; below it: the
same without Jupyter. The peers grade the same solution with the same ten tests. The goals were set
on a machine where `python -I -c pass` takes {there} ms; here it takes {here}.{missing}"""
WORK = """\
Submissions without a pause between them. Processor time is that of all processes of the grader,
those that have ended too, from rest to rest; grades a second and core are 1,000 divided by it.
Where one submission at a time keeps each core busy, they are what the clock says: grades a
second, divided by the cores. The columns at the right say who used the time: the kernel, or
whoever asks in its place; the nursery, which forks the runners; these, which hold the tests; the
zygotes, which fork the sandboxes; these, which run the student's code. The goal was set where
`python -I -c pass` takes {there} ms. The speed of a machine wanders, so that was measured before,
between and after the submissions of each row: "then" is its p50, and "at {there} ms" what the row
would be if work took as much more or less as that."""
MEMORY = """\
Below one kernel at rest, after all submissions of the table above, at level full. Private is what
nobody else has in memory, so what one more of its kind costs; the proportional share divides shared
pages among those who share them."""
LIMITS = """\
How far code that does not stop gets past its limit, and how much memory can be had below it.
Processor time is counted by the system in steps of 10 ms, and what it costs to make an empty
sandbox ready is taken off."""


def sheets(
    found: Measured, floors: list[Figure], peers: list[Figure], title: str
) -> list[Table | Sheet]:
    python = next(figure for figure in floors if figure.what.startswith("`python"))
    words = {"here": f"{python.p50:.0f}", "there": _THERE}
    gone = "".join(f" Level {level} is not measured: {why}" for level, why in found.missing.items())
    text = ONE.format(**words, title=title, missing=gone)
    return [
        Table("The grader: one submission", text, [*found.figures, *peers, *floors]),
        _work(found, WORK.format(there=_THERE)),
        _memory(found),
        _limits(found),
    ]


def _work(found: Measured, text: str) -> Sheet:
    speed = ["grades/s/core", "goal", "`python -I`, then", f"at {_THERE} ms"]
    head = ["", "grades/s", "CPU ms each", *speed, "n", *usage.PARTS]
    rows = []
    for what, work in found.work.items():
        goal = f"≥ {RATE_GOAL}" if what.endswith(WITH_GOAL) else ""
        rate = work.rate_of_a_core
        cpu = "" if work.cores else number(work.cpu_ms)
        row = [what, number(work.rate), cpu, number(rate), goal]
        row += [number(work.floor_ms), number(rate * work.floor_ms / _THERE)]
        row += [str(work.submissions)]
        row += ["" if work.cores else number(work.part_ms(part)) for part in usage.PARTS]
        rows.append(row)
    return Sheet("The grader: work", text, head, rows)


def _memory(found: Measured) -> Sheet:
    head = ["MB", "private", "goal", "proportional", "resident"]
    rows = []
    for what, memory in found.memory.items():
        goal = f"≤ {WAITING_GOAL_MB}" if "waiting sandbox" in what else ""
        if memory is None:
            rows.append([what, "not measured: only root may look", goal, "", ""])
        else:
            sizes = (memory.private, memory.proportional, memory.resident)
            private, proportional, resident = (f"{size / (1 << 20):.1f}" for size in sizes)
            rows.append([what, private, goal, proportional, resident])
    return Sheet("The grader: memory", MEMORY, head, rows)


def _limits(found: Measured) -> Sheet:
    head = ["", "level", "limit", "p50", "worst", "goal", "n", ""]
    rows = [
        [
            each.what,
            each.level,
            each.limit,
            each.middle,
            each.worst,
            each.goal,
            str(each.n),
            each.note,
        ]
        for each in found.limits
    ]
    return Sheet("The grader: limits", LIMITS, head, rows, words=(0, 1, 5, 7))
