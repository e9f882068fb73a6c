"""The chain over the audit log: one writer, and every way of tampering is found and placed."""

import asyncio
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors, sql
from sqlalchemy import text

from pythonmastery_ext.audit import chain, service
from pythonmastery_ext.audit.chain import START, Head
from pythonmastery_ext.audit.verify import verify
from pythonmastery_ext.cli import main
from pythonmastery_ext.db.engine import Database, psycopg_dsn
from pythonmastery_ext.db.opening import WEB

EVENTS = 8
CHANGE = sql.SQL("update audit_event set {} where seq = 4")
CHANGES = (
    "actor_id = 77",
    "actor_id = null",
    "learner_id = 77",
    "kind = 'hint.closed'",
    "target = target || ' '",
    "data = data || '{\"order\": 1}'",
    "data = jsonb_set(data, '{at}', '1.50')",
    "created_at = created_at + interval '1 microsecond'",
    "streamed = true",
    "hash = sha256(hash)",
    "id = default",
)
FORBIDDEN = (
    "update audit_event set target = 'else'",
    "update audit_event set seq = 100 + seq",
    "update audit_event set hash = sha256('x')",
    "update audit_event set seq = null, hash = null",
    "delete from audit_event",
    "truncate audit_event",
)


async def record(db: Database, number: int) -> None:
    async with db.transaction() as session:
        await service.record(
            session,
            "hint.opened",
            actor=number,
            learner=number,
            target=f"problem-{number}",
            data={"order": number, "what": "é\u2028 '\"", "at": 1.50},
            streamed=False,
        )


@pytest.fixture
async def chained(db: Database) -> Database:
    for number in range(1, EVENTS + 1):
        await record(db, number)
    assert await chain.grow(db) == EVENTS
    return db


