"""Makes the data, measures, and writes the data layer's part of docs/performance.md."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from pathlib import Path

import psycopg

from benchmarks.db import burst, course, dataset, heavy, reads, report, sizes, writes
from benchmarks.db.cluster import Server, own_server
from benchmarks.db.dataset import Size
from pythonmastery_ext.db.engine import psycopg_dsn

QUICK = 100_000
SETTINGS = ("server_version", "shared_buffers", "work_mem", "fsync", "synchronous_commit")


def say(text: str) -> None:
    print(f"▸ {time.perf_counter() - BEGAN:6.1f} s  {text}", file=sys.stderr, flush=True)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.db", description=__doc__)
    parser.add_argument("--attempts", type=int, help="how many (default: a million)")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} attempts, shorter runs")
    parser.add_argument(
        "--keep", type=Path, help="put the server's data into this folder and leave it there"
    )
    parser.add_argument("--print-only", action="store_true", help="leave the page as it is")
    return parser.parse_args()


def main() -> None:
    asked = options()
    # So that the server is stopped and its folder removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    size = Size.of(asked.attempts or (QUICK if asked.quick else 1_000_000))
    with own_server(size.attempts, asked.keep) as server:
        results = measured(server, size, quick=asked.quick)
    text = report.section(results) if asked.print_only else report.write(results)
    print(text)
    for goal in report.missed(results) or ["every goal is met"]:
        say(goal)


def measured(server: Server, size: Size, *, quick: bool) -> report.Results:
    originals = course.models()
    say("Real verdicts for the course's problems")
    graded = asyncio.run(course.verdicts(originals))
    file = server.folder / "graded"
    course.save(file, graded)
    began = time.perf_counter()
    dataset.generate(server.url, size, graded, originals, lambda text: say(f"Making it: {text}"))
    made = time.perf_counter() - began
    say("Sizes")
    found = sizes.sizes(server.url)
    say("Reads")
    read = asyncio.run(reads.measured(server.url, server.folder, 60 if quick else 300))
    say("A whole class at once")
    read.append(asyncio.run(burst.measured(server.url, file)))
    say(f"Writes at {', '.join(map(str, writes.LEVELS))} connections")
    seconds = 2.0 if quick else 8.0
    rates = [*writes.rates(server, str(file), seconds), *writes.pgbench(server, seconds)]
    say("Views, exports, erasures")
    done = asyncio.run(_all(server))
    return report.Results(
        command="python -m benchmarks.db" + "".join(f" {word}" for word in sys.argv[1:]),
        size=size,
        made=made,
        sizes=found,
        reads=read,
        rates=rates,
        tasks=done,
        postgresql=_settings(server),
    )


async def _all(server: Server) -> list[heavy.Task]:
    return [task async for task in heavy.tasks(server.url, server.folder)]


def _settings(server: Server) -> dict[str, str]:
    with psycopg.connect(psycopg_dsn(server.url)) as db:
        rows = db.execute(
            "select name, current_setting(name) from unnest(%s::text[]) name", [list(SETTINGS)]
        )
        return dict(rows.fetchall())


BEGAN = time.perf_counter()

if __name__ == "__main__":
    main()
