"""Folders of a pool: each says by a lock that it is in use, so that the next pool can clear up.

Whoever is killed outright removes nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

PREFIX = "pm-pool-"
_LOCK = ".in-use"


class PoolFolder:
    def __init__(self, parent: Path | None = None, mode: int = 0o700) -> None:
        _clear(parent or Path(tempfile.gettempdir()))
        new = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=parent))
        self._lock = os.open(new / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        new.chmod(mode)
        # Under its own name only when it is held, so that nobody takes it for a leftover.
        self.path = new.rename(new.with_name(new.name[1:]))

    def remove(self) -> None:
        remove(self.path)
        os.close(self._lock)


def there(folder: PoolFolder | None, make: Callable[[], PoolFolder]) -> PoolFolder:
    """The folder, or another one where something has cleared it away."""
    if folder is not None and folder.path.is_dir():
        return folder
    if folder is not None:
        folder.remove()
    return make()


def remove(folder: Path) -> None:
    """Remove a folder whatever a student's code has put there, as far as our rights go."""
    with contextlib.suppress(OSError):
        folder.rmdir()  # most are empty
        return
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        # Closed folders, or more of them in each other than Python's own walk can follow.
        for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
            subprocess.run([*command, "--", str(folder)], check=False, stderr=subprocess.DEVNULL)


def _clear(parent: Path) -> None:
    """Remove our own folders in `parent` that nobody holds any more."""
    for folder in parent.glob(f"{PREFIX}*"):
        # What another user made cannot be opened; what is in use cannot be locked.
        with contextlib.suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
                continue
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(folder)
            finally:
                os.close(lock)
