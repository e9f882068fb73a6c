"""Keeps what lies around the student's process in step with what lies around the tests.

A test that sets an environment variable means it for the code under test. Where the tests are open,
files are carried too: both sides work in a folder of the same name, each in its own file system.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.wire import folders

if TYPE_CHECKING:
    from grader.protocol import GradeRequest, Level
    from grader.remote.session import Session

_FILES = re.compile(
    r"\b(os|io|gzip|codecs|Path|pathlib|shutil|tempfile|tmp_path|tmpdir)\b|(?<!\.)\bopen\b"
)
#: Parts of these modules that have nothing to do with files, and lines that only bring them here.
_NO_FILES = re.compile(
    r"""\bos\.(?:environb?|getenv|linesep|urandom|cpu_count|getpid)\b
    | \bio\.(?:StringIO|BytesIO|TextIOBase)\b
    | ^[ \t]*from[ ](?:os|io)[ ]import[ ](?:(?:environ|getenv|StringIO|BytesIO)(?:,[ ]|$))+$
    | ^[ \t]*import[ ](?!.*\bas\b)[\w., \t]+$
    | ^[ \t]*sys\.path\.(?:insert|append)\([^;\n]*\)$""",
    re.MULTILINE | re.VERBOSE,
)
#: Of a submission; its tests may meet more than one process.
_SHARED: list[tuple[GradeRequest, Path]] = []


def shared_folder(request: GradeRequest, level: Level) -> Path | None:
    """Where open tests and the student's code meet through files, if the tests use any."""
    if not request.open_tests or level != "full":
        return None  # with weaker walls it is one and the same folder
    sources = [*(test.source for test in request.tests), *request.test_modules.values()]
    if not any(map(_may_use_files, sources)):
        return None
    if not _SHARED or _SHARED[0][0] is not request:
        _SHARED[:] = [(request, Path.cwd())]
    folder = _SHARED[0][1]
    folders.go(folder)  # a fresh process works there; the one before may have led us elsewhere
    return folder


def _may_use_files(source: str) -> bool:
    return _FILES.search(source) is not None and bool(_FILES.search(_NO_FILES.sub("", source)))


class Surroundings:
    def __init__(self, session: Session, folder: Path | None) -> None:
        self._session = session
        self._folder = folder
        self.shares_files = folder is not None
        self._raw = dict(_raw_environment())
        self._words = list(sys.argv)
        #: Where the tests work, and where the student's process does.
        self._place = self._there = str(folder)
        self._known: folders.Stamps = {}
        self._told = False
        self._busy = False

    def before(self) -> None:
        """Tell the student's process what has changed here since it was last asked."""
        if self._busy or self._is_same():
            return
        self._busy = True
        try:
            self._send_environment()
            if sys.argv != self._words:
                self._words = list(sys.argv)
                self._session.request("arguments", [str(word) for word in self._words])
            if self._folder is not None:
                now = folders.stamps(self._folder)
                if now != self._known or not self._told:
                    self._told = True
                    changes = folders.changes(self._folder, self._known, now)
                    self._session.request("files", str(self._folder), changes)
                    self._known = now
                self._send_place()
        finally:
            self._busy = False

    def has(self, place: Path) -> bool:
        """Whether it is a folder of those that both sides have."""
        inside = self._folder is not None and place.is_relative_to(self._folder)
        if not inside or ".." in place.parts or not place.is_dir():
            return False
        return place.resolve().is_relative_to(Path(str(self._folder)).resolve())

    def _is_same(self) -> bool:
        raw = getattr(os.environ, "_data")  # noqa: B009 - see below
        return raw == self._raw and sys.argv == self._words and not self.shares_files

    def after(self) -> None:
        """Fetch the files that the student's code has made or changed."""
        if self._folder is None or self._busy:
            return
        self._busy = True
        try:
            told: Any = self._session.request("changed_files", str(self._folder))
            if type(told) is not tuple or [*map(type, told)] != [list, str]:
                return
            changes, place = told
            if changes:
                folders.apply(self._folder, changes)
                self._known = folders.stamps(self._folder)
            if place != self._there:
                self._follow(place)
        finally:
            self._busy = False

    def _follow(self, place: str) -> None:
        """The student's code works in another folder than before: so do the tests, as in one."""
        self._there = place
        with contextlib.suppress(OSError, ValueError):
            if self.has(Path(place)):
                folders.go(place)
                self._place = folders.place()

    def _send_place(self) -> None:
        place = folders.place()
        if place in ("", self._place):
            return
        self._place = place
        touched = self._session.touched
        with contextlib.suppress(OSError):  # of a folder that it does not have
            self._session.call(os.chdir, (place,), {})
            self._there = place
        self._session.touched = touched

    def _send_environment(self) -> None:
        raw = _raw_environment()
        if raw == self._raw:
            return
        before, self._raw = self._raw, dict(raw)
        names = (name for name in raw.keys() | before.keys() if raw.get(name) != before.get(name))
        changed = {name: os.environ.get(name) for name in map(os.fsdecode, names)}
        self._session.request("environment", changed)


def _raw_environment() -> dict[bytes, bytes]:
    """As it is kept: decoding all of it before each call would take longer than the call."""
    raw: dict[bytes, bytes] = getattr(os.environ, "_data")  # noqa: B009 - no other way to it
    return raw
