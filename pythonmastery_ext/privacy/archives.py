"""Archived months that hold people who were erased since, and the same files without them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.db import archive_file
from pythonmastery_ext.db.archive_file import Manifest
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.privacy.models import DataRequest

OWNER = "user_id"


@dataclass(frozen=True)
class Held:
    file: Path
    manifest: Manifest
    #: Number of a person who was erased → rows in the file.
    people: Counter[int]


async def erased(db: AsyncSession) -> set[int]:
    """Numbers of those who are not here any more, by their own wish or an admin's."""
    done = DataRequest.kind == "erase", DataRequest.state == "done"
    return set(await db.scalars(select(DataRequest.user_id).where(*done)))


def held(folder: Path, gone: set[int]) -> Iterator[Held]:
    """Reads every archive of the folder. FileDamaged, FileOfOtherKind."""
    for file in sorted(folder.glob("*.zip")):
        manifest = archive_file.checked(file)
        owners = (person for person, _ in _rows(file, manifest))
        people = Counter(person for person in owners if person is not None and person in gone)
        if people:
            yield Held(file, manifest, people)


async def remove(db: Database, held: Held) -> None:
    """The file is exchanged in one step: it is whole before and after, whatever is killed."""
    unfinished = archive_file.unfinished(held.file)
    with archive_file.being_written(unfinished) as made:
        with made.open(archive_file.ROWS, "w", force_zip64=True) as out:
            rows = archive_file.Rows(out)
            for person, row in _rows(held.file, held.manifest):
                if person not in held.people:
                    rows.add(row)
        manifest = replace(
            held.manifest,
            rows=rows.count,
            sha256=rows.sha256,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        archive_file.add_manifest(made, manifest)
    archive_file.checked(unfinished)
    # Before it is done: what is done and not in the log could not be found again.
    async with db.transaction() as session:
        await audit.record(
            session,
            "data.erased",
            actor=None,
            learner=None,
            target=manifest.table,
            data={"rows": manifest.rows, "sha256": manifest.sha256},
            streamed=False,
        )
    archive_file.put(unfinished, held.file)


def _rows(file: Path, manifest: Manifest) -> Iterator[tuple[int | None, bytes]]:
    """Whose each row is, and the row as COPY writes it: tabs in values are escaped."""
    place = manifest.columns.index(OWNER)
    for row in _lines(file):
        owner = row.rstrip(b"\n").split(b"\t")[place]
        yield (int(owner) if owner.isdigit() else None), row


def _lines(file: Path) -> Iterator[bytes]:
    rest = b""
    for block in archive_file.blocks(file):
        *lines, rest = (rest + block).split(b"\n")
        yield from (line + b"\n" for line in lines)
