"""Starts one grader kernel through jupyter_client, and says in a sentence why it does not start."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import zmq
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from grader.kernelspec import kernelspec, write_kernelspec
from grader.protocol import KERNEL_NAME

Transport = Literal["ipc", "tcp"]

_START_SECONDS = 60.0
_LAST_WORDS = 400
_NO_ROOM = (errno.ENOMEM, errno.EAGAIN)


class GraderUnavailable(RuntimeError):
    """The grader cannot start."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """How kernels are started and reached."""

    transport: Transport = "ipc"
    #: Name of a kernel provisioner; empty: a process of ours on this machine.
    provisioner: str = ""
    provisioner_config: dict[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """GraderUnavailable if kernels could not be reached in this way, or only unencrypted."""
        if self.transport not in get_args(Transport):
            raise GraderUnavailable(f"{self.transport!r} is no transport: choose ipc or tcp.")
        if self.transport == "tcp":
            _check_encryption()

    def manager(self, mode: list[str], base: Path, folder: Path) -> AsyncKernelManager:
        spec = kernelspec(
            mode, provisioner=self.provisioner, provisioner_config=self.provisioner_config
        )
        options: dict[str, Any] = {"transport": self.transport}
        if self.transport == "ipc":
            options["ip"] = str(folder / "s")
        else:
            options["transport_encryption"] = "required"
        return AsyncKernelManager(
            kernel_name=KERNEL_NAME,
            kernel_spec_manager=write_kernelspec(base / "spec", spec),
            connection_file=str(folder / "c.json"),
            **options,
        )

    def environment(self, folder: Path, work: Path) -> dict[str, str]:
        """Nothing of the service's own environment: it may hold keys and passwords."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        kept["PYTHONWARNINGS"] = "ignore"
        if self.provisioner:
            return kept  # our folders may not even exist where it starts the kernel
        private = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")
        return {**kept, **dict.fromkeys(private, str(folder)), "TMPDIR": str(work)}

    async def start(
        self, mode: list[str], base: Path, work: Path
    ) -> tuple[AsyncKernelManager, AsyncKernelClient, Path]:
        """Raises GraderUnavailable. The folder is the kernel's own: sockets, and its stderr."""
        folder = Path(tempfile.mkdtemp(prefix="k", dir=base))
        manager = self.manager(mode, base, folder)
        stderr = (folder / "stderr").open("wb")
        # Open for as long as the manager lives: it starts the kernel anew with the same arguments.
        weakref.finalize(manager, stderr.close)
        try:
            await manager.start_kernel(env=self.environment(folder, work), stderr=stderr)
        except ModuleNotFoundError as error:
            raise GraderUnavailable(
                f"The kernel provisioner {self.provisioner!r} is not installed: install the "
                "package that brings it, or choose another."
            ) from error
        client = manager.client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=_START_SECONDS)
        except RuntimeError as error:
            ended = not await manager.is_alive()
            client.stop_channels()
            await manager.shutdown_kernel(now=True)
            raise GraderUnavailable(_why_not(folder, ended=ended)) from error
        return manager, client, folder


def _check_encryption() -> None:
    """Plain tcp shows the hidden tests to whoever listens, so there is no such choice."""
    mend = "so the grader does not speak tcp, which would be open to read. Use ipc, or install"
    if not zmq.has("curve"):
        raise GraderUnavailable(f"This pyzmq has no CurveZMQ, {mend} a pyzmq with libsodium.")
    if "transport_encryption" not in AsyncKernelManager.class_trait_names():
        raise GraderUnavailable(f"This jupyter_client does not encrypt, {mend} 8.10 or newer.")
    if "curve_secretkey" not in IPKernelApp.class_trait_names():
        raise GraderUnavailable(f"This ipykernel does not encrypt, {mend} 7.4 or newer.")


def _why_not(folder: Path, *, ended: bool) -> str:
    if not ended:
        return (
            f"The grader kernel did not answer within {_START_SECONDS:.0f} seconds: this machine "
            "may have too little memory or too much to do."
        )
    return f"The grader kernel ended while it was starting{last_words(folder)}"


def last_words(folder: Path) -> str:
    """The last line that a kernel wrote to stderr, as the end of a sentence."""
    try:
        text = (folder / "stderr").read_text(errors="replace")
    except OSError:
        text = ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return f": {lines[-1][-_LAST_WORDS:]}" if lines else "."


def sentence(error: Exception) -> str:
    """What a person can do about an error in starting."""
    if not isinstance(error, OSError):
        return str(error)
    if error.errno in _NO_ROOM:
        return (
            f"This machine has no memory or processes left to start the grader "
            f"({error.strerror}): free some, or let it have fewer kernels."
        )
    where = error.filename or tempfile.gettempdir()
    if where == sys.executable:
        return f"{where} cannot be run by the user that the kernel is to have ({error.strerror})."
    return (
        f"The grader cannot use {where} ({error.strerror or error}): make it writable and make "
        "room there, or set TMPDIR to another folder."
    )
