"""What students' code may read of the system, copied into memory: once for all of one user.

Of files on a disk the system remembers which pages were read and which names were asked for, names
that do not exist too. A look at them is faster from then on, for everybody: so one submission could
tell another what it was given, bit by bit. A file system in memory has all of its pages, and
forgets a name that it does not have.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader.walls import bubblewrap, linked
from grader.walls.leftovers import remove

_PREFIX = "pm-library-"
_LOCK = ".in-use"
#: Where a system has a file system in memory, in the order of trying.
_PLACES = ("/dev/shm", "/run/user/{uid}", "{temporary}")  # noqa: S108
_SPARE_BYTES = 16 << 20
_PAGE = 4096
_NO_FOLDERS = frozenset(
    {"site-packages", "dist-packages", "test", "tests", "idlelib", "turtledemo", "ensurepip"}
)
_NO_FILES = (".a", ".h", ".pyi", ".exe", ".pyo")
_ZONES, _LOCALES = Path("/usr/share/zoneinfo"), Path("/usr/lib/locale")
_MOST_LOCALES = 16 << 20
_BYTE_CODE = f".{sys.implementation.cache_tag}.pyc"


class Library:
    """A copy that is in use for as long as this is open."""

    def __init__(self, root: Path, lock: int) -> None:
        self.root = root
        self._lock = lock

    def of(self, source: Path) -> Path:
        """The copy of what lies there."""
        return Path(f"{self.root}{source}")

    @property
    def mark(self) -> str:
        """A file that is there for as long as nobody clears the copy away."""
        return str(self.root / _LOCK)

    def close(self) -> None:
        """Whoever is the last takes it away."""
        with contextlib.suppress(OSError):
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove(self.root)
        os.close(self._lock)


def borrow() -> Library | None:
    """The copy that others use too, or a new one; None where there is no room for it in memory."""
    with contextlib.suppress(OSError):
        trees = _trees()
        digest = _digest(trees)
        for place in _places():
            with _alone(place):
                _clear(place)
                found = _existing(place, digest) or _made(place, digest, trees)
            if found is not None:
                return found
    return None


def _trees() -> dict[Path, Path]:
    """Python's own files and packages, by the path that each has: where it really lies."""
    if not Path("/lib").is_symlink():
        raise OSError("libraries lie in several places")
    return {path: path for source in _sources() for path in _below(source)}


def _sources() -> list[Path]:
    own = [Path(sysconfig.get_path("stdlib")), bubblewrap.PACKAGE, _ZONES, *_locales()]
    return own + [source for source, _ in bubblewrap.offered()]


def _libraries(trees: dict[Path, Path]) -> dict[Path, Path]:
    """What of the system these need."""
    programs = [bubblewrap.interpreter(), *bubblewrap.shared_interpreter()]
    programs += [path for path in trees if ".so" in path.suffixes]
    found = linked.libraries(programs)
    return {path.parent.resolve() / path.name: path.resolve() for path in found}


def _locales() -> list[Path]:
    small = sum(path.stat().st_size for path in _below(_LOCALES)) <= _MOST_LOCALES
    return [_LOCALES] if small else [path for path in _LOCALES.glob("C.*") if path.is_dir()]


