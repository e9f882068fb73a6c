"""Results kept while a batch runs, so that the next run can go on where this one broke off.

One JSON line for each result, on the disk before the next one is begun. A result is found again by
all that it came from: solution, tests, files beside them, limits, isolation level, and the grader.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import grader
from grader.protocol import GradeRequest, to_json
from pythonmastery_ext.grading.exercise import CannotGrade

Report = dict[str, Any]


@functools.cache
def grader_sha() -> str:
    """Of the grader's own source: another grader may come to another verdict."""
    root = Path(grader.__file__).parent
    found = sha256()
    for path in sorted(root.rglob("*.py")):
        found.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def key_of(request: GradeRequest, level: str) -> str:
    whole = to_json(dataclasses.replace(request, id=""))
    return sha256("\0".join((whole, level, grader_sha())).encode()).hexdigest()


class Journal:
    def __init__(self, path: Path, *, resume: bool) -> None:
        """CannotGrade if there is one already and it is not to be gone on with."""
        self.path = path
        self._known: dict[str, Report] = {}
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            text = path.read_bytes()
        except OSError as error:
            raise CannotGrade(f"{path}: cannot be used as a journal: {error.strerror}.") from None
        if text and not resume:
            os.close(self._file)
            raise CannotGrade(
                f"{path} holds results already: add --resume to go on with them, or name "
                "another file."
            )
        self._read(text)
        if text and not text.endswith(b"\n"):  # broken off in the middle of a line
            os.write(self._file, b"\n")

    def _read(self, text: bytes) -> None:
        for line in text.splitlines():
            try:
                entry = json.loads(line)
                self._known[entry["key"]] = entry["report"]
            except (ValueError, KeyError, TypeError):
                continue  # the last line of a run that was killed

    def find(self, key: str) -> Report | None:
        return self._known.get(key)

    def keep(self, key: str, report: Report) -> None:
        line = json.dumps({"key": key, "report": report}, separators=(",", ":")) + "\n"
        rest = memoryview(line.encode())
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except OSError as error:
            raise CannotGrade(
                f"{self.path}: {error.strerror}. The results before this one are kept: make room, "
                "and go on with --resume."
            ) from None
        self._known[key] = report

    def close(self) -> None:
        os.close(self._file)
