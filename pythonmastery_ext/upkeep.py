"""What an operator does to the data of a course: archive, bring back, settle after a restore."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import Session
from pythonmastery_ext.analytics import keeping
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.config import Settings
from pythonmastery_ext.db import archive as months
from pythonmastery_ext.db import attach as attaching
from pythonmastery_ext.db.archive_file import Manifest
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.partitions import Month
from pythonmastery_ext.privacy import service as privacy
from pythonmastery_ext.privacy.erased import ErasureList
from pythonmastery_ext.progress import counters

#: Ends the name of the list beside a backup.
BESIDE = ".erasures.jsonl"


async def archive(db: Database, before: Month, folder: Path | None) -> AsyncIterator[str]:
    """A sentence for each month, as it is done; without a folder only what would be done."""
    async with months.alone(db):
        async with db.transaction() as session:
            found = await months.months_before(session, before, datetime.now(UTC))
        for old in found:
            if folder is None:
                yield f"would move {old.table} ({old.bytes / 1e6:.1f} MB, {old.state})"
                continue
            file, rows = await months.move_out(db, old, folder, _record_archived)
            yield f"{old.table}: {rows} rows in {file}"
    if not found:
        yield f"There are no months before {before.year:04}-{before.month:02}."


async def attach(db: Database, file: Path) -> str:
    done = await attaching.attach(db, file, _record_attached)
    left = done.manifest.rows - done.rows
    told = f"{done.manifest.table}: {done.rows} rows are back"
    if left:
        told += f", {left} were left out because their learner or problem is gone"
    if done.dropped:
        told += f"; the schema no longer has {', '.join(done.dropped)}"
    return f"{told}."


async def backed_up(db: Database, file: Path) -> None:
    """Everything left the database once more."""
    async with db.transaction() as session:
        await _record_act(session, "data.backed_up", file.name, {})


async def schema_changed(db: Database, before: str | None, after: str) -> None:
    async with db.transaction() as session:
        await _record_act(session, "schema.changed", after, {"from": before})


async def keep_erasures(db: Database, settings: Settings, backup: Path) -> None:
    """Beside the backup, for whoever restores an older one on another machine."""
    async with db.transaction() as session:
        entries = await privacy.recorded(session)
    beside = ErasureList(backup.parent, f"{backup.name}{BESIDE}")
    for entry in [*ErasureList(Path(settings.privacy_dir)).entries(), *entries]:
        beside.add(entry)


async def gather_erasures(db: Database, settings: Settings, backup: Path) -> None:
    """Before a restore: from the database that it replaces, and from beside all backups there."""
    found = []
    async with db.transaction() as session:
        if await session.scalar(text("select to_regclass('data_request')")):
            found = await privacy.recorded(session)
    for file in sorted(backup.parent.glob(f"*{BESIDE}")):
        found += ErasureList(file.parent, file.name).entries()
    own = ErasureList(Path(settings.privacy_dir))
    for entry in found:
        own.add(entry)


async def settle(db: Database, settings: Settings) -> str:
    """After a restore: what happened since the backup must not be undone by it."""
    await db.make_partitions()
    await db.fence()
    ended = await db.retry(_restored)
    erased = await privacy.replay(db, settings)
    await db.retry(counters.mend_all)
    # Made anew by the restore already, but before the erasures.
    await keeping.refresh(db)
    return (
        f"The backup is in the database; {erased} people were erased again,"
        f" {ended} tokens of clients were ended."
    )


async def _restored(db: AsyncSession) -> int:
    """A token that was revoked since the backup would open the door again, so all are."""
    ended = await db.scalars(
        update(Session)
        .where(Session.revoked_at.is_(None))
        .values(revoked_at=func.now())
        .returning(Session.id)
    )
    count = len(ended.all())
    await _record_act(db, "data.restored", None, {"ended_sessions": count})
    return count


async def _record_archived(db: AsyncSession, manifest: Manifest) -> None:
    await _record(db, "data.archived", manifest, manifest.rows)


async def _record_attached(db: AsyncSession, manifest: Manifest, rows: int) -> None:
    await _record(db, "data.attached", manifest, rows)


async def _record(db: AsyncSession, kind: str, manifest: Manifest, rows: int) -> None:
    data = {"rows": rows, "sha256": manifest.sha256}
    await _record_act(db, kind, manifest.table, data)


async def _record_act(
    db: AsyncSession, kind: str, target: str | None, data: dict[str, Any]
) -> None:
    """By whoever has the command line of the server, so without an actor."""
    await audit.record(db, kind, actor=None, learner=None, target=target, data=data, streamed=False)
