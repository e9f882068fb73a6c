"""Starts grader kernels under this account for workers of another one.

    python -P -m grader.starter --socket /run/pythonmastery-grader/starter

Each connection is one kernel: a line of JSON asks for it, and it ends with the connection. Who may
ask is said by the rights of the folder: it belongs to this account's group, and so do the kernel's
sockets. Nothing of a worker is handed over but the level of isolation and the key of the messages.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.kernelspec import kernelspec
from grader.launch import Launch, last_words
from grader.protocol import LEVELS
from grader.walls.leftovers import PoolFolder

log = logging.getLogger(__name__)

#: The group may pass and connect, others may not.
_UMASK = 0o007
_KERNEL_FOLDER = 0o750
#: As the pool gives it to kernels of its own: submissions may have user ids of theirs.
_WORK_FOLDER = 0o711


def asked(line: bytes) -> tuple[list[str], dict[str, Any]]:
    """The kernel's mode and its connection. Raises ValueError with a sentence."""
    try:
        told = json.loads(line)
        (probe, *levels), connection = told["mode"], dict(told["connection"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("This is no request for a grader kernel.") from error
    known = all(level in LEVELS for level in levels)
    if probe != "probe" or not 1 <= len(levels) <= 2 or not known:
        raise ValueError("A kernel of this starter looks for its isolation level by itself.")
    return [probe, *levels], connection


class Starter:
    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._kernels: set[asyncio.Task[None]] = set()

    async def serve(self, stop: asyncio.Event) -> None:
        """Until `stop`; then its kernels end too."""
        server = await asyncio.start_unix_server(self._connected, self._socket)
        log.info("Graders are started at %s.", self._socket)
        await stop.wait()
        server.close()
        for kernel in self._kernels:
            kernel.cancel()
        await asyncio.gather(*self._kernels, return_exceptions=True)
        self._socket.unlink(missing_ok=True)

    def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.create_task(self._answer(reader, writer), name="grader kernel")
        self._kernels.add(task)
        task.add_done_callback(self._kernels.discard)

    async def _answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            await self._kernel(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            log.info("A grader kernel was given up.")
        finally:
            writer.close()

    async def _kernel(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            mode, connection = asked(await reader.readline())
            with self._folders() as (folder, work):
                process = await _start(mode, connection, folder, work)
                try:
                    await _tell(writer, {"pid": process.pid, "ip": str(_sockets(folder))})
                    await _first(reader.read(), process.wait())
                finally:
                    code = await _end(process)
                await _tell(writer, {"code": code, "words": last_words(folder)})
        except ConnectionError:
            raise
        except (OSError, ValueError) as error:
            await _tell(writer, {"refused": str(error)})

    @contextlib.contextmanager
    def _folders(self) -> Iterator[tuple[Path, Path]]:
        """Where the kernel speaks and where submissions work, for as long as it lives."""
        made: list[PoolFolder] = []
        try:
            made.append(PoolFolder(self._socket.parent, mode=_KERNEL_FOLDER))
            made.append(PoolFolder(mode=_WORK_FOLDER))
            yield made[0].path, made[1].path
        finally:
            for folder in made:
                folder.remove()


def _sockets(folder: Path) -> Path:
    return folder / "s"


async def _start(
    mode: list[str], connection: dict[str, Any], folder: Path, work: Path
) -> asyncio.subprocess.Process:
    spec = kernelspec(mode)
    file = folder / "c.json"
    file.write_text(json.dumps({**connection, "transport": "ipc", "ip": str(_sockets(folder))}))
    parent = {"JPY_PARENT_PID": str(os.getpid())}
    with (folder / "stderr").open("wb") as stderr:
        return await asyncio.create_subprocess_exec(
            *(word.format(connection_file=file) for word in spec["argv"]),
            env={**Launch().environment(folder, work), **spec["env"], **parent},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
        )


async def _first(*waited: Any) -> None:
    tasks = [asyncio.ensure_future(one) for one in waited]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _end(process: asyncio.subprocess.Process) -> int:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return await process.wait()


async def _tell(writer: StreamWriter, what: dict[str, Any]) -> None:
    writer.write(json.dumps(what).encode() + b"\n")
    await writer.drain()


async def _run(socket: Path) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await Starter(socket).serve(stop)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m grader.starter", description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="where workers ask for kernels")
    socket = parser.parse_args().socket
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    os.umask(_UMASK)
    try:
        asyncio.run(_run(socket))
    except OSError as error:
        sys.exit(f"Graders cannot be started at {socket}: {error.strerror or error}.")


if __name__ == "__main__":
    main()
