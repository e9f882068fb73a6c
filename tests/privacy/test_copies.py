"""Copies that wait for their owners, where several processes share nothing but the database."""

import io
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import text

from pythonmastery_ext.config import Settings
from pythonmastery_ext.errors import ExportNotReady
from pythonmastery_ext.privacy import copies, sealing, service
from pythonmastery_ext.privacy.desk import Desk
from pythonmastery_ext.privacy.erased import ErasureList
from pythonmastery_ext.privacy.erasing import Eraser
from tests.privacy.life import NAME, a_life


@pytest.fixture
async def person(db, keyring):
    async with db.transaction() as session:
        found, _ = await a_life(session, keyring, "wilhelmina")
        await session.execute(text("truncate data_request cascade"))
    return found


@pytest.fixture
def desks(db, keyring, tmp_path) -> list[Desk]:
    """Of two processes, each with a folder of its own."""
    return [
        Desk(db, keyring, Settings(role="local", privacy_dir=str(tmp_path / name)))
        for name in ("one", "two")
    ]


async def asked(db, person):
    async with db.transaction() as session:
        return (await service.request_export(session, person.id))[0]


async def state(db, person) -> str:
    async with db.transaction() as session:
        return (await service.newest(session, person.id, "export")).state


async def fetched(db, keyring, request) -> bytes:
    async with db.transaction() as session:
        count, length = await copies.size(session, request)
    data = b"".join([part async for part in copies.parts(db, keyring, request, count)])
    assert len(data) == length
    return data


async def test_any_process_hands_out_what_another_made(db, keyring, person, desks, monkeypatch):
    monkeypatch.setattr(copies, "PART", 1000)
    request = await asked(db, person)
    await desks[0].look()
    await desks[1].look()
    assert await state(db, person) == "ready"
    with zipfile.ZipFile(io.BytesIO(await fetched(db, keyring, request))) as archive:
        assert NAME in archive.read("app_user.jsonl").decode()
    async with db.transaction() as session:
        rows = list(await session.scalars(text("select sealed from data_export order by part")))
    assert len(rows) > 1
    assert not any(row.startswith(b"PK") or b"app_user" in row for row in rows)


async def test_a_change_of_keys_has_it_made_again(db, keyring, person, desks, file):
    request = await asked(db, person)
    await desks[0].look()
    file.add()
    await sealing.rotate(db, keyring)
    async with db.transaction() as session:
        with pytest.raises(ExportNotReady):
            await copies.size(session, request)
    await desks[0].look()
    await desks[0].look()
    assert await fetched(db, keyring, request)


async def test_what_is_too_large_is_given_up_and_says_so(db, person, desks, monkeypatch, caplog):
    monkeypatch.setattr(copies, "LARGEST", 10)
    await asked(db, person)
    for _ in range(3):
        await desks[0].look()
    assert await state(db, person) == "failed"
    assert "TooLarge" in caplog.text


async def test_parts_go_with_their_link(db, person, desks):
    parts = text("select count(*) from data_export")
    sent = text("update data_request set state = 'fetched', finished_at = now() - :ago")
    for ago, left in (("5 minutes", True), ("2 hours", False)):
        await asked(db, person)
        await desks[0].look()
        async with db.transaction() as session:
            await session.execute(text(f"{sent.text.replace(':ago', '')} interval '{ago}'"))
        await desks[1].look()
        async with db.transaction() as session:
            assert bool(await session.scalar(parts)) is left
    await asked(db, person)
    await desks[0].look()
    async with db.transaction() as session:
        await session.execute(text("update data_request set due_at = now()"))
    await desks[1].look()
    async with db.transaction() as session:
        assert await session.scalar(parts) == 0
    assert await state(db, person) == "expired"


async def test_each_process_lists_what_another_erased(db, keyring, person, desks, tmp_path):
    async with db.transaction() as session:
        request = await service.erase_now(session, person.username)
    await Eraser(db, keyring, tmp_path / "one").carry_out(request.id)
    await desks[1].look()
    lists = [ErasureList(Path(tmp_path / name)).entries() for name in ("one", "two")]
    assert len(lists[0]) == 1
    assert lists[0] == lists[1]
