"""Copies that wait for their owners: sealed, and in rows, so that it matters not who made them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.db.encryption import HEADER, NONCE_SIZE, TAG_SIZE, Keyring, Place, key_mark
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import ExportNotReady
from pythonmastery_ext.privacy.models import DataExport, DataRequest

#: Bytes of the zip in a row.
PART = 1 << 20
#: Bytes; whoever runs the service can write a larger one with `pythonmastery privacy export`.
LARGEST = 64 * PART
#: What sealing adds to a part.
ADDED = HEADER.size + NONCE_SIZE + TAG_SIZE
#: How long the parts stay under a process that breaks off while it hands them out.
SENDING = timedelta(hours=1)


class TooLarge(Exception):
    """The copy is larger than what is kept for its owner."""


async def keep(db: Database, keyring: Keyring, request: DataRequest, path: Path) -> None:
    """The request is ready then, unless another process was quicker; TooLarge."""
    if (await asyncio.to_thread(path.stat)).st_size > LARGEST:
        raise TooLarge
    async with db.transaction() as session:
        found = await session.get(DataRequest, request.id, with_for_update=True)
        if found is None or found.state != "waiting":
            return
        with await asyncio.to_thread(path.open, "rb") as file:
            number = 0
            while data := await asyncio.to_thread(file.read, PART):
                sealed = keyring.seal_bytes(data, **_place(found.id, number))
                await session.execute(
                    insert(DataExport).values(
                        request_id=found.id, part=number, user_id=found.user_id, sealed=sealed
                    )
                )
                number += 1
        found.state = "ready"


async def size(db: AsyncSession, request: DataRequest) -> tuple[int, int]:
    """Parts and bytes; ExportNotReady if it is made again, as after a change of keys."""
    count, stored = (
        await db.execute(
            select(func.count(), func.sum(func.length(DataExport.sealed))).where(_of(request))
        )
    ).one()
    if not count:
        raise ExportNotReady(retry_after=10)
    return count, stored - count * ADDED


async def parts(
    db: Database, keyring: Keyring, request: DataRequest, count: int
) -> AsyncIterator[bytes]:
    """One after the other, so that none but one is in memory."""
    for number in range(count):
        async with db.transaction() as session:
            query = select(DataExport.sealed).where(_of(request), DataExport.part == number)
            sealed = (await session.execute(query)).scalar_one()
        yield keyring.open_bytes(sealed, **_place(request.id, number))


async def drop(db: AsyncSession, request: DataRequest) -> None:
    await db.execute(delete(DataExport).where(_of(request)))


async def tidy(db: AsyncSession) -> None:
    """Parts go that no link leads to, and what is ready without any is made again."""
    ended = or_(
        DataRequest.state.in_(("expired", "failed")),
        and_(DataRequest.state == "fetched", DataRequest.finished_at < func.now() - SENDING),
    )
    await db.execute(
        delete(DataExport).where(DataExport.request_id == DataRequest.id, ended),
        execution_options={"synchronize_session": False},
    )
    held = select(DataExport.part).where(DataExport.request_id == DataRequest.id).exists()
    await db.execute(
        update(DataRequest)
        .where(DataRequest.kind == "export", DataRequest.state == "ready", ~held)
        .values(state="waiting"),
        execution_options={"synchronize_session": False},
    )


async def forget_other_keys(db: AsyncSession, keyring: Keyring) -> None:
    """What another key has sealed goes; the copies are made again under the same links."""
    mark = key_mark(keyring.current)
    other = func.substring(DataExport.sealed, 1, len(mark)) != mark
    await db.execute(
        delete(DataExport).where(other), execution_options={"synchronize_session": False}
    )


def _of(request: DataRequest) -> ColumnElement[bool]:
    return and_(DataExport.request_id == request.id, DataExport.user_id == request.user_id)


def _place(request: int, part: int) -> Place:
    return {"table": "data_export", "column": "sealed", "row": f"{request}/{part}"}
