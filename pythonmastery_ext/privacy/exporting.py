"""Everything that the service holds about one person, as a zip of JSON lines."""

import asyncio
import hashlib
import io
import json
import os
import secrets
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Executable, Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.attempts.results import unpacked
from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.curriculum.models import Problem, Section
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import UnknownUser
from pythonmastery_ext.grading.client import FOR_AUTHORS
from pythonmastery_ext.privacy import readme
from pythonmastery_ext.privacy.owned import EXPORTED, Owned, shown
from pythonmastery_ext.privacy.sealing import SEALED

#: Of the zip: names of files and the form of the manifest.
FORMAT = 1
#: Rows that are in memory at once.
BATCH = 200
#: One moment for all tables; the largest tables take their time.
SETTINGS = (
    "set transaction isolation level repeatable read, read only",
    "set local statement_timeout = 0",
    "set local idle_in_transaction_session_timeout = 0",
)
#: What numbers of problems and sections in the other files stand for; names only.
LOOKUPS: dict[str, Executable] = {
    "problems": select(Problem.id, Problem.slug, Problem.title, Problem.section_id)
    .where(Problem.status.in_(("published", "deprecated")))
    .order_by(Problem.id),
    "sections": select(Section.id, Section.slug, Section.name).order_by(Section.id),
}


class _Zip:
    """Written in another thread: compressing would hold up the other learners."""

    def __init__(self, path: Path) -> None:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(file, "wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)
        self.manifest: dict[str, dict[str, Any]] = {}

    async def add(self, name: str, result: Any, change: Any) -> None:
        """A file of JSON lines from a result that streams."""
        rows, size, sha = 0, 0, hashlib.sha256()
        with self._zip.open(f"{name}.jsonl", "w", force_zip64=True) as entry:
            async for batch in result.partitions(BATCH):
                data = await asyncio.to_thread(_lines, batch, change)
                await asyncio.to_thread(entry.write, data)
                sha.update(data)
                rows, size = rows + len(batch), size + len(data)
        self.manifest[f"{name}.jsonl"] = {"rows": rows, "bytes": size, "sha256": sha.hexdigest()}

    def finish(self, schema: str | None, person: str) -> None:
        about = {
            "format": FORMAT,
            "schema_version": schema,
            "person": person,
            "made_at": datetime.now(UTC).isoformat(),
            "files": self.manifest,
        }
        self._zip.writestr("manifest.json", json.dumps(about, indent=1))
        self._zip.writestr("README.md", readme.text())

    def close(self) -> None:
        with self._file:
            self._zip.close()


async def export(db: Database, keyring: Keyring, user: int, target: Path) -> None:
    """The zip at `target`, complete or not there at all; UnknownUser."""
    # Of its own: two processes may make the same one, and the last to finish is as good.
    unfinished = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        async with db.transaction() as session:
            for setting in SETTINGS:
                await session.execute(text(setting))
            await _write(session, keyring, user, unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


async def _write(db: AsyncSession, keyring: Keyring, user: int, path: Path) -> None:
    username = await db.scalar(text("select username from app_user where id = :id"), {"id": user})
    if username is None:
        raise UnknownUser
    # Results that are kept in short make sense beside their version only.
    tried = select(ProblemAttempt.version_id).where(
        ProblemAttempt.user_id == user,
        func.jsonb_typeof(ProblemAttempt.test_results[0]) != "object",
    )
    found = await db.scalars(tried.distinct())
    versions = {version: await catalog.graded(db, version) for version in found}
    archive = _Zip(path)
    try:
        for owned in EXPORTED:
            query = select(*owned.columns(user)).where(owned.mine(user))
            result = await db.stream(query.order_by(*owned.source.primary_key.columns))
            await archive.add(owned.table, result, _opener(owned, keyring, versions))
        for name, lookup in LOOKUPS.items():
            await archive.add(name, await db.stream(lookup), shown)
        schema = await db.scalar(text("select version_num from alembic_version"))
        archive.finish(schema, username)
    finally:
        await asyncio.to_thread(archive.close)


def _opener(owned: Owned, keyring: Keyring, versions: dict[int, ProblemContent]) -> Any:
    """Makes a row as its owner may read it: opened, and silent about hidden tests."""
    sealed = {each.column: each for each in SEALED if each.table == owned.table}

    def change(row: dict[str, Any]) -> dict[str, Any]:
        if owned.table == ProblemAttempt.__tablename__ and row["version_id"] in versions:
            about = versions[row["version_id"]], row["kind"], row["memory_usage"]
            row["test_results"] = unpacked(row["test_results"], *about)
            (row["error_messages"] or {}).pop(FOR_AUTHORS, None)
        for name, where in sealed.items():
            value = row.pop(name)
            opened = keyring.open(value, **where.place(row[where.key])) if value else None
            row[name.removesuffix("_sealed")] = opened
        return {name: shown(value) for name, value in row.items()}

    return change


def _lines(batch: Sequence[Row[Any]], change: Any) -> bytes:
    out = io.BytesIO()
    for row in batch:
        out.write(to_json(change(dict(row._mapping)), inf_nan_mode="constants") + b"\n")
    return out.getvalue()
