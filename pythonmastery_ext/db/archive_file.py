"""One archived month as a file: a zip with the rows as COPY writes them, and a manifest."""

import hashlib
import json
import os
import struct
import zipfile
import zlib
from collections.abc import AsyncIterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from pythonmastery_ext.db.problems import (
    FileDamaged,
    FileInTheWay,
    FileMissing,
    FileNotWritable,
    FileOfOtherKind,
)

FORMAT = 1
MANIFEST, ROWS = "manifest.json", "rows.copy"
BLOCK = 1 << 16
#: What reading a zip raises whose bytes are not as they were written, or which lacks the rows.
#: RuntimeError: it says that it is encrypted, or packed in an unknown way.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Names the columns, because later versions have others."""

    format: int
    parent: str
    table: str
    #: First instant of the month, and of the next.
    begins: str
    ends: str
    columns: list[str]
    rows: int
    #: Of the rows, uncompressed.
    sha256: str
    schema: str
    made_at: str


class Rows:
    """Takes the rows of COPY; each is one line, because a line break inside a value is escaped."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._sha = hashlib.sha256()
        self.count = 0

    async def take(self, blocks: AsyncIterable[bytes | bytearray | memoryview]) -> None:
        async for block in blocks:
            self.add(bytes(block))

    def add(self, data: bytes) -> None:
        self._sha.update(data)
        self.count += data.count(b"\n")
        self._out.write(data)

    @property
    def sha256(self) -> str:
        return self._sha.hexdigest()


@contextmanager
def being_written(file: Path) -> Iterator[zipfile.ZipFile]:
    """Under another name, readable by its owner only, and on the disk at the end."""
    try:
        with os.fdopen(_begun(file), "wb") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
                yield made
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as exc:
        raise FileNotWritable(file=file, reason=exc.strerror) from exc


def _begun(file: Path) -> int:
    file.unlink(missing_ok=True)
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def place(folder: Path, table: str) -> Path:
    """Where the file goes; FileNotWritable is told before anything else is done."""
    file = folder / f"{table}.zip"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(_begun(unfinished(file)))
        unfinished(file).unlink()
    except OSError as exc:
        raise FileNotWritable(file=folder, reason=exc.strerror) from exc
    return file


def unfinished(file: Path) -> Path:
    """Its name while it is written."""
    return file.with_suffix(".part")


def keep(written: Path, file: Path, manifest: Manifest) -> None:
    """Gives it its name, for good. FileInTheWay rather than losing rows of another file."""
    if file.exists() and checked(file).sha256 != manifest.sha256:
        written.unlink()
        raise FileInTheWay(file=file)
    put(written, file)


def put(written: Path, file: Path) -> None:
    """In the place of what is there, on the disk too."""
    written.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def add_manifest(made: zipfile.ZipFile, manifest: Manifest) -> None:
    made.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))


def checked(file: Path) -> Manifest:
    """Reads all of it; FileMissing, FileOfOtherKind or FileDamaged."""
    try:
        with zipfile.ZipFile(file) as opened:
            manifest = _manifest(file, opened)
            sha, count = hashlib.sha256(), 0
            with opened.open(ROWS) as rows:
                while block := rows.read(BLOCK):
                    sha.update(block)
                    count += block.count(b"\n")
    except BROKEN as exc:
        raise FileDamaged(file=file, reason=exc) from exc
    except OSError as exc:
        raise FileMissing(file=file) from exc
    if (sha.hexdigest(), count) != (manifest.sha256, manifest.rows):
        raise FileDamaged(file=file, reason="its rows are not those of its manifest")
    return manifest


def blocks(file: Path) -> Iterator[bytes]:
    """The rows of a file that was `checked`."""
    with zipfile.ZipFile(file) as opened, opened.open(ROWS) as rows:
        while block := rows.read(BLOCK):
            yield block


def _manifest(file: Path, opened: zipfile.ZipFile) -> Manifest:
    try:
        data = json.loads(opened.read(MANIFEST))
        if data["format"] != FORMAT:
            raise ValueError(data["format"])
        return Manifest(**data)
    except (KeyError, TypeError, ValueError) as exc:
        raise FileOfOtherKind(file=file, command="pythonmastery db archive") from exc
