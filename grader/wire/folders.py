"""Small folders carried from one process to another: what changed since the last time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

#: Of each file its size and time of change, of each folder nothing.
Stamps = dict[str, tuple[int, int]]

_MAX_FILES = 500
_MAX_BYTES = 768 << 10
_FOLDER = (-1, -1)


def stamps(root: Path) -> Stamps:
    found: Stamps = {}
    for folder, names, files in os.walk(root):
        for name in [*names, *files]:
            path = Path(folder, name)
            if len(found) >= _MAX_FILES or path.is_symlink():
                continue
            about = path.stat()
            relative = str(path.relative_to(root))
            found[relative] = _FOLDER if name in names else (about.st_size, about.st_mtime_ns)
    return found


def changes(root: Path, before: Stamps, now: Stamps) -> list[list[Any]]:
    """`[name, content]` of each change; no content: a folder is True, what is gone is None."""
    told: list[list[Any]] = [[name, None] for name in before if name not in now]
    room = _MAX_BYTES
    for name, stamp in sorted(now.items()):
        if before.get(name) == stamp:
            continue
        if stamp == _FOLDER:
            told.append([name, True])
        elif stamp[0] <= room:
            room -= stamp[0]
            told.append([name, (root / name).read_bytes()])
    return told


def apply(root: Path, told: Any) -> None:
    """Make the same changes here; whatever is not a plain name inside `root` is passed over."""
    if type(told) is not list:
        return
    for entry in told[:_MAX_FILES]:
        if type(entry) is not list or len(entry) != 2 or not _inside(root, entry[0]):
            continue
        path, content = root / entry[0], entry[1]
        if content is None:
            _remove(path)
        elif content is True:
            path.mkdir(parents=True, exist_ok=True)
        elif type(content) is bytes:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def _inside(root: Path, name: Any) -> bool:
    if type(name) is not str or not name or "\0" in name:
        return False
    parts = Path(name).parts
    if Path(name).is_absolute() or ".." in parts or len(name) > 300:
        return False
    steps = [root.joinpath(*parts[:i]) for i in range(1, len(parts) + 1)]
    return not any(step.is_symlink() for step in steps)


def _remove(path: Path) -> None:
    if path.is_dir():
        if not any(path.iterdir()):
            path.rmdir()
    else:
        path.unlink(missing_ok=True)
