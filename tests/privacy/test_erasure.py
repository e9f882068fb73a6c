"""Erasing a person, from the request to the proof that nothing is left."""

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import UniqueConstraint, column, func, select, table, text, update

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.accounts.service import learner_for
from pythonmastery_ext.config import Settings
from pythonmastery_ext.db import partitions, tables
from pythonmastery_ext.errors import AccountLocked, ErasureNotOpen, InvalidFields
from pythonmastery_ext.identity import Learner, Person
from pythonmastery_ext.privacy import owned, service
from pythonmastery_ext.privacy.desk import Desk
from pythonmastery_ext.privacy.erased import Entry, ErasureList
from pythonmastery_ext.privacy.erasing import Eraser
from pythonmastery_ext.privacy.models import DataRequest
from tests.api.client import until
from tests.privacy.life import a_life

WAITING = text("select exists (select from pg_locks where not granted)")
IN_2024 = "select * from learning_analytics where created_at < '2025-01-01'"
ANALYTICS = "select * from learning_analytics where user_id = :u"


@pytest.fixture
def settings(tmp_path, file, monkeypatch) -> Settings:
    monkeypatch.setenv("PYTHONMASTERY_ENCRYPTION_KEYS_FILE", str(file.path))
    monkeypatch.setenv("PYTHONMASTERY_PRIVACY_DIR", str(tmp_path / "privacy"))
    return Settings(role="local")


@pytest.fixture
def desk(db, keyring, settings) -> Desk:
    return Desk(db, keyring, settings)


@pytest.fixture
async def people(db, keyring):
    async with db.transaction() as session:
        mine, shared = await a_life(session, keyring, "wilhelmina")
        other, _ = await a_life(session, keyring, "somebody-else", shared)
    return learner(mine), learner(other)


def learner(user: User) -> Learner:
    return Learner(user.id, user.username, None, "student")


async def asked(db, who: Learner, days: int = 7) -> DataRequest:
    async with db.transaction() as session:
        return await service.request_erasure(session, who, who.username, days)


async def due(db) -> None:
    async with db.transaction() as session:
        erasures = update(DataRequest).where(DataRequest.kind == "erase")
        await session.execute(erasures.values(due_at=datetime.now(UTC)))


async def state(db, who: Learner) -> str:
    async with db.transaction() as session:
        found = await service.newest(session, who.id, "erase")
        return found.state


async def rows_of(db, who: Learner) -> dict[str, int]:
    """Table → rows that name this person, everywhere."""
    found = {}
    async with db.transaction() as session:
        for each in tables.metadata().tables.values():
            for name in {*owned.PERSON_COLUMNS, *(["id"] if each.name == "app_user" else [])}:
                if name in each.columns:
                    query = select(func.count()).select_from(each)
                    count = await session.scalar(query.where(each.c[name] == who.id))
                    found[each.name] = found.get(each.name, 0) + count
    return {name: count for name, count in found.items() if count}


async def test_after_the_days_nothing_is_left_and_nobody_else_has_lost_anything(db, desk, people):
    mine, other = people
    before = await rows_of(db, other)
    await asked(db, mine)
    await desk.look()
    assert await state(db, mine) == "cooling"
    await due(db)
    await desk.look()
    assert await state(db, mine) == "done"
    assert (await rows_of(db, mine)).keys() == owned.KEPT.keys()
    assert await rows_of(db, other) == before


def test_each_column_that_names_a_person_is_the_first_of_an_index():
    for each in owned.EXPORTED:
        source = each.source
        first = {next(iter(index.columns)).name for index in source.indexes if index.columns}
        first |= {next(iter(source.primary_key.columns)).name}
        first |= {
            next(iter(constraint.columns)).name
            for constraint in source.constraints
            if isinstance(constraint, UniqueConstraint)
        }
        assert each.owner in first or each.table in owned.KEPT, source.name


