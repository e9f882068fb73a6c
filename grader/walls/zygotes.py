"""Starts the zygotes: one for each set of imports, inside the walls."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Literal

from grader.inside.beginning import MAX_MESSAGE
from grader.walls import bubblewrap, cgroups, syscalls
from grader.walls.library import Library
from grader.walls.sandbox import PACKETS, SandboxUnavailable, Walls

#: What is loaded ahead of time: the standard library's usual parts, or numpy and pandas too.
Imports = Literal["plain", "tables"]

_USUAL = """
abc array bisect calendar collections contextlib copy csv dataclasses datetime decimal
enum fractions functools heapq inspect io itertools json keyword math numbers operator
pathlib pprint random re statistics string struct textwrap time traceback types typing _strptime
"""
#: Imported by the submission that needs them: each fork would pay for what they weigh.
SELDOM = ("asyncio", "hashlib", "unicodedata", "uuid", "zoneinfo")
#: Beside the standard library's usual parts.
PRELOADED: dict[Imports, list[str]] = {"plain": [], "tables": ["numpy", "pandas"]}
_START_SECONDS = 60.0
_WORK_BYTES = 32 << 20
_FIRST_UID = 300_000
_MAX_TOLD = 300


def has_tables() -> bool:
    return any(name == "pandas" for _, name in bubblewrap.offered())


class Zygote:
    def __init__(
        self,
        control: socket.socket,
        process: subprocess.Popen[bytes],
        group: cgroups.Group | None,
    ) -> None:
        self.control = control
        self.process = process
        self._group = group
        self._limits = (0, 0)

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def limit(self, memory: int, processes: int) -> None:
        """Bytes and number of processes for the next submission, all it starts together."""
        if self._group is not None and self._limits != (memory, processes):
            self._group.limit(memory, processes)
            self._limits = (memory, processes)

    def expect(self, written: list[tuple[int, int]]) -> None:
        """Have its new processes copy these pages, as address and length, while they wait."""
        message = json.dumps(written).encode()
        if len(message) <= MAX_MESSAGE:
            self.control.send(message)

    def settle(self) -> None:
        """Returns when every process is gone whose runner is."""
        with contextlib.suppress(OSError):  # then it has ended, and all its processes with it
            self.control.send(b"?")
            self.control.recv(1)

    def close(self) -> None:
        self.control.close()
        self.process.kill()
        self.process.wait()
        if self._group is not None:
            self._group.remove()


@contextlib.contextmanager
def start(walls: Walls, imports: Imports = "plain") -> Iterator[Zygote]:
    zygote = launch(walls, imports)
    try:
        yield zygote
    finally:
        zygote.close()


def launch(
    walls: Walls,
    imports: Imports = "plain",
    *,
    grouped: bool = False,
    library: Library | None = None,
) -> Zygote:
    """Returns when it is ready. Raises SandboxUnavailable with what it said.

    grouped: in a control group where one can be made; only for a process without threads.
    library: the copy that the student's code sees of what it may read; else the files themselves.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, PACKETS)
    ours.settimeout(_START_SECONDS)
    group = cgroups.make(imports) if grouped else None
    with theirs, tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                _command(walls, theirs.fileno(), library),
                pass_fds=[theirs.fileno()],
                env=bubblewrap.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                cwd="/",
                preexec_fn=group.enter if group else None,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise SandboxUnavailable(str(error)) from None
        zygote = Zygote(ours, process, group)
        theirs.close()
        try:
            ours.send(json.dumps(_configuration(walls, imports)).encode())
            answer = ours.recv(1)
        except (OSError, syscalls.FilterUnavailable) as error:
            zygote.close()
            raise SandboxUnavailable(_told(said) or str(error)) from None
        if answer != b"+":
            zygote.close()
            raise SandboxUnavailable(_told(said) or "it ended at once")
    ours.settimeout(None)
    return zygote


def _told(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    return lines[-1][-_MAX_TOLD:] if lines else ""


def _command(walls: Walls, descriptor: int, copy: Library | None) -> list[str]:
    options = ["-I", "-S", "-B", "-X", "utf8"]
    if walls.level == "full":
        found = bubblewrap.find()
        if found is None:
            raise SandboxUnavailable("bubblewrap (bwrap) is not installed")
        start = bubblewrap.command(found, drop=walls.drop, of=copy.of if copy else Path)
        package, library = f"{bubblewrap.ROOT}/grader", [bubblewrap.ROOT]
    else:
        start = [str(bubblewrap.interpreter())]
        package, library = str(bubblewrap.PACKAGE), _library()
    return [*start, *options, f"{package}/inside/zygote.py", str(descriptor), *library]


def _library() -> list[str]:
    """Outside of bubblewrap: where the agent finds its own packages."""
    parents = [bubblewrap.PACKAGE.parent, *(source.parent for source, _ in bubblewrap.offered())]
    return list(dict.fromkeys(map(str, parents)))


def _configuration(walls: Walls, imports: Imports) -> dict[str, Any]:
    preload = [*_USUAL.split(), *PRELOADED[imports]]
    how: dict[str, Any] = {"first_uid": _FIRST_UID if walls.drop else 0}
    folders: list[str] = []
    if walls.level == "full":
        how |= {
            "namespaces": True,
            "folders": dict.fromkeys(bubblewrap.folders_in_memory(), _WORK_BYTES),
            "readable": ["/"],
        }
    elif walls.level == "degraded":
        stdlib = sysconfig.get_path("stdlib")
        folders = [stdlib, *_library()] if walls.drop else []
        devices = [f"/dev/{name}" for name in ("zero", "urandom", "random")]
        how["readable"] = [*_system_folders(), *devices, stdlib, *_packages()]
    if walls.level != "own":
        how |= {"landlock": True, "filter": syscalls.program(alone=walls.level == "full").hex()}
    return {"preload": preload, "folders": folders, "how": how}


def _system_folders() -> list[str]:
    return ["/usr/lib", "/lib", "/lib64", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo"]


def _packages() -> list[str]:
    return [str(bubblewrap.PACKAGE), *(str(source) for source, _ in bubblewrap.offered())]
