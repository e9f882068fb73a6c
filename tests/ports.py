"""Ports for programs that have to be told theirs.

A port that was asked of the system (port 0), closed and then handed to a program is sometimes taken
by another process before the program comes to it. The system gives out ports of its ephemeral range
only, so these lie outside; a lock keeps away other runs of the tests until this process has ended.
Who can listen on port 0 and tell the number, or on a socket of Unix, needs none of this.
"""

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

USABLE = range(12_000, 32_768)
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """Nobody listens there, and nobody else is given it; never the same twice."""
    for port in _numbers:
        if _is_ours(port) and _is_free(port):
            return port
    raise OSError(f"all ports from {USABLE[0]} to {USABLE[-1]} are taken")


def ephemeral() -> range:
    """What this system gives to whoever asks for any port."""
    try:
        first, last = map(int, EPHEMERAL.read_text().split())
    except FileNotFoundError:
        return range(49_152, 65_536)
    return range(first, last + 1)


def _walk() -> Iterator[int]:
    """Processes begin at places of their own."""
    avoided = ephemeral()
    ports = [port for port in USABLE if port not in avoided] or list(USABLE)
    begin = os.getpid() * 61 % len(ports)
    yield from ports[begin:] + ports[:begin]


_numbers = _walk()


@cache
def _locks() -> int:
    """One byte for each port, locked for as long as this process lives."""
    file = Path(tempfile.gettempdir()) / f"pythonmastery-ports-{os.geteuid()}"
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _is_ours(port: int) -> bool:
    try:
        fcntl.lockf(_locks(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # What is left of a connection that was closed is in nobody's way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
