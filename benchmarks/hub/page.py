"""Writes docs/performance-hub.md."""

import os
import statistics
from pathlib import Path

from benchmarks.hub.crowd import Crowd

PAGE = Path("docs/performance-hub.md")
OVERHEAD_GOAL, WEIGHT_GOAL = 8.0, 8.0

TEXT = """\
# Performance under JupyterHub

Written by `make bench-hub`: a real hub, its proxy, the service with a durable PostgreSQL and one
grader kernel, students' servers and Chromium, all on one machine ({machine}).

| what | measured | goal |
|---|---|---|
{rows}

- **Sign-in → Lab ready**: from the click on the hub's button, through a GitHub on loopback, the
  start of a new server and the load of JupyterLab, until the course is shown; each time somebody
  new. Most of it is Jupyter's own start.
- **One call**: a small read (`progress`), by turns on each way over kept connections. Beside the
  service itself the way of a student has two more stations, the proxy and the student's own server,
  which forwards as the relay.
- **{count} students at once**: one solution each in the same moment. {served} of them have a
  running server and send through it; the others send through the proxy to the service, since
  {count} servers of about {plain:.0f} MB do not start quickly here. Acknowledged: until the 202,
  which is after the commit. Verdict: from the attempt's to the verdict's moment in the database;
  {rate:.0f} verdicts a second here, so the last one waits for all others. More workers shorten it.
- **Memory**: proportional set size of an idle single-user server with our extension beside one
  without, by turns.
"""


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def p50(values: list[float]) -> float:
    return statistics.median(values)


def write(
    ready: list[float],
    ways: dict[str, list[float]],
    crowd: Crowd,
    weights: tuple[list[float], list[float]],
) -> str:
    direct, *_, relayed = (p50(values) for values in ways.values())
    with_us, plain = map(p50, weights)
    sent = crowd.relayed + crowd.straight
    rows = [
        ("Sign-in → Lab ready, p50", f"{p50(ready) / 1000:.1f} s", ""),
        *((f"One call {way}, p50", f"{p50(values):.1f} ms", "") for way, values in ways.items()),
        (
            "A student's way over the direct one, p50",
            f"{relayed - direct:.1f} ms",
            f"≤ {OVERHEAD_GOAL:.0f} ms",
        ),
        ("All at once: acknowledged, p95", f"{percentile(sent, 0.95) / 1000:.2f} s", ""),
        (
            "… of those through their own server, p95",
            f"{percentile(crowd.relayed, 0.95) / 1000:.2f} s",
            "",
        ),
        ("All at once: verdict, p95", f"{percentile(crowd.verdicts, 0.95) / 1000:.2f} s", ""),
        ("All at once: lost", f"{crowd.lost}", "0"),
        ("Memory of an idle server, plain", f"{plain:.0f} MB", ""),
        ("… added by us", f"{with_us - plain:.1f} MB", f"≤ {WEIGHT_GOAL:.0f} MB"),
    ]
    text = TEXT.format(
        machine=f"{os.cpu_count()} cores",
        rows="\n".join(f"| {what} | {found} | {goal} |" for what, found, goal in rows),
        count=len(sent),
        served=len(crowd.relayed),
        plain=plain,
        rate=len(crowd.verdicts) / (max(crowd.verdicts, default=1) / 1000),
    )
    PAGE.write_text(text)
    return text


def missed(
    ways: dict[str, list[float]], crowd: Crowd, weights: tuple[list[float], ...]
) -> list[str]:
    direct, *_, relayed = (p50(values) for values in ways.values())
    with_us, plain = map(p50, weights)
    found = []
    if relayed - direct > OVERHEAD_GOAL:
        found.append(f"a student's way costs {relayed - direct:.1f} ms over the direct one")
    if crowd.lost:
        found.append(f"{crowd.lost} attempts were lost")
    if with_us - plain > WEIGHT_GOAL:
        found.append(f"our extension weighs {with_us - plain:.1f} MB")
    return found
