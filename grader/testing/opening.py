"""Which files a test may open once the student's code has given it something: its own.

The path may be the student's choice, and the tests run with the rights of the grader.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

EVENTS = frozenset(
    {"open", "glob.glob", "os.chmod", "os.link", "os.listdir", "os.mkdir", "os.remove"}
    | {"os.rename", "os.rmdir", "os.scandir", "os.symlink", "os.truncate", "shutil.rmtree"}
)
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
        if event == "open" and Path(os.fsdecode(path)).is_dir():
            return  # `tempfile` does; there is nothing to read in it
        name = os.fsdecode(path)
        real = os.path.realpath(name)
        places = map(os.path.realpath, self._own)
        own = any(real == place or real.startswith(f"{place}/") for place in places)
        # By its own name: a library may be linked from where it is installed.
        if not own and not is_library(name) and real not in _FILES:
            raise PermissionError(f"The tests open nothing outside of their own folder: {name!r}")
