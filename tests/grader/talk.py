"""Talking to a kernel in plain Jupyter messages, each checked against the protocol."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from grader.kernelspec import kernelspec, write_kernelspec
from grader.protocol import KERNEL_NAME

SECONDS = 60.0
#: What a message of each kind must hold, and of which type, as Jupyter's protocol says.
FIELDS: dict[str, dict[str, type]] = {
    "status": {"execution_state": str},
    "execute_input": {"code": str, "execution_count": int},
    "execute_reply": {"status": str, "execution_count": int},
    "execute_result": {"execution_count": int, "data": dict, "metadata": dict},
    "display_data": {"data": dict, "metadata": dict},
    "stream": {"name": str, "text": str},
    "comm_close": {"comm_id": str, "data": dict},
    "error": {"ename": str, "evalue": str, "traceback": list},
    "interrupt_reply": {"status": str},
    "shutdown_reply": {"status": str, "restart": bool},
    "is_complete_reply": {"status": str},
    "complete_reply": {"status": str, "matches": list, "cursor_start": int, "cursor_end": int},
    "inspect_reply": {"status": str, "found": bool, "data": dict, "metadata": dict},
    "history_reply": {"status": str, "history": list},
    "comm_info_reply": {"status": str, "comms": dict},
    "debug_reply": {"type": str, "request_seq": int, "success": bool, "command": str},
    "kernel_info_reply": {
        "status": str,
        "protocol_version": str,
        "implementation": str,
        "implementation_version": str,
        "language_info": dict,
        "banner": str,
    },
}
HEADER = ("msg_id", "session", "username", "date", "msg_type", "version")


def checked(message: dict[str, Any]) -> dict[str, Any]:
    assert all(message["header"][name] for name in HEADER)
    for name, kind in FIELDS[message["msg_type"]].items():
        assert type(message["content"][name]) is kind, (message["msg_type"], name)
    return message


class Talk:
    def __init__(self, manager: AsyncKernelManager, client: AsyncKernelClient) -> None:
        self.manager = manager
        self.client = client

    async def run(self, code: str, **options: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The reply, and what was published from busy to idle."""
        return await self.done(self.client.execute(code, **options))

    async def done(self, sent: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        published = await self.published(sent)
        return await self.reply(sent), published

    async def published(self, sent: str) -> list[dict[str, Any]]:
        found = []
        while True:
            message = await self.client.get_iopub_msg(timeout=SECONDS)
            if message["parent_header"].get("msg_id") != sent:
                continue
            found.append(checked(message))
            if message["content"].get("execution_state") == "idle":
                return found

    async def reply(self, sent: str) -> dict[str, Any]:
        while True:
            message = checked(await self.client.get_shell_msg(timeout=SECONDS))
            if message["parent_header"].get("msg_id") == sent:
                return message

    async def control(self, kind: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
        message = self.client.session.msg(kind, content or {})
        self.client.control_channel.send(message)
        while True:
            answer = checked(await self.client.get_control_msg(timeout=SECONDS))
            if answer["parent_header"]["msg_id"] == message["header"]["msg_id"]:
                return answer

    async def ended(self) -> None:
        await asyncio.wait_for(self.manager.provisioner.wait(), SECONDS)


@asynccontextmanager
async def kernel(folder: Path, *mode: str) -> AsyncIterator[Talk]:
    """A grader kernel of one's own, started from its kernelspec."""
    # A socket has a short path.
    with tempfile.TemporaryDirectory(prefix="kernel-") as sockets:
        manager = AsyncKernelManager(
            kernel_name=KERNEL_NAME,
            kernel_spec_manager=write_kernelspec(folder / "spec", kernelspec(list(mode))),
            connection_file=str(folder / "c.json"),
            transport="ipc",
            ip=f"{sockets}/s",
        )
        await manager.start_kernel(cwd=str(folder))
        client = manager.client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=SECONDS)
            yield Talk(manager, client)
        finally:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)


def kinds(published: list[dict[str, Any]]) -> list[str]:
    return [message["msg_type"] for message in published]
