"""Which files a test may open once the student's code has given it something: its own.

The path may be the student's choice, and the tests run with the rights of the grader. Others cannot
be looked at, either: whether they exist would be told by whether a test passes.
"""

from __future__ import annotations

import builtins
import errno
import functools
import io
import os
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

EVENTS = frozenset(
    {"open", "glob.glob", "os.chdir", "os.chmod", "os.chown", "os.getxattr", "os.link"}
    | {"os.listdir", "os.listxattr", "os.mkdir", "os.remove", "os.removexattr", "os.rename"}
    | {"os.rmdir", "os.scandir", "os.setxattr", "os.symlink", "os.truncate", "os.utime"}
    | {"shutil.rmtree", "sqlite3.connect"}
)
#: They raise no event.
_LOOKING = ("access", "lstat", "readlink", "stat", "statvfs")
_STAT = os.stat
_OPEN: Any = io.open
_ABLE = (os.supports_dir_fd, os.supports_effective_ids, os.supports_fd, os.supports_follow_symlinks)
#: These do, by the name that they are given.
_LISTING = ("listdir", "scandir")
#: They name what `tempfile` is about to make.
MAKING = frozenset({"tempfile.mkdtemp", "tempfile.mkstemp"})
#: What libraries read when they are first used.
_INSTALLED = [place for place in sys.path if place.endswith("-packages")]
_OURS = str(Path(__file__).parents[1])
_ROOTS = (sys.prefix, sys.base_prefix, *_INSTALLED, _OURS, "/usr/lib", "/usr/share")
_LIBRARIES = tuple(f"{root}/" for root in {*_ROOTS, *map(os.path.realpath, _ROOTS)})
_FILES = frozenset({"/dev/null", "/dev/urandom", "/etc/localtime", "/etc/mime.types"})


def is_library(name: str) -> bool:
    return (os.path.realpath(name) if ".." in name else name).startswith(_LIBRARIES)


def top_of(folder: Path) -> Path:
    """From where pytest would be run: above a folder that is for tests only."""
    return folder.parent if folder.name in ("test", "tests") else folder


def stamp(path: str) -> tuple[int, int] | None:
    """By which a change is seen; None where there is nothing."""
    try:
        about = _STAT(path)
    except (OSError, ValueError):
        return None
    return about.st_size, about.st_mtime_ns


class Laid(NamedTuple):
    """Of a file or folder of the tests a copy that the student's code may change."""

    source: tuple[int, int] | None
    copy: str


#: By its path.
LAID: dict[str, Laid] = {}
#: By their numbers the texts and paths that came from the student's code.
SAID: dict[int, Any] = {}


def _laid(path: str) -> str | None:
    """Where the copy is."""
    known = [k for k in LAID if f"{path}/".startswith(f"{k}/")] if LAID else []
    nearest = max(known, key=len, default=None)
    return None if nearest is None else f"{LAID[nearest].copy}{path[len(nearest) :]}"


def _refuse_if_changed(path: Any) -> None:
    """What the student's code made of a file is neither the tests' own nor may it be ignored."""
    copy = _laid(os.path.normpath(path)) if type(path) is str and path[:1] == "/" else None
    if copy is None or stamp(path) is None or stamp(copy) is None:
        return
    if _content(path) != _content(copy):
        name = os.path.basename(path)  # noqa: PTH119 - of a text
        raise AssertionError(f"Your code has changed {name}, which is a file of the tests.")


def _content(path: str) -> bytes:
    with _OPEN(path, "rb") as file:
        return bytes(file.read())


class Beside:
    """Data files of the tests by a path from the folder above, as where pytest is run there.

    What the student's code writes under that name is never meant.
    """

    def __init__(self, folder: str) -> None:
        """`folder`: of the test file; empty: it lies nowhere."""
        self._above, _, self._name = folder.rpartition("/")

    def find(self, path: Any) -> Any:
        """Where it lies; else the path as it is."""
        if not self._name or not isinstance(path, str | os.PathLike) or id(path) in SAID:
            return path
        name = os.fspath(path)
        if type(name) is not str:
            return path
        if name.startswith("/"):
            copy = _laid(os.path.normpath(name))
            return path if copy is None or stamp(name) is not None else copy
        if os.path.normpath(name).partition("/")[0] != self._name:
            return path
        there = f"{self._above}/{name}"
        return there if stamp(there) is not None else path


#: Of the test file that runs.
_BESIDE = [Beside("")]


def follow(folder: str) -> None:
    """From now on files of the test file in this folder are found."""
    _BESIDE[:] = [Beside(folder)]
    LAID.clear()
    SAID.clear()
    builtins.open = _reading(_OPEN)
    if not hasattr(io.open, "finds"):
        vars(io)["open"] = _reading(io.open)


def _reading(opened: Callable[..., Any]) -> Any:
    @functools.wraps(opened)
    def look(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        if type(mode) is str and not set(mode) & set("wax+"):
            file = _BESIDE[0].find(file)
            _refuse_if_changed(os.fspath(file) if isinstance(file, os.PathLike) else file)
        return opened(file, mode, *rest, **options)

    vars(look)["finds"] = True
    return look


class Places:
    """Where the tests of one submission may look."""

    def __init__(self, folder: str) -> None:
        """`folder`: in which they run."""
        self._own = [folder]
        #: The folder of the test file.
        self.beside = ""

    def add(self, path: Any) -> None:
        self._own.append(os.fsdecode(path))

    def is_beside(self, name: str) -> bool:
        return bool(self.beside) and os.path.normpath(name).startswith(self.beside)

    def refuse(self, event: str, path: Any) -> None:
        """PermissionError where it lies elsewhere."""
        if type(path) is int or path is None:
            return
        if event == "open" and _is_folder(path):
            return  # `tempfile` does; there is nothing to read in it
        if self.is_elsewhere(path):
            name = os.fsdecode(path)
            raise PermissionError(f"The tests open nothing outside of their own folder: {name!r}")

    def is_elsewhere(self, path: Any) -> bool:
        name = os.fsdecode(path)
        real = os.path.realpath(name)
        places = map(os.path.realpath, self._own)
        own = any(real == place or real.startswith(f"{place}/") for place in places)
        # By its own name: a library may be linked from where it is installed.
        return not own and not is_library(name) and real not in _FILES


def _is_folder(path: Any) -> bool:
    try:
        return stat.S_ISDIR(_STAT(path).st_mode)
    except (OSError, ValueError):
        return False


def watch(is_refused: Callable[[Any], bool]) -> None:
    """From now on, where that says so of a path, there is nothing to be seen."""
    asking = threading.local()  # who decides looks at files, too

    def is_hidden(path: Any) -> bool:
        if type(path) is int or getattr(asking, "busy", False):
            return False
        asking.busy = True
        try:
            return is_refused(path)
        finally:
            asking.busy = False

    for name in (*_LOOKING, *_LISTING):
        real = getattr(os, name)
        look = _watched(real, is_hidden if name in _LOOKING else lambda _: False)
        setattr(os, name, look)
        for able in _ABLE:
            able.update({look} if real in able else ())


def _watched(real: Callable[..., Any], is_hidden: Callable[[Any], bool]) -> Callable[..., Any]:
    @functools.wraps(real)
    def look(path: Any = ".", *args: Any, **options: Any) -> Any:
        path = _BESIDE[0].find(path)
        if not is_hidden(path):
            return real(path, *args, **options)
        if real.__name__ == "access":
            return False
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)

    return look
