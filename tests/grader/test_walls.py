"""Zygotes, the processes they fork, and what these may do."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator

import psutil
import pytest

from grader.pool import GraderPool
from grader.protocol import GradeRequest, Limits, Test
from grader.walls import cgroups

ADD = "def add(a, b): return a + b"
#: A runner uses less for a submission, also on a busy machine.
_BUSY_SECONDS = 0.5
WORKS = "assert add(1, 2) == 3"


def _request(code: str, source: str = WORKS, **fields: object) -> GradeRequest:
    test = Test(key="t", name="t", source=source, visible="sample")
    limits = fields.pop("limits", Limits(cpu_seconds=5, wall_seconds=10))
    return GradeRequest(id="r", code=code, tests=(test,), limits=limits, **fields)


@pytest.fixture(scope="module", params=["full", "degraded"])
async def walled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[GraderPool]:
    pool = GraderPool(level=request.param, runtime_dir=tmp_path_factory.mktemp("pool"))
    await pool.start()
    yield pool
    await pool.close()


def _tree(pool: GraderPool) -> list[psutil.Process]:
    (kernel,) = pool._all
    return psutil.Process(kernel.manager.provisioner.pid).children(recursive=True)


def _running(pool: GraderPool, part: str) -> list[psutil.Process]:
    found = []
    for process in _tree(pool):
        with contextlib.suppress(psutil.NoSuchProcess):  # which a zombie is too
            if part in " ".join(process.cmdline()):
                found.append(process)
    return found


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):  # it went with one before it
            process.send_signal(signal.SIGKILL)


async def _tell(pool: GraderPool, body: str) -> str:
    """What the student's code finds out: `body` ends with a return."""
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    verdict = await pool.grade(_request(f"def found():\n{indented}", "assert found() == 'x'"))
    return str(verdict.tests[0].actual or verdict.tests[0].message)


@pytest.mark.parametrize("part", ["grader.nursery", "inside/zygote.py"])
async def test_whoever_is_killed_is_replaced(walled: GraderPool, part: str) -> None:
    assert (await walled.grade(_request(ADD))).status == "passed"
    _kill(_running(walled, part))

    verdict = await walled.grade(_request(ADD))

    assert (verdict.status, verdict.message) == ("passed", "")


@pytest.mark.parametrize("part", ["grader.nursery", "inside/zygote.py"])
async def test_a_submission_in_whose_middle_they_are_killed_is_graded_again(
    walled: GraderPool, part: str
) -> None:
    slow = f"import time\n{ADD.replace('return', 'time.sleep(0.5); return')}"
    grading = asyncio.create_task(walled.grade(_request(slow)))
    await asyncio.sleep(0.25)
    _kill(_running(walled, part))

    verdict = await grading

    assert (verdict.status, verdict.message) == ("passed", "")


async def test_an_interrupt_leaves_no_process_of_the_submission(walled: GraderPool) -> None:
    await walled.grade(_request(ADD))
    (kernel,) = walled._all
    before = _spent(walled)
    grading = asyncio.create_task(walled.grade(_request("while True: pass")))
    # One that comes before the submission has begun interrupts nothing.
    while not (at_work := _busy(walled, before)):
        assert not grading.done()
        await asyncio.sleep(0.05)
    await kernel.manager.interrupt_kernel()
    assert (await grading).message == "The grading was interrupted."

    assert not any(psutil.pid_exists(pid) for pid in at_work)


def _spent(pool: GraderPool) -> dict[int, float]:
    """Seconds of processor time of each process below the kernel."""
    found = {}
    for process in _tree(pool):
        with contextlib.suppress(psutil.NoSuchProcess):
            found[process.pid] = process.cpu_times().user
    return found


def _busy(pool: GraderPool, before: dict[int, float]) -> list[int]:
    """Those that work without a pause, apart from what all submissions are forked from."""
    lasting = [p.pid for part in ("nursery", "zygote.py") for p in _first(_running(pool, part))]
    now = _spent(pool)
    return [
        pid for pid in now if now[pid] - before.get(pid, 0.0) > _BUSY_SECONDS and pid not in lasting
    ]


