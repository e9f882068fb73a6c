"""How strong the walls around a student's process are, found out by building them.

`full`: bubblewrap with namespaces of its own, and for each submission again namespaces of its own;
Landlock and a list of allowed system calls. As root the process also changes to a user id that
nobody else has; as an ordinary user it lives in a user namespace.
`degraded`: no namespaces; Landlock, the list of system calls, no new processes, no signals, limits,
and as root another user id.
`own`: limits only, for one's own code on one's own machine.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.protocol import LEVELS, Level
from grader.walls import bubblewrap

#: Keeps messages apart and tells when the other end is closed; macOS has only streams.
PACKETS = socket.SOCK_SEQPACKET if sys.platform.startswith("linux") else socket.SOCK_STREAM


class SandboxUnavailable(RuntimeError):
    """No sandbox of the wanted strength can be built on this machine."""


@dataclass(frozen=True, kw_only=True)
class Walls:
    """One way to shut in a student's process, found to work on this machine."""

    level: Level
    #: Change to an unused user id after start; needs root.
    drop: bool
    why: str = ""


def work_folder(walls: Walls) -> Path:
    """For one submission; the tests' side and the student's code know it by the same name."""
    work = Path(tempfile.mkdtemp(prefix="pm-"))
    if walls.level != "full":
        work.chmod(0o777)  # the student's process has another user id; the name is unguessable
    return work


def _candidates() -> list[Walls]:
    if not sys.platform.startswith("linux"):
        return [Walls(level="own", drop=False, why="no Linux namespaces on this system")]
    if os.geteuid() == 0:
        return [
            Walls(level="full", drop=True, why="bubblewrap, and a user id for each submission"),
            Walls(level="full", drop=False, why="bubblewrap in a user namespace"),
            Walls(level="degraded", drop=True, why="no namespaces; a user id for each submission"),
            Walls(level="own", drop=False, why="resource limits only"),
        ]
    return [
        Walls(level="full", drop=False, why="bubblewrap in a user namespace"),
        Walls(level="degraded", drop=False, why="no namespaces"),
        Walls(level="own", drop=False, why="resource limits only"),
    ]


def _failure(walls: Walls) -> str | None:
    """Build one sandbox for real. None if it answered, else what went wrong."""
    from grader.walls.box import Box
    from grader.walls.zygotes import start

    if walls.level == "full" and bubblewrap.find() is None:
        return "bubblewrap (bwrap) is not installed"
    work = work_folder(walls)
    try:
        with start(walls) as zygote:
            box = Box(zygote.control, walls, str(work))
            box.kill()
            box.wait()
    except (OSError, RuntimeError) as error:
        return str(error) or type(error).__name__
    finally:
        work.rmdir()
    return None


def probe(minimum: Level, only: Level | None = None) -> Walls:
    """The strongest walls that really work here; never weaker than `minimum`.

    Raises SandboxUnavailable, with what failed, where they would have to be weaker.
    """
    failures: list[str] = []
    for walls in _candidates():
        if only is not None and walls.level != only:
            continue
        if LEVELS.index(walls.level) < LEVELS.index(minimum):
            break
        failure = _failure(walls)
        if failure is None:
            reason = f"{walls.why}; {'; '.join(failures)}" if failures else walls.why
            return Walls(level=walls.level, drop=walls.drop, why=reason)
        failures.append(f"{walls.level} does not work: {failure}")
    raise SandboxUnavailable(
        f"Grading needs isolation level {minimum!r}, which this machine does not give "
        f"({'; '.join(failures) or 'not supported on this system'}). Install bubblewrap and "
        "libseccomp and allow user namespaces, or set a lower minimum level."
    )
