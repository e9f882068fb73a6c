"""The pool keeps grading whatever happens to its kernels."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from grader.kernelspec import kernelspec, write_kernelspec
from grader.pool import GraderPool, GraderUnavailable
from grader.protocol import KERNEL_NAME, GradeRequest, Limits
from grader.walls.leftovers import PoolFolder
from tests.api.client import until
from tests.grader.conftest import Grade, as_tests

ADD = "def add(a, b):\n    return a + b\n"


def _request(code: str = ADD, **fields: object) -> GradeRequest:
    return GradeRequest(id="r", code=code, tests=as_tests("assert add(1, 2) == 3"), **fields)


@pytest.fixture(scope="module")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[GraderPool]:
    """A pool that goes on grading, whatever one test after the other does to its kernel."""
    folder = tmp_path_factory.mktemp("own")
    pool = GraderPool(runtime_dir=folder)
    await pool.start()
    yield pool
    await pool.close()
    assert os.listdir(folder) == []  # noqa: PTH208


async def test_many_requests_wait_for_one_kernel(grade: Grade) -> None:
    codes = [ADD, "def add(a, b): return 0"] * 4

    verdicts = await asyncio.gather(*(grade(code, "assert add(1, 2) == 3") for code in codes))

    assert [verdict.status for verdict in verdicts] == ["passed", "failed"] * 4


async def test_a_killed_kernel_is_replaced(own: GraderPool) -> None:
    (kernel,) = own._all
    pid = kernel.manager.provisioner.pid
    grading = asyncio.create_task(
        own.grade(_request("import time\ntime.sleep(0.8)\n" + ADD, limits=Limits()))
    )
    await asyncio.sleep(0.2)
    os.kill(pid, signal.SIGKILL)

    assert (await grading).status == "passed"
    assert (await own.grade(_request())).status == "passed"
    assert pid not in {k.manager.provisioner.pid for k in own._all}


@pytest.mark.parametrize("now", [False, True])
async def test_a_restarted_kernel_of_a_pool_grades(own: GraderPool, now: bool) -> None:
    (kernel,) = own._all
    before = kernel.manager.provisioner.pid
    await kernel.manager.restart_kernel(now=now)
    await kernel.client.wait_for_ready(timeout=60)

    assert (await own.grade(_request())).status == "passed"
    assert {k.manager.provisioner.pid for k in own._all} == {kernel.manager.provisioner.pid}
    assert kernel.manager.provisioner.pid != before


def _clear_away(folder: Path) -> None:
    """As a cleaner of /tmp does, while the grader may be making a new folder in it."""
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


async def test_folders_that_a_clean_up_took_away_are_made_again(own: GraderPool) -> None:
    for folder in (own._dir, own._work):
        assert folder is not None
        _clear_away(folder.path)
        verdict = await own.grade(_request())
        assert (verdict.status, verdict.message) == ("passed", "")


async def _interrupt(client: Any) -> None:
    asked = client.session.msg("interrupt_request", {})
    client.control_channel.send(asked)
    while True:
        answer = await client.get_control_msg(timeout=30)
        if answer["parent_header"].get("msg_id") == asked["header"]["msg_id"]:
            return


async def test_an_interrupt_stops_the_submission_and_not_the_kernel(own: GraderPool) -> None:
    (kernel,) = own._all
    limits = Limits(cpu_seconds=60, wall_seconds=60)
    grading = asyncio.create_task(own.grade(_request("while True: pass", limits=limits)))
    # Again and again: one that comes before the submission has begun interrupts nothing. Each
    # is answered before anything else is asked: one on its way would stop what comes next.
    while not (await asyncio.wait([grading], timeout=0.3))[0]:
        await _interrupt(kernel.client)
    verdict = await grading

    assert (verdict.status, verdict.message) == ("error", "The grading was interrupted.")
    assert (await own.grade(_request())).status == "passed"
    assert own._all == {kernel}


async def test_libraries_are_loaded_before_the_first_submission_that_needs_them(
    tmp_path: Path,
) -> None:
    pool = GraderPool(runtime_dir=tmp_path)
    await pool.start()
    try:
        await pool.expect_tables()
        first = await until(lambda: _with_tables(pool))
        verdict = await pool.grade(_request())
        # And in the kernel that takes its place.
        os.kill(first, signal.SIGKILL)
        await pool.grade(_request())
        second = await until(lambda: _with_tables(pool))
    finally:
        await pool.close()

    assert verdict.status == "passed"
    assert second != first


async def _with_tables(pool: GraderPool) -> int | None:
    """The number of its kernel, if that loads numpy and pandas."""
    (kernel,) = pool._all
    number: int = kernel.manager.provisioner.pid
    with contextlib.suppress(psutil.Error):
        nurseries = psutil.Process(number).children()
        return number if any("tables" in each.cmdline() for each in nurseries) else None
    return None


async def test_a_minimum_level_that_cannot_be_had_refuses_to_start(monkeypatch) -> None:
    monkeypatch.setattr("grader.walls.bubblewrap.find", lambda: None)
    pool = GraderPool(minimum_level="full")
    with pytest.raises(GraderUnavailable, match="isolation level 'full'"):
        await pool.start()
    assert pool.state == "broken"
    verdict = await pool.grade(_request())
    assert (verdict.status, verdict.reason) == ("error", "internal")


async def test_without_bubblewrap_a_weaker_level_is_taken_and_named(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("grader.walls.bubblewrap.find", lambda: None)
    pool = GraderPool(minimum_level="own", runtime_dir=tmp_path)
    await pool.start()
    try:
        verdict = await pool.grade(_request())
    finally:
        await pool.close()

    assert pool.level in ("degraded", "own")
    assert "bubblewrap" in pool.why
    assert (verdict.status, verdict.level) == ("passed", pool.level)


def test_the_kernelspec_is_known_to_its_own_manager_only(tmp_path: Path) -> None:
    manager = write_kernelspec(tmp_path, kernelspec(["walls", "own", "stay"]))

    assert list(manager.find_kernel_specs()) == [KERNEL_NAME]
    assert manager.get_kernel_spec(KERNEL_NAME).interrupt_mode == "message"
    with pytest.raises(NoSuchKernel):
        manager.get_kernel_spec("python3")
    assert KERNEL_NAME not in KernelSpecManager().find_kernel_specs()


def test_folders_of_a_killed_pool_are_cleared_by_the_next(tmp_path: Path) -> None:
    script = """
    import os, sys
    from pathlib import Path
    from grader.walls.leftovers import PoolFolder
    print(PoolFolder(Path(sys.argv[1])).path, flush=True)
    os.kill(os.getpid(), 9)
    """
    words = [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)]
    killed = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    assert Path(killed).is_dir()
    held = PoolFolder(tmp_path)
    stranger = tmp_path / "pm-pool-of-another-kind"
    stranger.mkdir()

    new = PoolFolder(tmp_path)

    assert {p.name for p in tmp_path.iterdir()} == {p.name for p in (held.path, new.path, stranger)}
    held.remove()
    new.remove()


def test_all_processes_end_with_the_service(tmp_path: Path) -> None:
    script = """
    import asyncio, json, os, sys
    from grader.pool import GraderPool
    async def main():
        pool = GraderPool()
        await pool.start()
        await asyncio.sleep(0.5)
        print(json.dumps([k.manager.provisioner.pid for k in pool._all]), flush=True)
        await asyncio.sleep(60)
    asyncio.run(main())
    """
    service = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True
    )
    assert service.stdout is not None
    (kernel,) = json.loads(service.stdout.readline())
    deadline = time.monotonic() + 30
    while len(family := _family(kernel)) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    service.kill()
    service.wait()
    service.stdout.close()
    deadline = time.monotonic() + 15
    while any(map(_alive, family)) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert len(family) >= 3
    assert not any(map(_alive, family))


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in children for found in _family(int(child)))]


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
