"""The data layer's part of docs/performance.md, and the same figures as JSON."""

from __future__ import annotations

import json
import math
import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.db.dataset import Size
from benchmarks.db.heavy import Task
from benchmarks.db.reads import Timed
from benchmarks.db.sizes import Sizes
from benchmarks.db.writes import Rate
from benchmarks.figures import memory_gb, processor, quantile
from benchmarks.page import DATA_LAYER, PAGE, Sheet, above_data_layer, cores, number

RESULTS = Path(__file__).parent / "results.json"
#: A set as large as this has a page of its own: it is made once in a while, and takes 20 minutes.
LARGE, LARGE_PAGE = 10_000_000, PAGE.with_name("performance-10m.md")
LARGE_TITLE = "# Performance at ten million attempts"
INTRODUCTION = """\
Measured by `{command}` (`make bench-db`) on a set of {attempts:,} attempts of {users:,} learners at
{problems:,} problems in {months} months, made in {made:.0f} s, in a PostgreSQL server of its own.
The code of an attempt has {code:.0f} bytes and its results {results:.0f} as text; they are real
verdicts on the course's problems. Hints, conversations, analytics, progress, statistics and the
audit log belong to the attempts as the product would have written them."""
READS = """\
A whole transaction through our code, from asking for a connection to the commit, behind the fence
of row-level security where a learner reads; beside it the same statements by psycopg alone, and how
many they are. Goals are for p95 at ten million attempts."""
WRITES = """\
{processes} client processes and the server share the machine's cores. The rate limit draws from two
buckets. Then a submission is three transactions: the service's `submit`, and the worker's beginning
and its verdict with everything that it changes; grading itself is left out. A full record is the
three of them, one after the other. `bare` inserts one row
into a table with a key; `rows` inserts the rows of a submission in one round trip and looks at
nothing; `pgbench -N` is PostgreSQL's own benchmark. Processor time is that of all processes of the
server, or of our own."""
TASKS = "Seconds of one run each, after the figures above."
SIZES = """\
Bytes on disk for each attempt, after vacuum. Whatever grows with attempts counts in full: with
everything it is {whole:,.0f} bytes, the attempt itself {attempt:,.0f} (goal: ≤ 1,300)."""
NAMES = {
    "bare": "floor: bare, one row",
    "rows": "floor: rows of a submission",
    "pgbench": "peer: `pgbench -N`",
    "bucket": "rate limit",
    "submit": "submit",
    "begin": "worker begins",
    "verdict": "verdict",
    "record": "full record",
}
GOAL_AT, GOAL_RATE, GOAL_CPU = 8, 300, 1.0
GOAL_BYTES = 1300
GOALS = {
    "record": f"≥ {GOAL_RATE} a second",
    **dict.fromkeys(("submit", "begin", "verdict"), f"≤ {GOAL_CPU} ms of the server"),
}
#: Tables smaller than this many bytes for each attempt are summed up.
SMALL = 10


@dataclass(frozen=True, kw_only=True)
class Results:
    command: str
    size: Size
    #: Seconds.
    made: float
    sizes: Sizes
    reads: list[Timed]
    rates: list[Rate]
    tasks: list[Task]
    postgresql: dict[str, str]


def write(results: Results) -> str:
    text = section(results)
    if results.size.attempts >= LARGE:
        LARGE_PAGE.write_text(f"{LARGE_TITLE}\n\n{text}", encoding="utf-8")
    else:
        PAGE.write_text(above_data_layer() + text, encoding="utf-8")
    RESULTS.write_text(json.dumps(_plain(results), indent=1, ensure_ascii=False) + "\n")
    return text


def section(results: Results) -> str:
    size, sizes = results.size, results.sizes
    intro = INTRODUCTION.format(
        command=results.command,
        made=results.made,
        code=sizes.code,
        results=sizes.results_text,
        **asdict(size),
    )
    whole = {"whole": sizes.whole, "attempt": sizes.each("problem_attempt")}
    parts = [
        f"{DATA_LAYER}\n\n{intro}",
        _reads(results.reads).markdown(),
        _writes(results.rates).markdown(),
        _tasks(results.tasks).markdown(),
        Sheet("The data layer: size", SIZES.format(**whole), *_sizes(sizes)).markdown(),
        _machine(results),
    ]
    return "\n\n".join(parts) + "\n"


