"""A process that waits for its submission: shut in already, and then given what it works with."""

from __future__ import annotations

import importlib
import os
import random
import socket
import sys
from typing import TextIO

from grader.inside import confine
from grader.inside.beginning import MAX_MESSAGE

HAS_PIDFD = hasattr(os, "pidfd_open")


def make_streams() -> None:
    """What a process prints to, before the forks; each leads to its submission's pipe later.

    By line, so that what was printed before an endless loop or a crash is there to be seen. Made
    on a pipe too, because a stream asks only once what it leads to.
    """
    reading, writing = os.pipe()
    for number, name in ((1, "stdout"), (2, "stderr")):
        stream = _on(number, writing)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    os.close(reading)
    os.close(writing)


def _on(number: int, pipe: int) -> TextIO:
    kept = os.dup(number)
    os.dup2(pipe, number)
    try:
        return open(number, "w", 1, "utf-8", "backslashreplace", closefd=False)
    finally:
        os.dup2(kept, number)
        os.close(kept)


class Waiting:
    """Made before the forks, with all that does not change from one process to the next."""

    def __init__(self, how: confine.Confinement) -> None:
        self._enclosure = confine.Enclosure(how)
        self._alone = how.namespaces
        make_streams()

    def prepare(self, handover: socket.socket) -> socket.socket:
        """In the new process: shut it in and wait for its submission's descriptors."""
        # All submissions would draw the same numbers.
        random.seed()
        if "numpy" in sys.modules:
            importlib.import_module("numpy").random.seed()
        self._enclosure.enter()
        if self._alone:
            self._enclosure.restrict([])
        data, descriptors, _, _ = socket.recv_fds(handover, MAX_MESSAGE, 3)
        if len(descriptors) != 3:
            os._exit(0)
        work = data.decode()
        sock, *pipes = descriptors
        for number, pipe in enumerate(pipes, 1):
            os.dup2(pipe, number)
            os.close(pipe)
        if HAS_PIDFD:
            handover.close()
        else:
            handover.detach()  # its closing tells the zygote that this process has ended
        _make(work)
        os.chdir(work)
        sys.path.insert(0, os.getcwd())  # noqa: PTH109 - pathlib would be one import more
        if not self._alone:
            self._enclosure.restrict([work])
        # Else it would ask the system for each of these.
        return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=sock)


def _make(folder: str) -> None:
    """In memory it is a new one; in a shared folder the tests' side has made it."""
    try:
        os.mkdir(folder)  # noqa: PTH102 - pathlib takes three times as long
    except FileExistsError:
        pass
    except FileNotFoundError:
        os.makedirs(folder)  # noqa: PTH103
