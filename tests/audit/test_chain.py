"""The seals of the audit log: who makes them, what they are made of, and who may touch them."""

import asyncio

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text

from pythonmastery_ext.audit import chain, form
from pythonmastery_ext.audit.form import START, Head
from pythonmastery_ext.audit.verify import verify
from pythonmastery_ext.cli import main
from pythonmastery_ext.db.engine import Database, psycopg_dsn
from pythonmastery_ext.db.opening import WEB
from tests.audit.writing import EVENTS, record, seal

FORBIDDEN = (
    "update audit_event set target = 'else'",
    "update audit_event set seq = 100 + id, hash = sha256('x')",
    "delete from audit_event",
    "truncate audit_event",
    "update audit_seal set hash = sha256('x')",
    "update audit_seal set seq = seq + 1, last_id = last_id + 1 where number = 1",
    "update audit_seal set seq = seq + 1, last_id = last_id + 1, marks = '' where number = 2",
    "update audit_seal set number = 3, seq = seq + 1, last_id = last_id + 1 where number = 2",
    "delete from audit_seal",
    "truncate audit_seal",
)


async def test_a_chain_that_nobody_touched_holds(sealed):
    report = verify(sealed.url)
    assert (report.breaks, report.checked, report.waiting) == ([], EVENTS, 0)
    assert report.head == await chain.head(sealed)


async def test_an_empty_log_holds(db):
    assert await seal(db) == 0
    assert verify(db.url).head == Head(0, START)


async def test_events_after_the_last_seal_are_told_and_sealed_later(sealed):
    await record(sealed, 99)
    assert verify(sealed.url).waiting == 1
    assert await seal(sealed) == 1
    assert verify(sealed.url).checked == EVENTS + 1


async def test_every_head_that_was_ever_printed_is_met_again(db, monkeypatch):
    monkeypatch.setattr(form, "FULL", 3)
    heads = [await chain.head(db)]
    for number in range(7):
        await record(db, number)
        await seal(db)
        heads.append(await chain.head(db))
    for saved in heads:
        assert verify(db.url, saved=saved).breaks == []
    async with db.transaction() as session:
        made = await session.scalars(text("select seq from audit_seal order by number"))
    assert made.all() == [3, 6, 7]


async def test_events_of_one_call_fill_as_many_seals_as_they_need(db, monkeypatch):
    monkeypatch.setattr(form, "FULL", 3)
    for count in (2, 6, 1):
        for number in range(count):
            await record(db, number)
        assert await seal(db) == count
    report = verify(db.url)
    assert (report.breaks, report.checked) == ([], 9)


async def test_a_backlog_is_sealed_in_pieces(db, monkeypatch):
    monkeypatch.setattr(chain, "BATCH", 3)
    for number in range(7):
        await record(db, number)
    assert [await seal(db) for _ in range(4)] == [3, 3, 1, 0]
    assert (verify(db.url).breaks, verify(db.url).checked) == ([], 7)


async def test_events_that_were_begun_earlier_are_waited_for(db, monkeypatch):
    """Their ids are lower, so they belong to the seal that is made now."""
    monkeypatch.setattr(chain, "WRITERS_TAKE", 0.1)
    async with db.transaction() as late:
        await late.execute(text("insert into audit_event (kind) values ('course.loaded')"))
        await record(db, 1)
        assert await seal(db) == 0
        assert verify(db.url).waiting == 1
    assert await seal(db) == 2
    assert verify(db.url).breaks == []


async def test_who_begins_to_write_later_is_not_waited_for(db, database_url):
    other = Database(database_url)
    async with db.transaction() as early:
        await early.execute(text("insert into audit_event (kind) values ('course.loaded')"))
        await record(db, 1)
        sealing = asyncio.create_task(seal(other))
        await chosen(db)
        late = psycopg.connect(psycopg_dsn(database_url))
        late.execute("insert into audit_event (kind) values ('course.loaded')")
    assert await sealing == 2
    late.commit()
    late.close()
    await other.close()
    assert await seal(db) == 1
    assert verify(db.url).breaks == []


async def chosen(db: Database) -> None:
    """Until whoever seals has found the end and waits for those who were writing."""
    held = text("select count(*) from pg_locks where locktype = 'advisory' and objid = :low")
    while True:
        async with db.transaction() as session:
            if await session.scalar(held, {"low": chain.ADVISORY_LOCK & 0xFFFFFFFF}):
                break
    await asyncio.sleep(chain.LOOK_EVERY)


async def test_what_is_rolled_back_leaves_a_gap_that_is_no_break(db):
    await record(db, 1)
    async with db.transaction() as session:
        await session.execute(text("insert into audit_event (kind) values ('course.loaded')"))
        await session.rollback()
    await record(db, 2)
    assert await seal(db) == 2
    assert verify(db.url).breaks == []


async def test_many_writers_make_one_chain(db, database_url):
    others = [Database(database_url) for _ in range(3)]
    for round_ in range(5):
        await asyncio.gather(
            *(record(db, number + round_) for number in range(10)), *(seal(each) for each in others)
        )
        await asyncio.gather(*(seal(other) for other in others))
    while await seal(db):
        pass
    for other in others:
        await other.close()
    assert (verify(db.url).breaks, verify(db.url).checked) == ([], 50)


@pytest.mark.parametrize("role", ["none", WEB])
def test_the_log_only_grows_for_the_owner_too(sealed, database_url, role):
    with psycopg.connect(psycopg_dsn(database_url), autocommit=True) as connection:
        connection.execute("select set_config('role', %s, false)", [role])
        for statement in FORBIDDEN:
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement)
    assert verify(database_url).breaks == []


def test_web_handlers_may_not_seal(sealed, database_url):
    with psycopg.connect(psycopg_dsn(database_url), autocommit=True) as connection:
        connection.execute("select set_config('role', %s, false)", [WEB])
        for statement in ("select * from audit_seal", "insert into audit_seal values (99)"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_command_prints_the_head_and_finds_what_is_cut(
    sealed, database_url, intruder, monkeypatch, capsys
):
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", database_url)
    assert main(["audit", "head"]) == 0
    head = capsys.readouterr().out.strip()
    assert main(["audit", "verify", "--head", head]) == 0
    assert capsys.readouterr().out == f"The chain holds: {EVENTS} events, head {head}\n"
    intruder.execute("delete from audit_seal where number = 2")
    assert main(["audit", "verify", "--from", "2"]) == 0
    assert main(["audit", "verify", "--head", head]) == 1
    assert "were cut off" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--from=0", "--from=x", "--head=1", "--head=1:xyz", "--head=:"])
def test_a_place_or_head_of_another_form_is_refused(option, capsys):
    with pytest.raises(SystemExit):
        main(["audit", "verify", option])
    assert "invalid" in capsys.readouterr().err
