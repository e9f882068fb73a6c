"""Sessions as the service keeps them: their rights, their time, what is stored of them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from pythonmastery_ext.accounts import sessions
from pythonmastery_ext.accounts.models import Session, User
from pythonmastery_ext.accounts.schema import SessionIn
from pythonmastery_ext.audit.models import AuditEvent
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import InvalidFields, NotAllowed, TooManySessions, UnknownSession
from pythonmastery_ext.identity import HUB_SCOPE
from tests.db.rows import a_user

TOKEN = re.compile(r"pm_[A-Za-z0-9_-]{43}")


async def made(db: Database, user: int, role: str = "student", **fields: Any) -> tuple[int, str]:
    draft = SessionIn(label="my laptop", **fields)
    async with db.transaction() as session:
        shown, token = await sessions.create(session, user, draft, role, actor=user)
    return shown.id, token


async def owner(db: Database, token: str) -> str | None:
    async with db.transaction() as session:
        user = await sessions.owner_of(session, token)
    return user.username if user else None


async def a_person(db: Database, username: str = "ada") -> int:
    async with db.transaction() as session:
        return (await a_user(session, username)).id


async def change(db: Database, session_id: int, **columns: Any) -> None:
    async with db.transaction() as session:
        await session.execute(update(Session).where(Session.id == session_id).values(**columns))


async def row(db: Database, session_id: int) -> Session:
    async with db.transaction() as session:
        return await session.get_one(Session, session_id)


async def test_a_token_opens_its_owners_session_and_no_two_are_alike(db):
    ada = await a_person(db)
    tokens = {(await made(db, ada))[1] for _ in range(5)}
    assert len(tokens) == 5
    assert all(TOKEN.fullmatch(token) for token in tokens)
    assert {await owner(db, token) for token in tokens} == {"ada"}


async def test_what_is_guessed_opens_nothing(db):
    session_id, token = await made(db, await a_person(db))
    last = "A" if token[-2] != "A" else "B"
    hashed = (await row(db, session_id)).session_token
    for guess in (
        token[:-2] + last + token[-1],
        token.swapcase(),
        token[:-1],
        token + "A",
        token + "\n",
        " " + token,
        "pm_",
        "pm_" + "A" * 43,
        "pm_" + hashed.hex()[:43],
        "pm_' or ''='" + "A" * 33,
        "pm_" + "é" * 43,
        "pm_\x00" + "A" * 42,
    ):
        assert await owner(db, guess) is None
    assert await owner(db, token) == "ada"


async def test_the_database_is_never_shown_a_token(db):
    """Not in a parameter, so in no log, no plan and no view of running queries either."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        seen.append(f"{statement} {parameters!r}")

    ada = await a_person(db)
    engine = db._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    session_id, token = await made(db, ada)
    assert await owner(db, token) == "ada"
    event.remove(engine, "before_cursor_execute", note)
    assert any("INSERT INTO session" in each for each in seen)
    assert not [each for each in seen if token.removeprefix("pm_") in each]
    assert (await row(db, session_id)).session_token == sessions.digest(token)


async def test_an_ended_session_opens_nothing(db):
    ada = await a_person(db)
    past = {"created_at": func.now() - timedelta(hours=1), "expires_at": func.now()}
    for columns in (past, {"revoked_at": func.now()}):
        session_id, token = await made(db, ada)
        await change(db, session_id, **columns)
        assert await owner(db, token) is None


async def test_revoking_works_once_and_at_once(db):
    ada = await a_person(db)
    session_id, token = await made(db, ada)
    for _ in range(2):
        async with db.transaction() as session:
            shown = await sessions.revoke(session, ada, session_id, actor=ada)
        assert shown.state == "revoked"
        assert await owner(db, token) is None
    async with db.transaction() as session:
        own = select(AuditEvent.kind).where(AuditEvent.learner_id == ada)
        kinds = (await session.scalars(own)).all()
    assert sorted(kinds) == ["session.created", "session.revoked"]


async def test_anothers_session_can_be_neither_seen_nor_ended(db):
    ada, eve = await a_person(db), await a_person(db, "eve")
    session_id, token = await made(db, ada)
    async with db.transaction() as session:
        assert await sessions.listing(session, eve) == []
    with pytest.raises(UnknownSession):
        await db.retry(lambda tx: sessions.revoke(tx, eve, session_id, actor=eve))
    assert await owner(db, token) == "ada"


async def test_the_token_of_somebody_who_was_deleted_opens_nothing(db):
    ada = await a_person(db)
    _, token = await made(db, ada)
    async with db.transaction() as session:
        await session.delete(await session.get_one(User, ada))
    assert await owner(db, token) is None
    # The same name, perhaps another person.
    await a_person(db)
    assert await owner(db, token) is None


