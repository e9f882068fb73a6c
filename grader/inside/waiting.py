"""A process that waits for its submission: shut in already, and then given what it works with."""

from __future__ import annotations

import importlib
import os
import socket
import sys

from grader.inside import confine

MAX_MESSAGE = 1 << 16
HAS_PIDFD = hasattr(os, "pidfd_open")


def prepare(handover: socket.socket, how: confine.Confinement) -> socket.socket:
    """In the new process: shut it in and wait for its submission's descriptors."""
    # All submissions would draw the same numbers; `random` itself sees to that after a fork.
    if "numpy" in sys.modules:
        importlib.import_module("numpy").random.seed()
    confine.separate(how)
    confine.give_up_privileges(how)
    if how.namespaces:
        confine.restrict(how, [])
    data, descriptors, _, _ = socket.recv_fds(handover, MAX_MESSAGE, 3)
    if len(descriptors) != 3:
        os._exit(0)
    work = data.decode()
    sock, out, err = descriptors
    _print_to(out, err)
    if HAS_PIDFD:
        handover.close()
    else:
        handover.detach()  # its closing tells the zygote that this process has ended
    os.makedirs(work, exist_ok=True)  # noqa: PTH103 - pathlib would be one import more
    os.chdir(work)
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 - pathlib would be one import more
    if not how.namespaces:
        confine.restrict(how, [work])
    return socket.socket(fileno=sock)


def _print_to(out: int, err: int) -> None:
    for number, descriptor, name in ((1, out, "stdout"), (2, err, "stderr")):
        os.dup2(descriptor, number)
        os.close(descriptor)
        # Anew, because the zygote's own streams lead to something else and know it; by line, so
        # that what was printed before an endless loop or a crash is there to be seen.
        stream = open(  # noqa: SIM115 - for as long as the process lives
            number, "w", 1, "utf-8", "backslashreplace", closefd=False
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
