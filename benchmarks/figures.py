"""What is measured, in milliseconds, and how it is summed up."""

import math
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

NOTHING = ("-I", "-c", "pass")


@dataclass(frozen=True)
class Figure:
    """One row of the page."""

    what: str
    #: Milliseconds, one for each time it was measured.
    samples: list[float]
    #: What the reader should know beside the numbers.
    note: str = ""
    #: Why there are no samples.
    missing: str = ""
    #: What we want it to be.
    goal: str = ""

    @property
    def p50(self) -> float:
        return quantile(self.samples, 0.5)

    @property
    def p95(self) -> float:
        return quantile(self.samples, 0.95)


def quantile(samples: list[float], q: float) -> float:
    """Linear interpolation between closest ranks (type 7 of Hyndman and Fan, 1996)."""
    ordered = sorted(samples)
    at = (len(ordered) - 1) * q
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def timed(act: Callable[[], object], n: int, warm_up: int = 0) -> list[float]:
    for _ in range(warm_up):
        act()
    samples = []
    for _ in range(n):
        began = time.perf_counter()
        act()
        samples.append((time.perf_counter() - began) * 1000)
    return samples


def python_starts(n: int, warm_up: int = 0) -> list[float]:
    """The floor of floors: how fast this machine is just now."""
    # With this environment's interpreter: packages of the machine's own may run code at its start.
    words = [sys.executable, *NOTHING]
    return timed(lambda: subprocess.run(words, check=True), n, warm_up)


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def memory_gb() -> str:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return "memory unknown"
    total = next(int(line.split()[1]) for line in lines if line.startswith("MemTotal"))
    return f"{total / 1024 / 1024:.0f} GB of memory"