async def test_use_is_written_at_most_once_a_minute(db):
    session_id, token = await made(db, await a_person(db))
    assert (await row(db, session_id)).last_used_at is None
    await owner(db, token)
    first = (await row(db, session_id)).last_used_at
    assert first is not None
    await owner(db, token)
    assert (await row(db, session_id)).last_used_at == first
    await change(db, session_id, last_used_at=first - timedelta(seconds=61))
    await owner(db, token)
    assert (await row(db, session_id)).last_used_at > first


@pytest.mark.parametrize(
    ("scopes", "held"),
    [
        (["submit"], {"submit"}),
        (["teach"], {"submit", "teach"}),
        (["admin", "submit"], {"submit", "teach", "admin"}),
    ],
)
async def test_a_scope_holds_the_lesser_ones_and_no_more(db, scopes, held):
    _, token = await made(db, await a_person(db), "admin", scopes=scopes)
    async with db.transaction() as session:
        user = await sessions.owner_of(session, token)
    assert user.scopes == {HUB_SCOPE + scope for scope in held}


@pytest.mark.parametrize(
    ("role", "scope"), [("student", "teach"), ("student", "admin"), ("instructor", "admin")]
)
async def test_nobody_makes_a_session_that_can_do_more_than_they(db, role, scope):
    ada = await a_person(db)
    with pytest.raises(NotAllowed, match=f"what a {role} may"):
        await made(db, ada, role, scopes=["submit", scope])


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("kernel", {"scopes": ["teach"]}, "scopes"),
        ("teach", {"scopes": ["admin"]}, "scopes"),
        ("teach", {"hours": 13}, "hours"),
        ("kernel", {"hours": 24 * 31}, "hours"),
    ],
)
async def test_each_kind_has_its_bounds(db, kind, fields, field):
    ada = await a_person(db)
    with pytest.raises(InvalidFields) as caught:
        await made(db, ada, "admin", kind=kind, **fields)
    assert [each["field"] for each in caught.value.fields] == [field]


async def test_a_person_has_a_bounded_number_of_active_ones(db, monkeypatch):
    monkeypatch.setattr(sessions, "MOST", 3)
    ada = await a_person(db)
    made_ids = [(await made(db, ada))[0] for _ in range(sessions.MOST)]
    with pytest.raises(TooManySessions):
        await made(db, ada)
    async with db.transaction() as session:
        await sessions.revoke(session, ada, made_ids[0], actor=ada)
    await made(db, ada)
    async with db.transaction() as session:
        assert await sessions.revoke_all(session, ada, actor=ada) == sessions.MOST


async def test_making_and_ending_them_in_a_loop_does_not_fill_the_table(db, monkeypatch):
    monkeypatch.setattr(sessions, "MOST_A_DAY", 5)
    ada = await a_person(db)

    async def loop() -> None:
        while True:
            session_id, _ = await made(db, ada)
            async with db.transaction() as session:
                await sessions.revoke(session, ada, session_id, actor=ada)

    with pytest.raises(TooManySessions):
        await loop()
    async with db.transaction() as session:
        assert len(await sessions.listing(session, ada)) == sessions.MOST_A_DAY


async def test_active_ones_stand_before_any_number_of_ended_ones(db):
    ada = await a_person(db)
    ids = [(await made(db, ada))[0] for _ in range(3)]
    await change(db, ids[1], revoked_at=func.now())
    async with db.transaction() as session:
        shown = await sessions.listing(session, ada, limit=2)
    assert [each.id for each in shown] == [ids[2], ids[0]]


async def test_those_that_ended_long_ago_are_pruned(db):
    ada = await a_person(db)
    ids = [(await made(db, ada))[0] for _ in range(4)]
    long_ago = func.now() - sessions.KEEP - timedelta(seconds=1)
    old = {"created_at": long_ago - timedelta(days=1)}
    await change(db, ids[0], expires_at=long_ago, **old)
    await change(db, ids[1], revoked_at=long_ago)
    await change(db, ids[2], revoked_at=func.now())
    await sessions.prune(db)
    async with db.transaction() as session:
        left = await sessions.listing(session, ada)
    assert [(each.id, each.state) for each in left] == [(ids[3], "active"), (ids[2], "revoked")]


async def test_neither_token_nor_hash_nor_label_is_in_the_audit(db):
    ada = await a_person(db)
    session_id, token = await made(db, ada)
    async with db.transaction() as session:
        await sessions.revoke(session, ada, session_id, actor=ada)
        own = select(AuditEvent).where(AuditEvent.learner_id == ada)
        events = (await session.scalars(own)).all()
    assert [event.target for event in events] == [str(session_id)] * 2
    told = " ".join(str(event.data) for event in events)
    for secret in (token, sessions.digest(token).hex(), "my laptop"):
        assert secret not in told
