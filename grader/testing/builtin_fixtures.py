"""The fixtures that pytest itself brings: captured output and logs, patches, folders, subtests."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import pathlib
import sys
import tempfile
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

from grader.testing.local_path import LocalPath
from grader.testing.monkeypatch import MonkeyPatch
from grader.testing.pytest_checks import WarningsRecorder


class CaptureResult(NamedTuple):
    out: Any
    err: Any


class Captured:
    """Standard output and standard error while a test runs."""

    def __init__(self, *, binary: bool = False) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        self._binary = binary

    def readouterr(self) -> CaptureResult:
        taken = [stream.getvalue() for stream in (self.out, self.err)]
        for stream in (self.out, self.err):
            stream.seek(0)
            stream.truncate()
        return CaptureResult(*(text.encode() for text in taken) if self._binary else taken)

    @contextlib.contextmanager
    def disabled(self) -> Iterator[None]:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield


def _capture(*, binary: bool) -> Any:
    @contextlib.contextmanager
    def capture(scope: Any) -> Iterator[Captured]:
        captured = Captured(binary=binary)
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = captured.out, captured.err
        try:
            yield captured
        finally:
            sys.stdout, sys.stderr = before

    return capture


class LogCapture(logging.Handler):
    """pytest's `caplog`."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self._levels: dict[str | None, int] = {}
        self.setFormatter(
            logging.Formatter("%(levelname)-8s %(name)s:%(filename)s:%(lineno)d %(message)s")
        )

    @property
    def handler(self) -> logging.Handler:
        return self

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def text(self) -> str:
        return "".join(f"{self.format(record)}\n" for record in self.records)

    @property
    def messages(self) -> list[str]:
        return [record.getMessage() for record in self.records]

    @property
    def record_tuples(self) -> list[tuple[str, int, str]]:
        return [(r.name, r.levelno, r.getMessage()) for r in self.records]

    def get_records(self, when: str) -> list[logging.LogRecord]:
        return self.records if when == "call" else []

    def clear(self) -> None:
        self.records.clear()

    def set_level(self, level: int | str, logger: str | None = None) -> None:
        place = logging.getLogger(logger)
        self._levels.setdefault(logger, place.level)
        place.setLevel(level)
        self.setLevel(level)

    @contextlib.contextmanager
    def at_level(self, level: int | str, logger: str | None = None) -> Iterator[None]:
        place = logging.getLogger(logger)
        before = place.level, self.level
        place.setLevel(level)
        self.setLevel(level)
        try:
            yield
        finally:
            place.setLevel(before[0])
            self.setLevel(before[1])

    def undo(self) -> None:
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)


@contextlib.contextmanager
def _caplog(scope: Any) -> Iterator[LogCapture]:
    capture = LogCapture()
    logging.getLogger().addHandler(capture)
    try:
        yield capture
    finally:
        logging.getLogger().removeHandler(capture)
        capture.undo()


@contextlib.contextmanager
def _monkeypatch(scope: Any) -> Iterator[MonkeyPatch]:
    patch = MonkeyPatch()
    try:
        yield patch
    finally:
        patch.undo()


def _folder(kind: type[pathlib.Path]) -> Any:
    @contextlib.contextmanager
    def folder(scope: Any) -> Iterator[pathlib.Path]:
        with tempfile.TemporaryDirectory() as made, _come_back():
            yield kind(made)

    return folder


@contextlib.contextmanager
def _come_back() -> Iterator[None]:
    """The student's code may have gone into a folder that is about to be removed."""
    before = pathlib.Path.cwd()
    try:
        yield
    finally:
        os.chdir(before)


class TempPathFactory:
    """Of folders as `tmp_path`, or `tmpdir`, hands them out."""

    def __init__(self, base: pathlib.Path) -> None:
        self._base = base
        self._count = 0

    def getbasetemp(self) -> pathlib.Path:
        return self._base

    def mktemp(self, basename: str, numbered: bool = True) -> pathlib.Path:
        made = self._base / (f"{basename}{self._count}" if numbered else basename)
        self._count += 1
        made.mkdir()
        return made


def _factory(kind: type[pathlib.Path]) -> Any:
    @contextlib.contextmanager
    def factory(scope: Any) -> Iterator[TempPathFactory]:
        # For fixtures of any scope: the folders go when the file's last test is done.
        folder = scope.lasting.exits.enter_context(tempfile.TemporaryDirectory())
        yield TempPathFactory(kind(folder))

    return factory


@contextlib.contextmanager
def _recwarn(scope: Any) -> Iterator[WarningsRecorder]:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("default")
        yield WarningsRecorder(seen)


class SubTests:
    """Failures inside are kept until the test is over."""

    def __init__(self) -> None:
        self.errors: list[BaseException] = []

    @contextlib.contextmanager
    def test(self, msg: str | None = None, **parameters: Any) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.errors.append(error)


@contextlib.contextmanager
def _subtests(scope: Any) -> Iterator[SubTests]:
    made = SubTests()
    yield made
    if made.errors:
        raise made.errors[0]


@contextlib.contextmanager
def _nothing(scope: Any) -> Iterator[Any]:
    """For a report of pytest's own, which nobody reads here."""
    yield lambda *_: None


@contextlib.contextmanager
def _no_names(scope: Any) -> Iterator[dict[str, Any]]:
    yield {}


BUILTIN: dict[str, Any] = {
    "capsys": _capture(binary=False),
    "capfd": _capture(binary=False),
    "capsysbinary": _capture(binary=True),
    "capfdbinary": _capture(binary=True),
    "caplog": _caplog,
    "doctest_namespace": _no_names,
    "monkeypatch": _monkeypatch,
    "record_property": _nothing,
    "record_testsuite_property": _nothing,
    "record_xml_attribute": _nothing,
    "recwarn": _recwarn,
    "subtests": _subtests,
    "tmp_path": _folder(pathlib.Path),
    "tmp_path_factory": _factory(pathlib.Path),
    "tmpdir": _folder(LocalPath),
    "tmpdir_factory": _factory(LocalPath),
}
