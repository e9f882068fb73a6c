"""The worker's side of `grader.starter`: a kernel of another account, for jupyter_client."""

from __future__ import annotations

import asyncio
import json
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Unicode

from grader.launch import GraderUnavailable

_ANSWER_SECONDS = 30.0


class FarKernel:
    """As much of `subprocess.Popen` as a provisioner uses; the connection is the kernel's life."""

    stdin = stdout = stderr = None

    def __init__(
        self, reader: StreamReader, writer: StreamWriter, pid: int, words: BinaryIO
    ) -> None:
        self.pid = pid
        self._writer = writer
        self._code: int | None = None
        self._ended = asyncio.create_task(self._until_ended(reader, words), name="grader's end")

    async def _until_ended(self, reader: StreamReader, words: BinaryIO) -> None:
        try:
            # Nothing comes at all if the starter itself was killed.
            told = json.loads(await reader.readline() or b"{}")
        except (OSError, ValueError):
            told = {}
        code, last = (told.get("code"), told.get("words")) if isinstance(told, dict) else (1, "")
        with suppress(ValueError):  # closed, with the pool
            words.write(str(last or "").removeprefix(": ").encode())
            words.flush()
        self._code = code if isinstance(code, int) else 1
        self._writer.close()

    def poll(self) -> int | None:
        return self._code

    wait = poll

    def send_signal(self, _: int) -> None:
        """Interrupts go by message, so any signal means the end."""
        self.kill()

    def kill(self) -> None:
        if not self._writer.is_closing():
            self._writer.write_eof()


class StarterProvisioner(LocalProvisioner):
    """Asks the starter of another account for a kernel; needs the transport ipc."""

    socket = Unicode(help="Where `grader.starter` listens.").tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        mode = cmd[cmd.index("grader.kernel") + 1 : cmd.index("-f")]
        known = {name: _text(value) for name, value in self.connection_info.items()}
        reader, writer = await self._connect()
        try:
            answer = await _ask(reader, writer, {"mode": mode, "connection": known})
            pid, ip = int(answer["pid"]), str(answer["ip"])
            if Path(ip).parents[1] != Path(self.socket).parent:
                raise ValueError(ip)
        except (OSError, LookupError, TypeError, ValueError, GraderUnavailable) as error:
            writer.close()
            if isinstance(error, GraderUnavailable):
                raise
            raise GraderUnavailable(
                f"The starter of graders at {self.socket} gave no usable answer ({error!r}): look "
                "at its log, and start it again."
            ) from error
        self.process: Any = FarKernel(reader, writer, pid, kwargs["stderr"])
        self.pid: Any = pid
        return {**self.connection_info, "ip": ip}

    async def _connect(self) -> tuple[StreamReader, StreamWriter]:
        try:
            return await asyncio.open_unix_connection(self.socket)
        except OSError as error:
            raise GraderUnavailable(
                f"Nobody starts graders at {self.socket} ({error.strerror or error}): start "
                "pythonmastery-grader, and see that this account is in its group."
            ) from error


async def _ask(reader: StreamReader, writer: StreamWriter, what: dict[str, Any]) -> dict[str, Any]:
    async with asyncio.timeout(_ANSWER_SECONDS):
        writer.write(json.dumps(what).encode() + b"\n")
        await writer.drain()
        answer = dict(json.loads(await reader.readline()))
    if refused := answer.get("refused"):
        raise GraderUnavailable(f"The starter of graders refused: {refused}")
    return answer


def _text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value
