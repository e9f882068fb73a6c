"""The student's file is there where tests look for it, wherever it really lies."""

from __future__ import annotations

import functools
import os
import tempfile
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from grader.testing.importing import StudentModule


class Own(NamedTuple):
    student: StudentModule
    #: Of a file with the same text.
    about: os.stat_result


#: Of the submission that is being graded.
_OWN: list[Own] = []
_LOOKING = ("access", "lstat", "stat")
_ABLE = (os.supports_dir_fd, os.supports_effective_ids, os.supports_follow_symlinks)
_ASKING = threading.local()


def follow(student: StudentModule) -> None:
    """From now on."""
    with tempfile.TemporaryFile() as file:
        file.write(student.code.encode())
        file.flush()
        _OWN[:] = [Own(student, os.fstat(file.fileno()))]
    for name in _LOOKING:
        real = getattr(os, name)
        if hasattr(real, "answers"):
            continue
        look = _answering(real)
        setattr(os, name, look)
        for able in _ABLE:
            able.update({look} if real in able else ())


def _answering(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def look(path: Any, *args: Any, **options: Any) -> Any:
        if not _is_own(path):
            return real(path, *args, **options)
        return True if real.__name__ == "access" else _OWN[0].about

    vars(look)["answers"] = True
    return look


def _is_own(path: Any) -> bool:
    if not isinstance(path, str | os.PathLike) or getattr(_ASKING, "busy", False):
        return False
    name = os.fspath(path)
    student = _OWN[0].student
    if type(name) is not str or not name.endswith(student.file):
        return False
    _ASKING.busy = True  # it looks at the file, too
    try:
        return student.is_at(name)
    finally:
        _ASKING.busy = False