async def test_it_can_be_taken_back_until_it_begins(db, desk, people):
    mine, _ = people
    await asked(db, mine)
    async with db.transaction() as session:
        await service.cancel_erasure(session, mine.id)
    await due(db)
    await desk.look()
    assert await state(db, mine) == "cancelled"
    assert "app_user" in await rows_of(db, mine)
    async with db.transaction() as session:
        with pytest.raises(ErasureNotOpen):
            await service.cancel_erasure(session, mine.id)


async def test_it_needs_ones_own_name_and_is_asked_for_once(db, people):
    mine, _ = people
    async with db.transaction() as session:
        with pytest.raises(InvalidFields):
            await service.request_erasure(session, mine, "somebody-else", 7)
    first, second = await asyncio.gather(asked(db, mine), asked(db, mine, 14))
    assert first.id == second.id
    assert timedelta(days=6) < first.due_at - first.requested_at < timedelta(days=15)


async def test_a_kill_in_the_middle_only_delays_the_end(db, desk, keyring, people, settings):
    mine, other = people
    before = await rows_of(db, other)
    words = ["privacy", "erase", mine.username, "--now"]
    async with db.transaction() as session:
        # Nobody gets past this table, which is neither the first nor the last.
        await session.execute(text("lock table problem_progress"))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "pythonmastery_ext.cli",
            *words,
            env={**os.environ, "PYTHONMASTERY_DATABASE_URL": db.url},
        )
        await until(lambda: session.scalar(WAITING))
        process.kill()
        await process.wait()
    assert await state(db, mine) == "locked"
    left = await rows_of(db, mine)
    assert {"app_user", "problem_progress"} < left.keys()
    assert not {"session", "ai_interaction"} & left.keys()
    async with db.transaction() as session:
        with pytest.raises(AccountLocked, match="being erased"):
            await learner_for(session, Person(mine.username), keyring)
        with pytest.raises(ErasureNotOpen):
            await service.cancel_erasure(session, mine.id)
    await desk.look()
    assert await state(db, mine) == "done"
    assert (await rows_of(db, mine)).keys() == owned.KEPT.keys()
    assert await rows_of(db, other) == before
    assert len(ErasureList(Path(settings.privacy_dir)).entries()) == 1


async def test_a_verdict_that_comes_meanwhile_leaves_nothing(db, keyring, people, settings):
    mine, _ = people
    request = await asked(db, mine)
    eraser = Eraser(db, keyring, Path(settings.privacy_dir))
    async with db.transaction() as session:
        await session.execute(text("select from app_user for key share"))
        await session.execute(
            text("insert into achievement (user_id, achievement_type) values (:u, 'late')"),
            {"u": mine.id},
        )
        erased = asyncio.create_task(eraser.carry_out(request.id))
        await until(lambda: session.scalar(WAITING))
    await erased
    assert (await rows_of(db, mine)).keys() == owned.KEPT.keys()


async def test_analytics_in_a_month_that_is_brought_back_meanwhile_are_nobodys(
    db, keyring, people, settings
):
    mine, _ = people
    request = await asked(db, mine)
    eraser = Eraser(db, keyring, Path(settings.privacy_dir))
    month = datetime(2024, 11, 5, 11, 12, tzinfo=UTC)
    async with db.transaction() as session:
        await session.execute(text("lock table problem_progress"))
        erased = asyncio.create_task(eraser.carry_out(request.id))
        await until(lambda: session.scalar(WAITING))
        async with db.transaction() as other:
            await partitions.ensure(other, 0, month)
            await other.execute(
                text(
                    "insert into learning_analytics select (jsonb_populate_record(a,"
                    " jsonb_build_object('created_at', cast(:month as text)))).*"
                    " from learning_analytics a where user_id = :u"
                ),
                {"u": mine.id, "month": month.isoformat()},
            )
    await erased
    async with db.transaction() as session:
        (kept,) = (await session.execute(text(IN_2024))).all()
    assert (kept.user_id, kept.created_at) == (None, month.replace(hour=0, minute=0))


