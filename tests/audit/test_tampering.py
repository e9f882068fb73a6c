"""Every way of tampering with sealed events is found, and placed."""

import asyncio

import pytest
from psycopg import errors, sql

from pythonmastery_ext.audit import chain
from pythonmastery_ext.audit.form import CONTENT, START, Seal
from pythonmastery_ext.audit.verify import verify
from pythonmastery_ext.cli import main
from tests.audit.writing import EVENTS, record, seal

#: Of the fourth event; the seals are over 1 to 3 and 4 to 8.
CHANGE = sql.SQL("update audit_event set {} where id = 4")
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
)
SEAL_CHANGE = sql.SQL("update audit_seal set {} where number = 2")
SEAL_CHANGES = {
    "hash = sha256(hash)": "what is sealed up to 8 was changed, or its seal",
    "marks = set_byte(marks, 0, 255 - get_byte(marks, 0))": "what is sealed up to 8 was changed",
    "marks = substr(marks, 3)": "6 is missing: events were taken out, or a seal was",
    "last_id = 7": "8 is missing",
    "seq = 9": "6 is missing: events were taken out, or a seal was",
    "seq = 7": "what is sealed up to 7 was changed",
}


async def test_a_changed_event_is_found_where_it_is(sealed, intruder):
    intruder.execute("create temp table kept as select * from audit_event where id = 4")
    for change in CHANGES:
        intruder.execute(CHANGE.format(sql.SQL(change)))
        (only,) = verify(sealed.url).breaks
        assert only.startswith("event 4 at 4 was changed"), change
        intruder.execute("delete from audit_event where id = 4")
        intruder.execute("insert into audit_event overriding system value table kept")
    assert verify(sealed.url).breaks == []


async def test_a_changed_seal_is_found(sealed, intruder):
    intruder.execute("create temp table kept as select * from audit_seal where number = 2")
    for change, told in SEAL_CHANGES.items():
        intruder.execute(SEAL_CHANGE.format(sql.SQL(change)))
        assert verify(sealed.url).breaks[0].startswith(told), change
        intruder.execute("delete from audit_seal where number = 2")
        intruder.execute("insert into audit_seal table kept")
    assert verify(sealed.url).breaks == []


def reseal(intruder, last):
    """The first seal as it would be over what is there now."""
    query = sql.SQL("select {} from audit_event where id <= %s order by id")
    events = intruder.execute(query.format(sql.SQL(CONTENT)), [last]).fetchall()
    (forged,) = Seal(1, 0, 0, START, b"").with_more(events, last)
    intruder.execute(
        "update audit_seal set seq = %s, last_id = %s, hash = %s, marks = %s where number = 1",
        forged[1:],
    )


async def test_a_changed_event_with_a_seal_made_for_it_is_found_behind_it(sealed, intruder):
    """Who knows the form can make the seal fit, but not the one that comes after it."""
    intruder.execute("update audit_event set target = 'else' where id = 2")
    reseal(intruder, 5)
    (only,) = verify(sealed.url).breaks
    assert only == "what is sealed up to 8 was changed, or its seal"


@pytest.mark.parametrize(
    ("gone", "told"),
    [([4], "4 is missing"), ([6, 7], "6 to 7 are missing"), ([8], "8 is missing")],
)
async def test_a_missing_event_is_found_where_it_was(sealed, intruder, gone, told):
    intruder.execute("delete from audit_event where id = any(%s)", [gone])
    (only,) = verify(sealed.url).breaks
    assert only.startswith(told)


async def test_an_event_taken_out_with_the_rest_moved_up_is_found(sealed, intruder):
    intruder.execute("delete from audit_event where id = 4")
    for number in range(5, EVENTS + 1):
        move(intruder, number, number - 1)
    assert verify(sealed.url).breaks[0].startswith("event 4 at 4 was changed")


async def test_an_event_put_in_between_is_found(sealed, intruder):
    intruder.execute("delete from audit_event where id = 4")
    forge = "insert into audit_event (id, kind, seq) overriding system value values (%s, %s, %s)"
    intruder.execute(forge, [4, "hint.opened", None])
    assert "event 4 at 4 was changed, put in" in verify(sealed.url).breaks[0]