def _below(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
        return
    for folder, inner, names in os.walk(source):
        inner[:] = [name for name in inner if name not in _NO_FOLDERS and name[:7] != "config-"]
        for name in names:
            other = name.endswith(".pyc") and not name.endswith(_BYTE_CODE)
            if not other and not name.endswith(_NO_FILES):
                yield Path(folder, name)


def _places() -> list[Path]:
    """Folders in memory from which programs can be run."""
    known = {"uid": os.geteuid(), "temporary": tempfile.gettempdir()}
    paths = [Path(each.format(**known)) for each in _PLACES]
    return [
        path
        for path in paths
        if path.is_dir()
        and os.access(path, os.W_OK)
        and _kind(path) == "tmpfs"
        and not os.statvfs(path).f_flag & os.ST_NOEXEC
    ]


def _room(place: Path) -> int:
    about = os.statvfs(place)
    return about.f_bavail * about.f_frsize - _SPARE_BYTES


def _kind(path: Path) -> str:
    """Of the file system; the last that was mounted there is in force."""
    real, found, kind = f"{path.resolve()}/", "", ""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, mounted, told, *_ = line.split(" ")
        mounted = mounted.rstrip("/") + "/"
        if real.startswith(mounted) and len(mounted) >= len(found):
            found, kind = mounted, told
    return kind


@contextlib.contextmanager
def _alone(place: Path) -> Iterator[None]:
    """One of several that begin at the same time makes the copy, and the others find it.

    Where somebody else has put a file in the lock's place, there may be several copies.
    """
    name = place / f"{_PREFIX}{os.geteuid()}.lock"
    lock = -1
    try:
        with contextlib.suppress(OSError):
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
            lock = os.open(name, flags, 0o600)
            if os.fstat(lock).st_uid == os.geteuid():
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        if lock >= 0:
            os.close(lock)


def _digest(files: dict[Path, Path]) -> str:
    """Another one as soon as anything is installed anew; the last is the list of libraries."""
    told = hashlib.sha256()
    for path in (*sorted(files), Path("/etc/ld.so.cache")):
        about = path.stat()
        told.update(f"{path}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
    return told.hexdigest()[:16]


def _existing(place: Path, digest: str) -> Library | None:
    for folder in place.glob(f"{_PREFIX}{digest}-*"):
        lock = _locked(folder, fcntl.LOCK_SH) if _is_own(folder) else None
        if lock is not None:
            return Library(folder, lock)
    return None


def _made(place: Path, digest: str, trees: dict[Path, Path]) -> Library | None:
    files = trees | _libraries(trees)
    size = sum(-(-path.stat().st_size // _PAGE) * _PAGE for path in files.values())
    return _make(place, digest, files) if _room(place) > size else None


def _make(place: Path, digest: str, files: dict[Path, Path]) -> Library:
    new = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}{digest}-", dir=place))
    try:
        lock = _locked(new, fcntl.LOCK_SH, os.O_CREAT)
        if lock is None:
            raise OSError("somebody else has taken it away")
        for folder in {name.parent for name in files}:
            Path(f"{new}{folder}").mkdir(parents=True, exist_ok=True)
        for name, path in files.items():
            _copy(path, f"{new}{name}")
        for inside, _, _ in os.walk(new):
            Path(inside).chmod(0o755)  # whatever the mask says: students' code has other user ids
        return Library(new.rename(new.with_name(new.name[1:])), lock)
    except BaseException:
        remove(new)
        raise


def _copy(path: Path, new: str) -> None:
    shutil.copyfile(path, new)
    Path(new).chmod(0o555)
    about = path.stat()
    # Byte code is used only if the source is as old as it says.
    os.utime(new, ns=(about.st_mtime_ns, about.st_mtime_ns))


def _is_own(folder: Path) -> bool:
    about = folder.lstat()
    return about.st_uid == os.geteuid() and folder.is_dir() and not folder.is_symlink()


def _locked(folder: Path, how: int, flags: int = 0) -> int | None:
    """A descriptor with the lock; None where it cannot be had, or the folder is gone."""
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | flags, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(lock, how)
        if folder.is_dir():
            return lock
    except OSError:
        pass
    os.close(lock)
    return None


def _clear(place: Path) -> None:
    """Copies that nobody uses: whoever was killed outright removed nothing."""
    for folder in (*place.glob(f"{_PREFIX}*"), *place.glob(f".{_PREFIX}*")):
        with contextlib.suppress(OSError):
            lock = _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB) if _is_own(folder) else None
            if lock is not None:
                remove(folder)
                os.close(lock)
