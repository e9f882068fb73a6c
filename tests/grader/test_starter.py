"""Grader kernels of an account of their own, asked for at a socket."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.pool import GraderPool, GraderUnavailable
from grader.protocol import GradeRequest
from tests.grader.conftest import as_tests
from tests.grader.provisioners import registered
from tests.hub import machine

ADD = "def add(a, b):\n    return a + b\n"
SECRET = "what-the-worker-knows"
ROOT = os.geteuid() == 0
#: Nobody's; an ordinary user has only the account that they are.
UID = 23_457 if ROOT else os.getuid()
as_root = pytest.mark.skipif(not ROOT, reason="only root may become another user")


@dataclass
class Started:
    socket: Path
    process: subprocess.Popen[bytes]

    def pool(self) -> GraderPool:
        return GraderPool(
            transport="ipc",
            provisioner="pythonmastery-starter",
            provisioner_config={"socket": str(self.socket)},
        )

    def left(self) -> list[str]:
        return [each.name for each in self.socket.parent.iterdir() if each != self.socket]


def listens(path: Path) -> bool:
    """A moment after its file is there."""
    with socket.socket(socket.AF_UNIX) as one:
        return one.connect_ex(str(path)) == 0


def start(python: str, folder: Path) -> Started:
    path = folder / "starter"
    process = subprocess.Popen(
        [python, "-P", "-m", "grader.starter", "--socket", str(path)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(machine.ROOT)},
        cwd="/",
        **({"user": UID, "group": UID, "extra_groups": []} if ROOT else {}),
    )
    end = time.monotonic() + 60
    while not listens(path):
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)
    return Started(path, process)


@pytest.fixture(scope="module", autouse=True)
def known() -> Iterator[None]:
    """Also where these tests run beside the package and not with it: `make test-pythons`."""
    with registered("pythonmastery-starter", "grader.provisioner:StarterProvisioner"):
        yield


@pytest.fixture(scope="module")
def python() -> Iterator[str]:
    """One with our packages that the other account can run."""
    if not ROOT:
        yield sys.executable
        return
    if why := machine.unfit([]):
        pytest.skip(why)
    with machine.folder_for_all() as folder:
        yield str(machine.python_for_all(folder) / "bin/python")


@contextmanager
def place() -> Iterator[Path]:
    """Short, for the paths of sockets, and open to no other account."""
    with tempfile.TemporaryDirectory(prefix="pm-starter-") as name:
        folder = Path(name)
        folder.chmod(0o750)
        if ROOT:
            shutil.chown(folder, UID, UID)
        yield folder


@pytest.fixture(scope="module")
def started(python: str) -> Iterator[Started]:
    with place() as folder:
        one = start(python, folder)
        yield one
        one.process.terminate()
        assert one.process.wait(20) == 0
        assert list(folder.iterdir()) == []


@pytest.fixture(scope="module")
async def pool(started: Started) -> AsyncIterator[GraderPool]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONMASTERY_TEST", SECRET)
        pool = started.pool()
        await pool.start()
        yield pool
        await pool.close()


async def grade(pool: GraderPool) -> str:
    tests = as_tests("assert add(1, 2) == 3")
    return (await pool.grade(GradeRequest(id="r", code=ADD, tests=tests))).status


def kernel_of(pool: GraderPool) -> int:
    (kernel,) = pool._all
    return int(kernel.manager.provisioner.pid)


def seen(pid: int) -> tuple[int, str]:
    """The account and the environment of a process."""
    place = Path(f"/proc/{pid}")
    return place.stat().st_uid, (place / "environ").read_text()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def say(started: Started, line: bytes) -> dict[str, str]:
    async def ask() -> bytes:
        reader, writer = await asyncio.open_unix_connection(started.socket)
        writer.write(line)
        try:
            return await reader.readline()
        finally:
            writer.close()

    return dict(json.loads(asyncio.run(ask())))


async def test_a_kernel_grades_in_the_starters_account_and_knows_nothing_of_the_workers(pool):
    assert await grade(pool) == "passed"
    uid, environment = seen(kernel_of(pool))
    assert uid == UID
    assert SECRET not in environment


async def test_a_kernel_ends_with_its_worker_and_leaves_nothing(started, pool):
    before = started.left()
    other = started.pool()
    await other.start()
    pid = kernel_of(other)
    assert len(started.left()) == len(before) + 1
    await other.close()
    until(lambda: gone(pid) and started.left() == before)
    assert await grade(pool) == "passed"


async def test_a_kernel_that_dies_is_started_again(pool):
    os.kill(kernel_of(pool), signal.SIGKILL)
    assert await grade(pool) == "passed"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"nonsense\n", "no request"),
        (b"[]\n", "no request"),
        (b'{"mode": [], "connection": {}}\n', "no request"),
        (b'{"mode": ["walls", "own", "stay"], "connection": {}}\n', "by itself"),
        (b'{"mode": ["notebook", "os"], "connection": {}}\n', "by itself"),
        (b'{"mode": ["probe", "none"], "connection": {}}\n', "by itself"),
        (b'{"mode": ["probe"], "connection": {}}\n', "by itself"),
        (b'{"mode": ["probe", ["own"]], "connection": {}}\n', "by itself"),
        (b'{"mode": ["probe", "own", "own", "own"], "connection": {}}\n', "by itself"),
    ],
)
def test_nothing_but_a_grader_kernel_can_be_asked_for(started, line, said):
    assert said in say(started, line)["refused"]
    assert started.process.poll() is None


async def test_a_level_that_it_cannot_have_is_told_in_its_own_words(started):
    pool = started.pool()
    pool._minimum = "full"
    pool._only = "own"
    with pytest.raises(GraderUnavailable, match="isolation level 'full'"):
        await pool.start()
    await pool.close()


@as_root
def test_another_account_cannot_ask(started):
    done = subprocess.run(
        ["/bin/sh", "-c", f"cd {started.socket.parent}"],
        user=UID + 1,
        group=UID + 1,
        extra_groups=[],
        capture_output=True,
        check=False,
    )
    assert done.returncode != 0


async def test_where_nobody_starts_graders_the_sentence_says_what_to_do():
    with tempfile.TemporaryDirectory() as folder:
        pool = Started(Path(folder, "starter"), None).pool()
        with pytest.raises(GraderUnavailable, match="start pythonmastery-grader"):
            await pool.start()
        await pool.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\n",
        b"[]\n",
        b'{"pid": 1}\n',
        b'{"pid": 1, "ip": "/var/run/postgresql/s"}\n',
        b'{"pid": 1, "ip": "s"}\n',
        b"x" * 100_000 + b"\n",
    ],
)
async def test_a_worker_is_not_led_astray_by_what_a_starter_says(answer):
    async def say(reader, writer):
        await reader.readline()
        writer.write(answer)
        writer.close()

    with place() as folder:
        server = await asyncio.start_unix_server(say, folder / "starter")
        pool = Started(folder / "starter", None).pool()
        with pytest.raises(GraderUnavailable, match=r"no usable answer"):
            await pool.start()
        await pool.close()
        server.close()


async def test_a_starter_that_is_killed_takes_its_kernels_along_and_the_next_one_serves(
    python, started, pool
):
    assert await grade(pool) == "passed"
    pid = kernel_of(pool)
    started.process.kill()
    started.process.wait(10)
    until(lambda: gone(pid))
    with pytest.raises(GraderUnavailable, match="start pythonmastery-grader"):
        await grade(pool)
    started.socket.unlink()
    started.process = start(python, started.socket.parent).process
    await pool.start()
    assert await grade(pool) == "passed"