@pytest.fixture
def intruder(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody with all rights on the server, who has switched the trigger off."""
    with psycopg.connect(psycopg_dsn(database_url), autocommit=True) as connection:
        connection.execute("alter table audit_event disable trigger user")
        yield connection


async def test_a_chain_that_nobody_touched_holds(chained):
    report = verify(chained.url)
    assert (report.breaks, report.checked, report.waiting) == ([], EVENTS, 0)
    assert report.head == await chain.head(chained)


async def test_an_empty_log_holds(db):
    assert await chain.grow(db) == 0
    assert verify(db.url).head == Head(0, START)


async def test_events_after_the_chain_are_told_and_chained_later(chained):
    await record(chained, 99)
    assert verify(chained.url).waiting == 1
    assert await chain.grow(chained) == 1
    assert verify(chained.url).checked == EVENTS + 1


async def test_a_changed_event_is_found_where_it_is(chained, intruder):
    intruder.execute("create temp table kept as select * from audit_event where seq = 4")
    for change in CHANGES:
        intruder.execute(CHANGE.format(sql.SQL(change)))
        assert "at 4 was changed" in verify(chained.url).breaks[0], change
        intruder.execute("delete from audit_event where seq = 4")
        intruder.execute("insert into audit_event overriding system value table kept")
    assert verify(chained.url).breaks == []


async def test_a_changed_event_with_a_new_hash_is_found_behind_it(chained, intruder):
    """Who knows the form can make the hash fit, but not the one that comes after it."""
    intruder.execute("update audit_event set target = 'else' where seq = 4")
    (before,) = intruder.execute("select hash from audit_event where seq = 3").fetchone()
    statement = sql.SQL("select {} from audit_event where seq = 4").format(chain.CONTENT)
    content = intruder.execute(statement)
    forged = Head(3, before).then(tuple(content.fetchone()))
    intruder.execute("update audit_event set hash = %s where seq = 4", [forged.hash])
    (only,) = verify(chained.url).breaks
    assert "at 5 was changed" in only


@pytest.mark.parametrize(("gone", "told"), [([4], "4 is missing"), ([4, 5], "4 to 5 are")])
async def test_a_missing_event_is_found_where_it_was(chained, intruder, gone, told):
    intruder.execute("delete from audit_event where seq = any(%s)", [gone])
    first, *_ = verify(chained.url).breaks
    assert first.startswith(told)


async def test_an_event_taken_out_with_the_rest_moved_up_is_found(chained, intruder):
    intruder.execute("delete from audit_event where seq = 4")
    for seq in range(5, EVENTS + 1):
        intruder.execute("update audit_event set seq = seq - 1 where seq = %s", [seq])
    assert "at 4 was changed" in verify(chained.url).breaks[0]


async def test_an_event_put_in_between_is_found(chained, intruder):
    for seq in range(EVENTS, 3, -1):
        intruder.execute("update audit_event set seq = seq + 1 where seq = %s", [seq])
    intruder.execute(
        "insert into audit_event (kind, seq, hash) values ('hint.opened', 4, sha256('x'))"
    )
    assert "at 4 was changed, put in" in verify(chained.url).breaks[0]


async def test_two_events_that_changed_places_are_found(chained, intruder):
    intruder.execute("update audit_event set seq = 100 - seq where seq in (4, 5)")
    intruder.execute("update audit_event set seq = seq - 91 where seq > 90")
    assert "at 4 was changed" in verify(chained.url).breaks[0]


async def test_an_event_put_in_later_with_an_old_date_is_found(chained, intruder):
    intruder.execute(
        "insert into audit_event (kind, created_at) values ('hint.opened', now() - interval '3 d')"
    )
    await chain.grow(chained)
    (only,) = verify(chained.url).breaks
    assert "was put in later" in only


async def test_a_tail_that_was_cut_is_found_with_a_saved_head(chained, intruder):
    saved = await chain.head(chained)
    intruder.execute("delete from audit_event where seq > 5")
    assert verify(chained.url).breaks == []
    (only,) = verify(chained.url, saved=saved).breaks
    assert "cut off" in only
    for number in range(20, 30):
        await record(chained, number)
    await chain.grow(chained)
    (only,) = verify(chained.url, saved=saved).breaks
    assert f"at {EVENTS} is not the one of the saved head" in only


async def test_an_event_taken_out_before_it_was_chained_is_missed(
    chained, intruder, database_url, monkeypatch, capsys
):
    await record(chained, 99)
    intruder.execute("delete from audit_event where seq is null")
    intruder.execute("select pg_stat_force_next_flush()")
    await chain.grow(chained)
    report = verify(chained.url)
    assert (report.breaks, report.deleted) == ([], 1)
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", database_url)
    assert await asyncio.to_thread(main, ["audit", "verify"]) == 1
    assert "counts for itself: 1 events" in capsys.readouterr().out
    # Whoever cut the old end says so.
    assert await asyncio.to_thread(main, ["audit", "verify", "--from", "3"]) == 0


async def test_a_chain_made_anew_is_found_with_a_saved_head(chained, intruder):
    saved = await chain.head(chained)
    intruder.execute("update audit_event set target = 'else' where seq = 4")
    intruder.execute("update audit_event set seq = null, hash = null")
    await chain.grow(chained)
    assert verify(chained.url).breaks == []
    assert verify(chained.url, saved=saved).breaks


async def test_events_that_were_put_in_before_the_first_are_found(chained, intruder):
    intruder.execute("alter table audit_event drop constraint ck_audit_event_seq")
    forge = "insert into audit_event (kind, seq, hash) values ('role.changed', %s, %s)"
    for seq in (-7, 0):
        intruder.execute(forge, [seq, START])
    found = verify(chained.url).breaks
    assert [place.split(" at ")[1].split()[0] for place in found] == ["-7", "0"]
    intruder.execute("update audit_event set hash = sha256('x') where seq = 0")
    assert len(verify(chained.url).breaks) == 2, "what the first one hangs on is no row"


@pytest.mark.parametrize("seq", [0, -7])
async def test_no_event_takes_a_place_before_the_first(chained, intruder, seq):
    with pytest.raises(errors.CheckViolation):
        intruder.execute(
            "insert into audit_event (kind, seq, hash) values ('x', %s, %s)", [seq, START]
        )


@pytest.mark.parametrize("first", [EVENTS + 2, 99_999_999])
async def test_a_place_that_the_chain_does_not_reach_is_a_break(
    chained, database_url, monkeypatch, capsys, first
):
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", database_url)
    (found,) = verify(chained.url, first=first).breaks
    assert found.startswith(f"the chain ends before {first - 1}: events were cut off")
    assert verify(chained.url, first=EVENTS + 1).breaks == []
    assert await asyncio.to_thread(main, ["audit", "verify", "--from", str(first)]) == 1
    assert "The chain is broken." in capsys.readouterr().out


async def test_what_stands_before_the_first_place_is_believed(chained, intruder):
    intruder.execute("update audit_event set target = 'else' where seq = 2")
    assert verify(chained.url, first=4).checked == EVENTS - 3
    assert verify(chained.url, first=4).breaks == []


async def test_a_transaction_that_commits_late_takes_its_place_then(db):
    async with db.transaction() as late:
        await late.execute(text("insert into audit_event (kind) values ('course.loaded')"))
        await record(db, 1)
        assert await chain.grow(db) == 1
    assert await chain.grow(db) == 1
    async with db.transaction() as session:
        rows = (await session.execute(text("select id, seq from audit_event order by seq"))).all()
    assert [row.seq for row in rows] == [1, 2]
    assert rows[0].id > rows[1].id
    assert verify(db.url).breaks == []


async def test_many_writers_make_one_chain(db, database_url):
    others = [Database(database_url) for _ in range(3)]
    for round_ in range(5):
        await asyncio.gather(*(record(db, number + round_) for number in range(10)))
        await asyncio.gather(*(chain.grow(other) for other in others))
    while await chain.grow(db):
        pass
    for other in others:
        await other.close()
    assert (verify(db.url).breaks, verify(db.url).checked) == ([], 50)


@pytest.mark.parametrize("role", ["none", WEB])
def test_the_log_only_grows_for_the_owner_too(chained, database_url, role):
    with psycopg.connect(psycopg_dsn(database_url), autocommit=True) as connection:
        connection.execute("select set_config('role', %s, false)", [role])
        for statement in FORBIDDEN:
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement)
    assert verify(database_url).breaks == []


def test_the_command_prints_the_head_and_finds_what_is_cut(
    chained, database_url, intruder, monkeypatch, capsys
):
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", database_url)
    assert main(["audit", "head"]) == 0
    head = capsys.readouterr().out.strip()
    assert main(["audit", "verify", "--head", head]) == 0
    assert capsys.readouterr().out == f"The chain holds: {EVENTS} events, head {head}\n"
    intruder.execute("delete from audit_event where seq = 8")
    assert main(["audit", "verify", "--from", "2"]) == 0
    assert main(["audit", "verify", "--head", head]) == 1
    assert "were cut off" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--from=0", "--from=x", "--head=1", "--head=1:xyz", "--head=:"])
def test_a_place_or_head_of_another_form_is_refused(option, capsys):
    with pytest.raises(SystemExit):
        main(["audit", "verify", option])
    assert "invalid" in capsys.readouterr().err
