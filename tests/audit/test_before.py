"""Events that have hashes of their own, from before there were seals, and what hangs on them."""

import pytest
from psycopg import errors, sql

from pythonmastery_ext.audit import chain, search
from pythonmastery_ext.audit.form import START
from pythonmastery_ext.audit.verify import verify
from pythonmastery_ext.db.engine import Database
from tests.audit.writing import EVENTS, chain_as_before, record, seal

CHANGE = sql.SQL("update audit_event set {} where seq = 4")
CHANGES = ("actor_id = 77", "target = 'else'", "streamed = true", "hash = sha256(hash)")


@pytest.fixture
async def chained(db: Database) -> Database:
    """As a worker of the release before left it: one event has not been chained yet."""
    for number in range(1, EVENTS + 1):
        await record(db, number)
    await chain_as_before(db)
    await record(db, 99)
    return db


async def test_the_first_seal_hangs_on_the_last_event_that_has_a_hash(chained):
    before = await chain.head(chained)
    assert (verify(chained.url).breaks, verify(chained.url).waiting) == ([], 1)
    assert await seal(chained) == 1
    report = verify(chained.url, saved=before)
    assert (report.breaks, report.checked, report.waiting) == ([], EVENTS + 1, 0)
    assert report.head.seq == EVENTS + 1


async def test_a_chain_without_newer_events_gets_a_seal_over_none(db):
    await record(db, 1)
    await chain_as_before(db)
    head = await chain.head(db)
    for _ in range(2):
        assert await seal(db) == 0
        assert await chain.head(db) == head
    for first in (1, 2):
        assert verify(db.url, first=first, saved=head).breaks == []
    await record(db, 2)
    assert await seal(db) == 1
    assert verify(db.url, saved=head).breaks == []


async def test_a_worker_of_the_release_before_chains_until_there_is_a_seal(chained):
    await chain_as_before(chained)
    assert verify(chained.url).waiting == 0
    await seal(chained)
    await record(chained, 100)
    with pytest.raises(errors.InsufficientPrivilege):
        await chain_as_before(chained)
    assert await seal(chained) == 1
    assert verify(chained.url).breaks == []


async def test_the_panel_tells_how_far_the_chain_goes(chained):
    async with chained.transaction() as session:
        shown = await search.chain(session)
    assert (shown.head, shown.waiting, bool(shown.since)) == (EVENTS, 1, True)
    await seal(chained)
    await record(chained, 100)
    async with chained.transaction() as session:
        shown = await search.chain(session)
    assert (shown.head, shown.waiting) == (EVENTS + 1, 1)
    assert shown.hash == (await chain.head(chained)).hash.hex()


async def test_a_changed_event_is_found_where_it_is(chained, intruder):
    await seal(chained)
    intruder.execute("create temp table kept as select * from audit_event where seq = 4")
    for change in CHANGES:
        intruder.execute(CHANGE.format(sql.SQL(change)))
        assert "at 4 was changed" in verify(chained.url).breaks[0], change
        intruder.execute("delete from audit_event where seq = 4")
        intruder.execute("insert into audit_event overriding system value table kept")
    assert verify(chained.url).breaks == []


@pytest.mark.parametrize(
    ("gone", "told"), [([4, 5], "4 to 5 are missing"), ([EVENTS], f"{EVENTS} is missing")]
)
async def test_a_missing_event_is_found_where_it_was(chained, intruder, gone, told):
    """Also the last one: the first seal was made from it."""
    await seal(chained)
    intruder.execute("delete from audit_event where seq = any(%s)", [gone])
    first, *_ = verify(chained.url).breaks
    assert first.startswith(told)


async def test_an_event_that_lost_its_hash_is_found(chained, intruder):
    await seal(chained)
    intruder.execute("update audit_event set seq = null, hash = null where seq = 4")
    first, second = verify(chained.url).breaks
    assert first.startswith("4 is missing")
    assert second.startswith("event 4 after 8 was put in")


async def test_an_event_that_was_given_a_place_after_the_seals_is_found(chained, intruder):
    await seal(chained)
    intruder.execute(
        "insert into audit_event (kind, seq, hash) values ('role.changed', 9, sha256('x'))"
    )
    (only,) = verify(chained.url).breaks
    assert only.endswith("at 9 was put in: the chain has no such place")


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


async def test_what_stands_before_the_first_place_is_believed(chained, intruder):
    await seal(chained)
    intruder.execute("update audit_event set target = 'else' where seq = 2")
    report = verify(chained.url, first=4)
    assert (report.checked, report.breaks) == (EVENTS + 1 - 3, [])
