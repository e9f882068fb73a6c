"""A live tests' side whose student's process is a few bytes."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgpack

from grader.remote.channel import Output
from grader.remote.final import Trace
from grader.remote.session import Session
from grader.verdicts.outcome import FINAL

_SECONDS = 2.0
#: What the kernel takes between two sockets before it makes the sender wait.
MOST = 100_000


def frame(body: bytes, size: int | None = None) -> bytes:
    return struct.pack("<I", len(body) if size is None else size) + body


def packed(value: Any) -> bytes:
    return bytes(msgpack.packb(value, unicode_errors="surrogatepass"))


@contextmanager
def session(sent: bytes, *, objects: bool) -> Iterator[Session]:
    """A session whose peer has sent these bytes, hung up, and reads nothing."""
    ours, theirs = socket.socketpair()
    pipe, pipe_end = os.pipe()
    try:
        theirs.sendall(sent[:MOST])
        theirs.shutdown(socket.SHUT_WR)
        os.set_blocking(pipe, False)
        os.close(pipe_end)
        deadline = time.monotonic() + _SECONDS
        yield Session(ours, Output([pipe], 1000), deadline=deadline, objects=objects)
    finally:
        for end in (ours, theirs):
            end.close()
        os.close(pipe)


def tidy(work: Callable[[], Any]) -> Any:
    """What a test gets. Whatever is raised must end the session or be the student's exception.

    A test may ask more of a result than it can; then Python's own errors are honest ones.
    """
    try:
        return work()
    except FINAL:
        return None
    except BaseException as error:
        if isinstance(getattr(error, "__student__", None), Trace):
            return None
        raise


def use(found: object) -> None:
    """What a test does with a result."""
    bool(found == 987_654_321)
    repr(found)
    if callable(found):
        found(1)
    elif hasattr(type(found), "__next__"):
        next(found, None)  # type: ignore[call-overload]


def handle(*parts: object) -> msgpack.ExtType:
    return msgpack.ExtType(127, packed(list(parts)))
