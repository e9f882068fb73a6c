"""Which files a test may open once the student's code has given it something: its own.

The path may be the student's choice, and the tests run with the rights of the grader. Others cannot
be looked at, either: whether they exist would be told by whether a test passes.
"""

from __future__ import annotations

import errno
import functools
import os
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

EVENTS = frozenset(
    {"open", "glob.glob", "os.chdir", "os.chmod", "os.chown", "os.getxattr", "os.link"}
    | {"os.listdir", "os.listxattr", "os.mkdir", "os.remove", "os.removexattr", "os.rename"}
    | {"os.rmdir", "os.scandir", "os.setxattr", "os.symlink", "os.truncate", "os.utime"}
    | {"shutil.rmtree", "sqlite3.connect"}
)
#: They raise no event.
_LOOKING = ("access", "lstat", "readlink", "stat", "statvfs")
_STAT = os.stat
_ABLE = (os.supports_dir_fd, os.supports_effective_ids, os.supports_fd, os.supports_follow_symlinks)
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

    for name in _LOOKING:
        real = getattr(os, name)
        look = _watched(real, is_hidden)
        setattr(os, name, look)
        for able in _ABLE:
            able.update({look} if real in able else ())


def _watched(real: Callable[..., Any], is_hidden: Callable[[Any], bool]) -> Callable[..., Any]:
    @functools.wraps(real)
    def look(path: Any, *args: Any, **options: Any) -> Any:
        if not is_hidden(path):
            return real(path, *args, **options)
        if real.__name__ == "access":
            return False
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)

    return look
