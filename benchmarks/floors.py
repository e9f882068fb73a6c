"""What no grader of this kind can be faster than."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from jupyter_client.manager import KernelManager

from benchmarks.figures import NOTHING, Figure, python_starts, timed
from benchmarks.submissions import workers_at
from grader.protocol import GradeRequest, Level, Test
from grader.walls import bubblewrap, zygotes
from grader.walls.sandbox import SandboxUnavailable


def python_start(n: int) -> Figure:
    samples = python_starts(n, warm_up=3)
    return Figure("`python -I -c pass`", samples, "a new process, no isolation")


def bwrap_start(n: int) -> Figure:
    what = "`bwrap` + `python -I -c pass`"
    bwrap = bubblewrap.find()
    if bwrap is None:
        return Figure(what, [], missing="there is no bubblewrap here")
    words = [bwrap, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/"]
    words += ["--proc", "/proc", "--tmpfs", "/tmp", sys.executable, *NOTHING]  # noqa: S108
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


def fork(n: int, *, tables: bool) -> Figure:
    """Of an interpreter that has loaded what a zygote has."""
    what = "A bare fork" + (", with numpy and pandas" if tables else "")
    if tables and not zygotes.has_tables():
        return Figure(what, [], missing="numpy and pandas are not installed")
    modules = [*zygotes._USUAL.split(), "msgpack", *(zygotes.PRELOADED["tables"] if tables else ())]
    words = [sys.executable, str(Path(__file__).with_name("forks.py")), str(n), *modules]
    environment = {**os.environ, **bubblewrap.environment()}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    return Figure(what, json.loads(done.stdout), "of a process of that size, until it has ended")


def round_trip(n: int, level: Level) -> Figure:
    """A test may use a clock: it runs on the trusted side, where the calls begin."""
    what = f"One call, runner ⇄ sandbox, {level}"
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        source = f"""
import json, time
def one():
    began = time.perf_counter()
    add(1, 2)
    return (time.perf_counter() - began) * 1000
samples = [one() for _ in range({n} + 20)][20:]
with open({str(told)!r}, "w") as file:
    json.dump(samples, file)
"""
        test = Test(key="t", name="t", source=source)
        code = "def add(a, b): return a + b"
        try:
            verdict = asyncio.run(_graded(GradeRequest(id="r", code=code, tests=(test,)), level))
        except SandboxUnavailable as error:
            return Figure(what, [], missing=str(error))
        if verdict != "passed":
            raise RuntimeError(f"the calls ended with {verdict}")
        return Figure(what, json.loads(told.read_text()), "`add(1, 2)` as a test calls it")


async def _graded(request: GradeRequest, level: Level) -> str:
    async with workers_at(level) as workers:
        verdict = await workers.grade(request)
        return f"{verdict.status}" if verdict.status == "passed" else f"{verdict}"


def grader_floors(quick: bool) -> list[Figure]:
    n = 100 if quick else 500
    return [
        fork(n, tables=False),
        fork(n, tables=True),
        round_trip(n, "full"),
        round_trip(n, "degraded"),
    ]


def all_floors(quick: bool) -> list[Figure]:
    return [
        kernel_no_op(50 if quick else 200),
        bwrap_start(10 if quick else 40),
        python_start(10 if quick else 40),
    ]