def _first(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that the others were forked from."""
    pids = {process.pid for process in processes}
    return [process for process in processes if process.ppid() not in pids]


async def test_each_submission_draws_its_own_random_numbers(walled: GraderPool) -> None:
    code = "import random\nNUMBER = random.random()\ndef add(a, b): return NUMBER"
    request = _request(code, "assert add(1, 2) == 3")

    told = {(await walled.grade(request)).tests[0].actual for _ in range(3)}

    assert len(told) == 3


@pytest.mark.parametrize("module", ["sqlite3", "xml.etree.ElementTree", "ctypes", "zoneinfo"])
async def test_what_was_not_loaded_ahead_can_be_imported(walled: GraderPool, module: str) -> None:
    verdict = await walled.grade(_request(f"import {module}\n{ADD}"))

    assert (verdict.status, verdict.message) == ("passed", "")


async def test_tables_come_from_a_zygote_that_has_them(walled: GraderPool) -> None:
    code = "import pandas as pd\ndef add(a, b): return int(pd.Series([a, b]).sum())"

    verdict = await walled.grade(_request(code))

    assert (verdict.status, verdict.message) == ("passed", "")
    assert len(_first(_running(walled, "zygote.py"))) >= 2


async def test_threads_and_event_loops_work(walled: GraderPool) -> None:
    code = """
import asyncio, concurrent.futures, threading
async def later(x):
    await asyncio.sleep(0)
    return x
def add(a, b):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        first = pool.submit(lambda: a).result()
    return first + asyncio.run(later(b))
"""
    verdict = await walled.grade(_request(code))

    assert (verdict.status, verdict.message) == ("passed", "")


async def test_no_process_can_be_started(walled: GraderPool) -> None:
    told = await _tell(walled, "import os\nif os.fork() == 0: os._exit(0)\nreturn 'forked'")

    assert "PermissionError" in told


CALLS = {
    "a socket": "import socket\nsocket.socket()",
    "another program": "import os, sys\nos.execv(sys.executable, [sys.executable])",
    "a look at a process": "import ctypes\nif ctypes.CDLL(None).ptrace(0, 0, 0, 0): raise OSError",
    "namespaces": "import ctypes\nif ctypes.CDLL(None).unshare(0x10000000): raise OSError",
    "a mount": "import ctypes\nif ctypes.CDLL(None).mount(0, b'/tmp', b'', 0, 0): raise OSError",
    "signals by descriptor": "import fcntl, os\nfcntl.fcntl(0, fcntl.F_SETOWN, os.getppid())",
    "a limit of others": "import resource\nresource.prlimit(os.getpid() + 1, resource.RLIMIT_CPU)",
    "a file of the system": "open('/etc/hostname').read()",
    "a secret of the system": "open('/etc/shadow').read()",
    "a program's memory": "open('/proc/self/mem', 'rb')",
    "writing beside": "open('/usr/lib/pm-test', 'w')",
    "writing at the top": "open('/pm-test', 'w')",
}


@pytest.mark.parametrize("what", CALLS)
async def test_it_is_refused(walled: GraderPool, what: str) -> None:
    body = "".join(f"    {line}\n" for line in CALLS[what].splitlines())

    told = await _tell(
        walled, f"import os\ntry:\n{body}    return 'done'\nexcept OSError:\n    return 'no'"
    )

    assert told == "'no'"


async def test_a_lock_tells_no_other_submission_anything(walled: GraderPool) -> None:
    """All of them see the same files of the library; that a lock is held must not be seen there."""
    seen = await _tell(
        walled,
        "import fcntl, os\n"
        "first, second = (os.open(os.__file__, os.O_RDONLY) for _ in '12')\n"
        "fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
        "fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
        "fcntl.lockf(first, fcntl.LOCK_SH | fcntl.LOCK_NB)\n"
        "return 'not held'",
    )

    assert seen == "'not held'"


async def test_a_database_in_its_own_folder_works(walled: GraderPool) -> None:
    seen = await _tell(
        walled,
        "import sqlite3\n"
        "with sqlite3.connect('shop.db') as shop:\n"
        "    shop.execute('create table sale (sum)')\n"
        "    shop.execute('insert into sale values (3)')\n"
        "return sqlite3.connect('shop.db').execute('select sum from sale').fetchone()",
    )

    assert seen == "(3,)"


async def test_its_own_folder_is_writable_and_empty_again(walled: GraderPool) -> None:
    body = (
        "import os, pathlib, tempfile\n"
        "before = os.listdir('.') + [n for n in os.listdir('/dev/shm') if n not in os.getcwd()]\n"
        "pathlib.Path('pm-note').write_text('x')\n"
        "with tempfile.TemporaryFile() as file: file.write(b'x')\n"
        "return before"
    )
    if walled.level == "degraded":
        body = body.replace(" + [n for n in os.listdir('/dev/shm') if n not in os.getcwd()]", "")

    assert [await _tell(walled, body) for _ in range(2)] == ["[]", "[]"]


async def test_nothing_of_the_services_environment_is_inside(
    walled: GraderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await _tell(walled, "import os\nreturn sorted(os.environ)")

    assert "HOME" not in told
    assert "PYTHONMASTERY" not in told


@pytest.mark.parametrize("walled", ["full"], indirect=True)
async def test_processes_together_keep_to_the_memory_of_one(walled: GraderPool) -> None:
    group = cgroups.make("test")
    if group is None:
        pytest.skip("this machine lets us make no control group")
    group.remove()
    code = """
import os, time
def add(a, b):
    for _ in range(6):
        if os.fork() == 0:
            kept = bytearray(b"x" * (100 << 20))
            time.sleep(20)
            os._exit(0)
    time.sleep(0.3)
    kept = bytearray(b"x" * (100 << 20))
    return sum(os.waitpid(-1, os.WNOHANG)[0] > 0 for _ in range(3))
"""
    limits = Limits(cpu_seconds=4, wall_seconds=8, memory_mb=150)
    verdict = await walled.grade(_request(code, "assert add(1, 2) == 0", limits=limits))
    again = await walled.grade(_request(ADD))

    assert verdict.status == "failed", verdict
    assert again.status == "passed"


async def test_a_waiting_runner_that_was_killed_costs_nobody_an_attempt(
    walled: GraderPool,
) -> None:
    assert (await walled.grade(_request(ADD))).status == "passed"
    nurseries = {process.pid for process in _first(_running(walled, "grader.nursery"))}
    family = _running(walled, "grader.nursery")
    _kill([process for process in family if process.pid not in nurseries])

    verdict = await walled.grade(_request(ADD))

    assert (verdict.status, verdict.message) == ("passed", "")


async def test_at_the_end_no_process_and_no_folder_is_left(walled: GraderPool) -> None:
    verdict = await walled.grade(_request(ADD))
    processes, folder = _tree(walled), walled._wanted_dir
    await walled.close()

    assert verdict.level == walled.level
    gone, alive = await asyncio.to_thread(psutil.wait_procs, processes, 10)
    assert (alive, os.listdir(folder)) == ([], [])  # noqa: PTH208
    assert gone