async def test_an_event_put_in_where_a_transaction_left_a_gap_is_found(db, intruder):
    await record(db, 1)
    intruder.execute("select nextval(pg_get_serial_sequence('audit_event', 'id'))")
    await record(db, 2)
    assert await seal(db) == 2
    intruder.execute(
        "insert into audit_event (id, kind) overriding system value values (2, 'hint.opened')"
    )
    (only,) = verify(db.url).breaks
    assert only == "event 2 after 1 was put in or moved here"


async def test_two_events_that_changed_places_are_found(sealed, intruder):
    for number, place in ((4, 104), (5, 4), (104, 5)):
        move(intruder, number, place)
    assert len(verify(sealed.url).breaks) == 2


def move(intruder, number, place):
    intruder.execute("alter table audit_event alter id set generated by default")
    intruder.execute("update audit_event set id = %s where id = %s", [place, number])


async def test_an_event_put_in_later_with_an_old_date_is_found(sealed, intruder):
    intruder.execute(
        "insert into audit_event (kind, created_at) values ('hint.opened', now() - interval '3 d')"
    )
    await seal(sealed)
    (only,) = verify(sealed.url).breaks
    assert "was put in later" in only


async def test_a_tail_that_was_cut_is_found_with_a_saved_head(sealed, intruder):
    saved = await chain.head(sealed)
    intruder.execute("delete from audit_event where id > 3")
    assert [place[:6] for place in verify(sealed.url).breaks] == ["4 to 5", "6 to 8"]
    intruder.execute("delete from audit_seal where number = 2")
    reseal(intruder, 3)
    assert verify(sealed.url).breaks == []
    (only,) = verify(sealed.url, saved=saved).breaks
    assert "cut off" in only
    for number in range(20, 25):
        await record(sealed, number)
    await seal(sealed)
    (only,) = verify(sealed.url, saved=saved).breaks
    assert only == f"what is at {EVENTS} is not the saved head"


async def test_a_seal_that_was_taken_out_is_found(sealed, intruder):
    intruder.execute("delete from audit_seal where number = 1")
    (only,) = verify(sealed.url).breaks
    assert only == "1 to 5 are missing: events were taken out, or a seal was"


@pytest.mark.parametrize(
    "gone", ["delete from audit_event where id > 8", "delete from audit_seal where number = 2"]
)
async def test_what_was_taken_out_at_the_end_is_missed_without_a_saved_head(
    sealed, intruder, database_url, monkeypatch, capsys, gone
):
    await record(sealed, 99)
    intruder.execute(gone)
    intruder.execute("select pg_stat_force_next_flush()")
    await seal(sealed)
    report = verify(sealed.url)
    assert (report.breaks, report.deleted) == ([], 1)
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", database_url)
    assert await asyncio.to_thread(main, ["audit", "verify"]) == 1
    assert "counts for itself: 1 events" in capsys.readouterr().out
    # Whoever cut the old end says so.
    assert await asyncio.to_thread(main, ["audit", "verify", "--from", "7"]) == 0


async def test_a_chain_made_anew_is_found_with_a_saved_head(sealed, intruder):
    saved = await chain.head(sealed)
    intruder.execute("update audit_event set target = 'else' where id = 4")
    intruder.execute("delete from audit_seal")
    await seal(sealed)
    assert verify(sealed.url).breaks == []
    assert verify(sealed.url, saved=saved).breaks


async def test_no_seal_is_made_over_less_than_nothing(sealed, intruder):
    for seq in (0, -7):
        with pytest.raises(errors.CheckViolation):
            intruder.execute("insert into audit_seal values (3, %s, 0, '', '')", [seq])


@pytest.mark.parametrize("first", [EVENTS + 2, 99_999_999])
async def test_a_place_that_the_chain_does_not_reach_is_a_break(
    sealed, database_url, monkeypatch, capsys, first
):
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", database_url)
    (found,) = verify(sealed.url, first=first).breaks
    assert found.startswith(f"the chain ends before {first - 1}: events were cut off")
    assert verify(sealed.url, first=EVENTS + 1).breaks == []
    assert await asyncio.to_thread(main, ["audit", "verify", "--from", str(first)]) == 1
    assert "The chain is broken." in capsys.readouterr().out


async def test_what_stands_before_the_seal_over_the_first_place_is_believed(sealed, intruder):
    intruder.execute("delete from audit_event where id = 2")
    for first in (6, 8):
        assert verify(sealed.url, first=first).checked == 3
        assert verify(sealed.url, first=first).breaks == []
    assert verify(sealed.url, first=5).breaks != []
