"""A control group around a zygote: memory and processes of all that it forks, together.

Only where such a group can be made: as root, or where the service manager has delegated a subtree.
The limits of single processes hold without it too.
"""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from grader.wire.lanes import MOST_THREADS

_ROOT = Path("/sys/fs/cgroup")
_PREFIX = "pythonmastery-"
_WANTED = ("memory", "pids")
#: File names of the limits, in version 2 and 1.
_NAMES = {
    2: {"memory": "memory.max", "pids": "pids.max"},
    1: {"memory": "memory.limit_in_bytes", "pids": "pids.max"},
}
#: For the zygote, the processes that wait and their files, beside what one submission may use.
_OWN_MEMORY = 160 << 20
_OWN_PROCESSES = 48
_LEAVING_SECONDS = 2.0


@dataclass(frozen=True)
class Group:
    version: int
    #: Of each controller its folder; in version 2 both are the same.
    folders: dict[str, Path]

    def limit(self, memory: int, processes: int) -> None:
        """Bytes and number of processes, threads counted, for one submission."""
        processes += MOST_THREADS + _OWN_PROCESSES
        values = {"memory": memory + _OWN_MEMORY, "pids": processes}
        for controller, folder in self.folders.items():
            with contextlib.suppress(OSError):  # below what is in use now: kept as it was
                (folder / _NAMES[self.version][controller]).write_text(str(values[controller]))

    def enter(self) -> None:
        """This process moves in; what it starts from now on is in it too."""
        for folder in set(self.folders.values()):
            (folder / "cgroup.procs").write_text("0")

    def remove(self) -> None:
        """When its processes have been killed: until they are gone it cannot be removed."""
        end = time.monotonic() + _LEAVING_SECONDS
        for folder in set(self.folders.values()):
            while not _removed(folder) and time.monotonic() < end:
                time.sleep(0.01)


def make(name: str) -> Group | None:
    """For a zygote of this process; None where it may not make one."""
    try:
        own = _own()
    except OSError:
        return None
    version, places = (2, _delegated(own)) if "" in own else (1, _first(own))
    if not places:
        return None
    folders = {
        controller: place / f"{_PREFIX}{os.getpid()}-{name}" for controller, place in places.items()
    }
    for place in set(places.values()):
        _clear(place)
    try:
        for folder in set(folders.values()):
            folder.mkdir(exist_ok=True)
    except OSError:
        return None
    return Group(version, folders)


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _clear(place: Path) -> None:
    """Groups of processes that were killed outright and could remove nothing."""
    for folder in place.glob(f"{_PREFIX}*"):
        maker = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not Path("/proc", maker).exists():
            _removed(folder)


def _own() -> dict[str, str]:
    """Of each version 1 controller, and of version 2 under "", the path of this process."""
    found = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            found[controller] = path
    if not (_ROOT / "cgroup.controllers").exists():
        found.pop("", None)
    return found


def _delegated(own: dict[str, str]) -> dict[str, Path]:
    """Beside or below this process, where the controllers are handed on to groups."""
    here = _ROOT / own[""].lstrip("/")
    for place in (here, here.parent):
        with contextlib.suppress(OSError):
            handed_on = (place / "cgroup.subtree_control").read_text().split()
            if os.access(place, os.W_OK) and set(_WANTED) <= set(handed_on):
                return dict.fromkeys(_WANTED, place)
    return {}


def _first(own: dict[str, str]) -> dict[str, Path]:
    places = {name: _ROOT / name / own[name].lstrip("/") for name in _WANTED if name in own}
    return {name: place for name, place in places.items() if os.access(place, os.W_OK)}
