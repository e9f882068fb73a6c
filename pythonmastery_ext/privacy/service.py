"""Rules of what people may ask for about their own data."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.accounts.people import named
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.config import Settings
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.keyfile import keyring as keyring_of
from pythonmastery_ext.errors import (
    ErasureNotOpen,
    ExportNotReady,
    InvalidFields,
    UnknownExport,
)
from pythonmastery_ext.identity import Learner
from pythonmastery_ext.privacy.erased import Entry, ErasureList, Wanted
from pythonmastery_ext.privacy.erasing import Eraser, note
from pythonmastery_ext.privacy.models import OPEN, DataRequest

LINK_LIFE = timedelta(days=7)


async def newest(db: AsyncSession, user: int, kind: str) -> DataRequest | None:
    found: DataRequest | None = await db.scalar(
        select(DataRequest)
        .where(DataRequest.user_id == user, DataRequest.kind == kind)
        .order_by(DataRequest.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return found


async def request_export(db: AsyncSession, user: int) -> tuple[DataRequest, str]:
    """The request, and the secret of its link, which is kept nowhere; in place of one before."""
    secret = secrets.token_urlsafe(32)
    await audit.lock(db, user)
    await db.execute(
        update(DataRequest)
        .where(
            DataRequest.user_id == user, DataRequest.kind == "export", DataRequest.state.in_(OPEN)
        )
        .values(state="expired", finished_at=datetime.now(UTC))
    )
    made = DataRequest(
        user_id=user,
        kind="export",
        state="waiting",
        due_at=datetime.now(UTC) + LINK_LIFE,
        link_sha=_sha(secret),
    )
    db.add(made)
    await db.flush()
    await note(db, made, "privacy.export.requested", user)
    return made, secret


async def fetch(db: AsyncSession, user: int, secret: str) -> DataRequest:
    """The export behind this link, which leads nowhere after this; ExportNotReady, UnknownExport.

    Both the secret and the person must be right: a link that got lost tells nobody else.
    """
    found = await db.scalar(
        select(DataRequest)
        .where(
            DataRequest.user_id == user,
            DataRequest.kind == "export",
            DataRequest.link_sha == _sha(secret),
        )
        .with_for_update()
    )
    if found is not None and found.state == "waiting":
        raise ExportNotReady(retry_after=10)
    if found is None or found.state != "ready" or found.due_at < datetime.now(UTC):
        raise UnknownExport
    found.state, found.finished_at = "fetched", datetime.now(UTC)
    await note(db, found, "privacy.export.fetched", user)
    return found


async def put_back(db: AsyncSession, request: int, user: int) -> None:
    """The connection broke before the last byte: the link may be used again."""
    await db.execute(
        update(DataRequest)
        .where(
            DataRequest.id == request, DataRequest.user_id == user, DataRequest.state == "fetched"
        )
        .values(state="ready", finished_at=None)
    )


async def request_erasure(
    db: AsyncSession, learner: Learner, confirm: str, days: int
) -> DataRequest:
    """The open request, made if there is none; `confirm` is the learner's own username."""
    if confirm != learner.username:
        raise InvalidFields(
            fields=[{"field": "confirm", "message": f"is your user name, {learner.username}"}]
        )
    return await _erasure(db, learner.id, learner.id, timedelta(days=days))


async def cancel_erasure(db: AsyncSession, user: int) -> DataRequest:
    """ErasureNotOpen once it has begun."""
    found = await db.scalar(
        select(DataRequest)
        .where(
            DataRequest.user_id == user,
            DataRequest.kind == "erase",
            DataRequest.state == "cooling",
        )
        .with_for_update()
    )
    if found is None:
        raise ErasureNotOpen
    found.state, found.finished_at = "cancelled", datetime.now(UTC)
    await note(db, found, "privacy.erasure.cancelled", user)
    return found


async def erase_now(db: AsyncSession, username: str) -> DataRequest:
    """A request that is due at once, for whoever runs the service; UnknownUser."""
    found = await erase_later(db, username, 0)
    found.due_at = datetime.now(UTC)
    return found


async def erase_later(db: AsyncSession, username: str, days: int) -> DataRequest:
    """For somebody who has left, such as whoever was deleted in the hub; UnknownUser."""
    user = await named(db, username)
    return await _erasure(db, user.id, None, timedelta(days=days))


async def replay(db: Database, settings: Settings) -> int:
    """Erases again whoever came back with a restored copy; how many. Safe to run at any time."""
    keyring, folder = keyring_of(settings), Path(settings.privacy_dir)
    erasures = ErasureList(folder)
    async with db.transaction() as session:
        for entry in await recorded(session):
            erasures.add(entry)
        entries = erasures.entries()
        # At each start: without an erasure nobody's row is looked at.
        found = await _returned(session, Wanted(entries, keyring)) if entries else []
        requests = [await _erasure(session, user, None, timedelta()) for user in found]
        for request in requests:
            request.due_at = datetime.now(UTC)
    eraser = Eraser(db, keyring, folder)
    for request in requests:
        await eraser.carry_out(request.id)
    return len(requests)


async def _returned(db: AsyncSession, wanted: Wanted) -> list[int]:
    rows = await db.execute(select(User.id, User.username, User.github_id, User.created_at))
    return [row.id for row in rows if wanted.has(*row)]


async def recorded(db: AsyncSession, within: timedelta | None = None) -> list[Entry]:
    """What the database knows of erasures: all, or those that began lately."""
    query = select(DataRequest).where(
        DataRequest.kind == "erase", DataRequest.begun_at.is_not(None)
    )
    if within is not None:
        query = query.where(DataRequest.begun_at > func.now() - within)
    return [Entry.of(row) for row in await db.scalars(query.order_by(DataRequest.id))]


async def _erasure(db: AsyncSession, user: int, actor: int | None, wait: timedelta) -> DataRequest:
    await audit.lock(db, user)
    made: DataRequest | None = await db.scalar(
        insert(DataRequest)
        .values(user_id=user, kind="erase", state="cooling", due_at=func.now() + wait)
        .on_conflict_do_nothing()
        .returning(DataRequest)
    )
    if made is not None:
        await note(db, made, "privacy.erasure.requested", actor)
        return made
    found = await newest(db, user, "erase")
    if found is None:
        raise LookupError(f"the erasure of {user} vanished while it was asked for")
    return found


def _sha(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