def _reads(reads: list[Timed]) -> Sheet:
    head = ["", "p50 ms", "p95 ms", "goal", "alone p50", "alone p95", "statements", "n", ""]
    rows = [
        [
            read.what,
            *_quantiles(read.ours),
            f"≤ {read.goal:g}" if read.goal else "",
            *_quantiles(read.plain),
            f"{read.statements:.1f}",
            str(len(read.ours)),
            read.note,
        ]
        for read in reads
    ]
    return Sheet("The data layer: reads", READS, head, rows, words=(0, 8))


def _quantiles(samples: list[float]) -> tuple[str, str]:
    if not samples:
        return "", ""
    return number(quantile(samples, 0.5)), number(quantile(samples, 0.95))


def _writes(rates: list[Rate]) -> Sheet:
    head = ["", "connections", "a second", "p50 ms", "p95 ms", "server CPU ms", "ours", "n", "goal"]
    rows = [
        [
            NAMES[rate.what],
            str(rate.connections),
            number(rate.a_second),
            number(rate.p50),
            "" if math.isnan(rate.p95) else number(rate.p95),
            f"{rate.server_ms:.2f}",
            "" if rate.client_ms is None else f"{rate.client_ms:.2f}",
            f"{rate.n:,}",
            GOALS.get(rate.what, "") if rate.connections == GOAL_AT else "",
        ]
        for rate in sorted(rates, key=lambda one: (list(NAMES).index(one.what), one.connections))
    ]
    text = WRITES.format(processes="Two")
    return Sheet("The data layer: writes", text, head, rows, words=(0, 8))


def _tasks(tasks: list[Task]) -> Sheet:
    rows = [
        [
            task.what,
            f"{task.seconds:.2f}",
            f"≤ {task.goal:g}" if task.goal else "",
            task.note,
        ]
        for task in tasks
    ]
    return Sheet("The data layer: tasks", TASKS, ["", "s", "goal", ""], rows, words=(0, 3))


def _sizes(sizes: Sizes) -> tuple[list[str], list[list[str]]]:
    head = ["bytes for each attempt", "rows", "out of line", "indexes", "all", "number of rows"]
    large = [size for size in sizes.tables if size.all / sizes.attempts >= SMALL]
    rows = []
    for size in large:
        parts = (size.rows, size.toast, size.indexes, size.all)
        each = [f"{part / sizes.attempts:,.0f}" for part in parts]
        rows.append([f"`{size.table}`", *each, f"{size.count:,}"])
    rest = sum(size.all for size in sizes.tables if size not in large) / sizes.attempts
    rows.append(["all others", "", "", "", f"{rest:,.0f}", ""])
    rows.append(["everything", "", "", "", f"{sizes.whole:,.0f}", ""])
    return head, rows


def _machine(results: Results) -> str:
    parts = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "processor": f"{processor()}, {cores()} cores for us, {memory_gb()}",
        "load at the end": "{:.1f}, {:.1f}, {:.1f} (1, 5, 15 minutes)".format(*os.getloadavg()),
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "PostgreSQL": ", ".join(f"{name} {value}" for name, value in results.postgresql.items()),
    }
    lines = "\n".join(f"- {name}: {text}" for name, text in parts.items())
    return f"## The data layer: its machine\n\n{lines}"


def _plain(results: Results) -> dict[str, Any]:
    """Samples summed up: nobody reads thousands of numbers."""
    whole = asdict(results)
    for read in whole["reads"]:
        for name in ("ours", "plain"):
            samples = read.pop(name)
            read[name] = {f"p{q}": quantile(samples, q / 100) for q in (50, 95) if samples}
    for rate in whole["rates"]:
        rate["p95"] = None if math.isnan(rate["p95"]) else rate["p95"]
    return whole


def missed(results: Results) -> list[str]:
    """The goals that were missed, in words."""
    found = [
        f"{read.what}: p95 {quantile(read.ours, 0.95):.1f} ms instead of {read.goal:g}"
        for read in results.reads
        if read.missed
    ]
    for rate in results.rates:
        if rate.connections != GOAL_AT or rate.what not in GOALS:
            continue
        if rate.what == "record" and rate.a_second < GOAL_RATE:
            found.append(f"full record: {rate.a_second:.0f} a second instead of {GOAL_RATE}")
        if rate.what != "record" and rate.server_ms > GOAL_CPU:
            found.append(f"{rate.what}: {rate.server_ms:.2f} ms of PostgreSQL's processor")
    found += [
        f"{task.what}: {task.seconds:.1f} s instead of {task.goal:g}"
        for task in results.tasks
        if task.goal and task.seconds > task.goal
    ]
    if results.sizes.whole > GOAL_BYTES:
        found.append(f"size: {results.sizes.whole:,.0f} bytes instead of {GOAL_BYTES:,}")
    return found
