"""Ways to reach a grader kernel, and other hands that start it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq
import zmq.asyncio
from jupyter_client.manager import AsyncKernelManager
from zmq.utils.monitor import parse_monitor_message

from grader.pool import GraderPool, GraderUnavailable
from grader.protocol import LEVELS, GradeRequest
from grader.walls import sandbox
from tests.grader.conftest import as_tests
from tests.grader.provisioners import python_for, registered

ADD = "def add(a, b):\n    return a + b\n"
ENDS = (
    zmq.EVENT_HANDSHAKE_SUCCEEDED,
    zmq.EVENT_HANDSHAKE_FAILED_AUTH,
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL,
    zmq.EVENT_DISCONNECTED,
)
UID = 23_456
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")


def _request(code: str = ADD) -> GradeRequest:
    return GradeRequest(id="r", code=code, tests=as_tests("assert add(1, 2) == 3"))


@pytest.fixture
def other_user() -> Iterator[dict[str, object]]:
    python = python_for(UID)
    if python is None:
        pytest.skip("no Python of this version that another user could run")
    with registered("other-user", "OtherUserProvisioner"):
        config = {"uid": UID, "python": python}
        yield {"provisioner": "other-user", "provisioner_config": config}


async def _handshake(manager: AsyncKernelManager, server_key: bytes | None) -> int:
    """How the connection of a client with this key (or none) to the kernel's shell turns out."""
    with zmq.asyncio.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.linger = 0
        if server_key is not None:
            socket.curve_publickey, socket.curve_secretkey = zmq.curve_keypair()
            socket.curve_serverkey = server_key
        with socket.get_monitor_socket() as monitor:
            socket.connect(f"tcp://{manager.ip}:{manager.shell_port}")
            async with asyncio.timeout(30):
                event = None
                while event not in ENDS:
                    event = parse_monitor_message(await monitor.recv_multipart())["event"]
            socket.disable_monitor()
        return event


async def test_over_tcp_only_a_client_with_the_key_is_let_in(tmp_path: Path) -> None:
    pool = GraderPool(runtime_dir=tmp_path, transport="tcp")
    await pool.start()
    try:
        assert (await pool.grade(_request())).status == "passed"
        (kernel,) = pool._all
        right, (wrong, _) = kernel.manager.curve_publickey, zmq.curve_keypair()

        assert await _handshake(kernel.manager, right) == zmq.EVENT_HANDSHAKE_SUCCEEDED
        assert await _handshake(kernel.manager, None) != zmq.EVENT_HANDSHAKE_SUCCEEDED
        assert await _handshake(kernel.manager, wrong) != zmq.EVENT_HANDSHAKE_SUCCEEDED
        assert (await pool.grade(_request())).status == "passed"
    finally:
        await pool.close()


async def test_tcp_is_refused_where_it_could_not_be_encrypted(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(zmq, "has", lambda feature: feature != "curve")
    pool = GraderPool(runtime_dir=tmp_path, transport="tcp")
    with pytest.raises(GraderUnavailable, match=r"CurveZMQ.*Use ipc"):
        await pool.start()
    assert pool.state == "broken"


async def test_another_transport_is_refused_with_the_choice() -> None:
    with pytest.raises(GraderUnavailable, match="choose ipc or tcp"):
        await GraderPool(transport="inproc").start()


async def test_a_provisioner_that_is_not_installed_is_named(tmp_path: Path) -> None:
    pool = GraderPool(runtime_dir=tmp_path, provisioner="kubernetes-of-nobody")
    with pytest.raises(GraderUnavailable, match="'kubernetes-of-nobody' is not installed"):
        await pool.start()
    assert "kubernetes-of-nobody" in pool.why
    await pool.close()
    assert os.listdir(tmp_path) == []  # noqa: PTH208


@as_root
@pytest.mark.parametrize("transport", ["tcp", "ipc"])
async def test_a_provisioner_may_start_the_kernel_as_another_user(
    other_user: dict[str, object], transport: str
) -> None:
    pool = GraderPool(transport=transport, **other_user)
    await pool.start()
    try:
        verdict = await pool.grade(_request())
        (kernel,) = pool._all
        owner = os.stat(f"/proc/{kernel.manager.provisioner.pid}").st_uid  # noqa: PTH116
    finally:
        await pool.close()

    assert (verdict.status, verdict.message) == ("passed", "")
    assert owner == UID
    assert pool.level == verdict.level
    assert pool.level in LEVELS


@as_root
async def test_a_level_that_the_other_user_cannot_have_is_refused(
    other_user: dict[str, object], monkeypatch
) -> None:
    monkeypatch.setattr(sandbox, "probe", lambda *_: pytest.fail("it must look where it runs"))
    pool = GraderPool(minimum_level="full", level="own", **other_user)
    with pytest.raises(GraderUnavailable, match="isolation level 'full'"):
        await pool.start()
    await pool.close()
