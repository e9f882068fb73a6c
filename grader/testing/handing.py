"""Data files of open tests whose paths they hand to the student's code.

A copy of each lies in the folder that both sides see, and the path of the copy is handed over: of
files that the tests do not hand over by their own words the student's code sees nothing, whatever
it has named. A new file that it makes there the tests find; one of theirs that it has changed they
do not read any more.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import sys
from pathlib import Path, PosixPath, PurePosixPath
from typing import TYPE_CHECKING, Any

from grader.testing import beside, opening
from grader.testing.bindings import Bindings
from grader.testing.handed import Handed
from grader.wire import folders

if TYPE_CHECKING:
    from grader.protocol import GradeRequest
    from grader.remote import Session

_CALLS = frozenset({"call", "method", "program"})
_MOST_BYTES = 768 << 10
_LONGEST = 1000
_MOST_KEPT = 100
_PATHS = (str, PosixPath)


def follow(session: Session, request: GradeRequest) -> None:
    """From now on paths in calls of this session are looked at."""
    lying = [test.filename for test in request.tests if test.filename.startswith("/")]
    if not request.open_tests or not lying:
        return
    beside.follow()
    copies = Copies(session, request, Path(lying[0]).parent)
    ask, words = session._request, list(sys.argv)

    def asked(message: list[Any], args: Any, kwargs: dict[str, Any]) -> Any:
        if message[0] not in _CALLS:
            return copies.keep(ask(message, args, kwargs))
        if sys.argv != words:
            sys.argv[1:] = map(copies.of, sys.argv[1:])
        if args or kwargs:
            args = tuple(map(copies.of, args))
            kwargs = {name: copies.of(value) for name, value in kwargs.items()}
            message[-2:] = [list(args), kwargs]
        return copies.keep(ask(message, args, kwargs))

    vars(session)["_request"] = asked


class Copies:
    def __init__(self, session: Session, request: GradeRequest, folder: Path) -> None:
        """`folder`: of the test file."""
        top = opening.top_of(folder)
        self._session = session
        self._request = request
        #: Folders that the tests lie in, or are run in: they know them by `__file__`.
        self._own = {str(folder), str(top)}
        #: The folder of the tests, if that is one in which they are not run.
        self._beside = folder.name if folder != top else ""
        #: From which pytest would be run.
        self._top = str(top)
        self._work = os.getcwd()  # noqa: PTH109 - compared with texts
        #: What lies in it, by the first part of a path.
        self._names = set(os.listdir(top)) if top.is_dir() else set()  # noqa: PTH208 - as above

    def keep(self, answer: Any) -> Any:
        """Texts and paths of the student's are known again: by them no file is handed over."""
        inside = answer.values() if type(answer) is dict else answer
        several = type(answer) in (list, tuple, dict) and len(answer) <= _MOST_KEPT
        for value in inside if several else (answer,):
            if type(value) in _PATHS and self._may_name(str(value)):
                opening.SAID[id(value)] = value
        return answer

    def _may_name(self, path: str) -> bool:
        """Others name no file of the tests, and need not be kept."""
        return 1 < len(path) <= _LONGEST and (
            path[0] == "/" or path.partition("/")[0] in self._names
        )

    def of(self, value: Any) -> Any:
        """Paths of files of the tests become those of the copies, also in a list."""
        if type(value) is list:
            value[:] = map(self._of, value)  # the same list: the call may change it
            return value
        return self._of(value)

    def _of(self, value: Any) -> Any:
        if type(value) not in _PATHS or id(value) in opening.SAID:
            return value
        path = str(value)
        if len(path) > _LONGEST or "\0" in path:
            return value
        if f"{path}/".startswith(f"{self._top}/"):
            whole = os.path.normpath(path)
            meant = type(value) is PosixPath or whole not in self._own or _was_given(whole)
            copy = self._lay(whole) if meant and self._is_handed(whole) else None
            return value if copy is None else type(value)(copy)
        if path.partition("/")[0] in self._names:
            whole = os.path.normpath(f"{self._top}/{path}")
            if Path(whole).is_file() and self._is_handed(whole):
                self._lay(whole)
        return value

    def _is_handed(self, whole: str) -> bool:
        """Whether by the test; else the student's code has chosen it, and gets nothing."""
        if _was_given(whole):
            return True
        parts = PurePosixPath(whole.removeprefix(self._top)).parts[1:]
        parts = parts[1:] if parts[:1] == (self._beside,) else parts
        if Path(whole).is_dir():
            entries = {name.partition("/")[0] for name in folders.stamps(Path(whole))}
            return self._handed.has_folder(parts, entries)
        return self._handed.has(parts)

    @functools.cached_property
    def _handed(self) -> Handed:
        """What the tests hand over by their own words."""
        request = self._request
        names = [request.module, *(name.removesuffix(".py") for name in request.files)]
        theirs = {part for name in names for part in re.split(r"[./]", name)}
        theirs -= sys.stdlib_module_names
        tests = []
        for test in request.tests:
            with contextlib.suppress(SyntaxError, ValueError, RecursionError):
                tests.append(Bindings(test.source, request.test_modules.values(), theirs))
        stamps = folders.stamps(Path(self._top)).items()
        files = (Path(self._top, name) for name, (size, _) in stamps if 0 <= size <= _MOST_BYTES)
        return Handed(tests, {file.name: file for file in files if _is_data(file.name)})

    def _lay(self, whole: str) -> str | None:
        """Where the copy is, or will be if the student's code makes it."""
        real, top = os.path.realpath(whole), os.path.realpath(self._top)
        if not f"{real}/".startswith(f"{top}/") or whole.endswith(".py"):
            return None
        now, known = opening.stamp(whole), opening.LAID.get(whole)
        if known is not None and known.source == now:
            return known.copy
        try:
            told = _contents(whole, now)
        except OSError:
            return None
        if told is None:
            return None
        above = str(PurePosixPath(whole).parent)
        if now is None and opening.stamp(above) is None:
            self._lay(above)  # the student's code may make it
        inside = self._place(whole, now)
        copy = f"{self._work}/{inside}"
        is_new = known is None
        if is_new:  # what the student's code has made there stays; some of a folder may be there
            told = [each for each in told if opening.stamp(_at(copy, each[0])) is None]
        if told or not is_new or opening.stamp(copy) is None:
            self._make(inside, told, opening.stamp(above) is not None)
        opening.LAID[whole] = opening.Laid(now, copy)
        return copy

    def _place(self, whole: str, now: Any) -> str:
        """A file lies where it would if the tests ran in the folder that it is in."""
        made = opening._laid(whole) if now is None else None
        if made is not None:  # in a folder that was handed over
            return made.removeprefix(f"{self._work}/")
        inside = whole.removeprefix(self._top).lstrip("/")
        if now is not None and Path(whole).is_dir():
            return f"{Path(self._top).name}/{inside}".rstrip("/")
        return inside

    def _make(self, inside: str, told: list[list[Any]], with_folder: bool) -> None:
        above = str(PurePosixPath(inside).parent)
        changes: list[list[Any]] = [[above, True]] if with_folder else []
        changes += [[_at(inside, name), what] for name, what in told]
        folders.apply(Path(self._work), changes)
        if above != "." and with_folder:  # where the student's code may have another user id
            Path(self._work, above).chmod(0o777)
        self._tell(changes)

    def _tell(self, changes: list[list[Any]]) -> None:
        """Else it is carried with all that lies there."""
        if not self._session.surroundings.shares_files:
            with contextlib.suppress(OSError):  # it may be the same folder, and be there already
                self._session.aside("files", self._work, changes)


def _was_given(whole: str) -> bool:
    """With a folder that it lies in, if not by itself."""
    return any(f"{whole}/".startswith(f"{known}/") for known in opening.LAID)


def _at(folder: str, name: str) -> str:
    return f"{folder}/{name}" if name else folder


def _contents(whole: str, now: Any) -> list[list[Any]] | None:
    """As `folders.apply` takes it; None for what is too large."""
    path = Path(whole)
    if now is None:
        return []
    if not path.is_dir():
        return [["", path.read_bytes()]] if path.stat().st_size <= _MOST_BYTES else None
    found = folders.stamps(path)
    data = {name: stamp for name, stamp in found.items() if _is_data(name)}
    return [["", True], *folders.changes(path, {}, data)]


def _is_data(name: str) -> bool:
    return not name.endswith((".py", ".pyc")) and name.rpartition("/")[2] != "__pycache__"
