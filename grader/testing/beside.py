"""Files that the student's code has made where the tests lie, as a path of the tests says.

They lie as copies in the folder of both sides. Tests list them and take them away all the same.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

from grader.testing import opening

_REMOVING = ("remove", "unlink", "rmdir")
_ABLE = (os.supports_dir_fd, os.supports_fd)
_isdir, _split = os.path.isdir, os.path.split


def follow() -> None:
    """From now on, in this process."""
    if hasattr(os.remove, "finds"):
        return
    for module, names in ((os, _REMOVING), (shutil, ("rmtree",))):
        for name in names:
            _put(module, name, functools.partial(_remove, getattr(module, name)))
    _put(os, "listdir", functools.partial(_listdir, os.listdir))
    _put(os, "scandir", functools.partial(_scandir, os.scandir, os.listdir))


def _put(module: Any, name: str, look: Callable[..., Any]) -> None:
    real = getattr(module, name)

    @functools.wraps(real)
    def found(*args: Any, **options: Any) -> Any:
        return look(*args, **options)

    vars(found)["finds"] = True
    setattr(module, name, found)
    for able in _ABLE:
        able.update({found} if real in able else ())


def _whole(path: Any) -> str:
    """Of one that begins at the root; else nothing."""
    name = os.fspath(path) if isinstance(path, str | os.PathLike) else ""
    return os.path.normpath(name) if type(name) is str and name[:1] == "/" else ""


def _remove(real: Callable[..., Any], path: Any, *args: Any, **options: Any) -> Any:
    whole = _whole(path) if opening.LAID else ""
    copy = opening._laid(whole) if whole else None
    if copy is None:
        return real(path, *args, **options)
    if opening.stamp(whole) is None:
        return real(copy, *args, **options)
    gone = real(path, *args, **options)
    with contextlib.suppress(OSError):  # or the student's code has removed it
        real(copy, *args, **options)
    return gone


def _listdir(real: Callable[..., Any], path: Any = ".") -> Any:
    found = real(path)
    return [*found, *_made(real, path).keys() - set(found)] if opening.LAID else found


def _scandir(real: Callable[..., Any], listed: Callable[..., Any], path: Any = ".") -> Any:
    found = real(path)
    made = _made(listed, path) if opening.LAID else {}
    return _Entries(found, real, made) if made else found


def _made(listed: Callable[..., Any], path: Any) -> dict[str, str]:
    """What lies in a folder of the tests for the student's code only: by its name, where."""
    folder = _whole(path)
    if not folder or not _isdir(folder):
        return {}
    made = {}
    copy = opening._laid(folder)
    if copy is not None and copy != folder and _isdir(copy):
        made = {name: f"{copy}/{name}" for name in listed(copy)}
    for known, laid in list(opening.LAID.items()):
        above, name = _split(known)
        if above == folder and opening.stamp(laid.copy) is not None:
            made[name] = laid.copy
    return made


class _Entries:
    """As `os.scandir` gives them."""

    def __init__(self, found: Any, real: Callable[..., Any], made: dict[str, str]) -> None:
        self._found = found
        self._all = self._both(real, made)

    def _both(self, real: Callable[..., Any], made: dict[str, str]) -> Iterator[Any]:
        seen = set()
        for entry in self._found:
            seen.add(entry.name)
            yield entry
        for folder in {_split(copy)[0] for copy in made.values()}:
            with real(folder) as entries:
                for entry in entries:
                    if made.get(entry.name) == entry.path and entry.name not in seen:
                        yield entry

    def __iter__(self) -> Iterator[Any]:
        return self._all

    def __next__(self) -> Any:
        return next(self._all)

    def __enter__(self) -> _Entries:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self._found.close()