async def test_a_detached_month_is_emptied_too(db, desk, people):
    mine, other = people
    async with db.transaction() as session:
        month = await session.scalar(
            text("select tableoid::regclass::text from ai_interaction limit 1")
        )
        await session.execute(text(f"alter table ai_interaction detach partition {month}"))
    await asked(db, mine)
    await due(db)
    await desk.look()
    assert await state(db, mine) == "done"
    async with db.transaction() as session:
        left = list(await session.scalars(select(column("user_id")).select_from(table(month))))
    assert left == [other.id]


async def test_analytics_keep_the_work_without_the_person_or_the_time(db, desk, people):
    mine, _ = people
    async with db.transaction() as session:
        row = (await session.execute(text(ANALYTICS), {"u": mine.id})).one()
    await asked(db, mine)
    await due(db)
    await desk.look()
    async with db.transaction() as session:
        (kept,) = (await session.execute(text(ANALYTICS.replace("= :u", "is null")))).all()
    assert kept.id != row.id
    assert kept.created_at == row.created_at.replace(hour=0, minute=0, second=0, microsecond=0)
    assert [getattr(kept, name) for name in owned.STAYS] == [
        getattr(row, name) for name in owned.STAYS
    ]


def test_each_column_of_the_analytics_is_dealt_with():
    columns = tables.metadata().tables[owned.ANALYTICS].columns
    for each in columns:
        known = each.name in (*owned.STAYS, *owned.MADE_ANEW)
        assert known or each.nullable, f"{each.name} cannot be emptied"


async def test_a_restored_copy_does_not_bring_anybody_back(db, keyring, settings, people):
    mine, other = people
    request = await asked(db, mine)
    await Eraser(db, keyring, Path(settings.privacy_dir)).carry_out(request.id)
    async with db.transaction() as session:
        await session.execute(text("delete from data_request"))
        # In a copy from another database the number is another one; the name is the same.
        shared = tuple(await session.execute(text("select problem_id, id from problem_version")))
        back, _ = await a_life(session, keyring, mine.username, tuple(shared[0]))
        back.created_at = datetime.now(UTC) - timedelta(days=30)
    assert await service.replay(db, settings) == 1
    assert await service.replay(db, settings) == 0
    assert (await rows_of(db, learner(back))).keys() == owned.KEPT.keys()
    assert "app_user" in await rows_of(db, other)


async def test_whoever_comes_later_under_the_same_name_stays(db, keyring, settings, people):
    mine, _ = people
    request = await asked(db, mine)
    await Eraser(db, keyring, Path(settings.privacy_dir)).carry_out(request.id)
    async with db.transaction() as session:
        again = await learner_for(session, Person(mine.username), keyring)
    assert again.id != mine.id
    assert await service.replay(db, settings) == 0
    assert "app_user" in await rows_of(db, again)


async def test_the_list_tells_nothing_and_comes_back_from_the_database(
    db, keyring, settings, people
):
    mine, _ = people
    request = await asked(db, mine)
    await Eraser(db, keyring, Path(settings.privacy_dir)).carry_out(request.id)
    path = Path(settings.privacy_dir) / "erasures.jsonl"
    before = path.read_text()
    assert mine.username not in before
    assert path.stat().st_mode & 0o777 == 0o600
    path.unlink()
    await service.replay(db, settings)
    assert path.read_text() == before


def test_the_list_is_read_behind_a_line_that_a_crash_cut_off(tmp_path):
    entries = [
        Entry(
            user_id=n,
            account_at=None,
            username="ab",
            github=None,
            erased_at="2026-01-01T00:00:00+00:00",
        )
        for n in (1, 2)
    ]
    erasures = ErasureList(tmp_path)
    erasures.add(entries[0])
    with (tmp_path / "erasures.jsonl").open("a") as out:
        out.write('{"user_id": 3, "user')
    erasures.add(entries[1])
    assert erasures.entries() == entries
