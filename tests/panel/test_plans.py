"""Lists stay quick at 50,000 people: each statement finds its rows by an index."""

import asyncio

import pytest
from sqlalchemy import text

from pythonmastery_ext.accounts import active, directory
from pythonmastery_ext.accounts.service import name_place
from pythonmastery_ext.audit import search
from pythonmastery_ext.db import tables
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.keyfile import KeyFile
from pythonmastery_ext.db.paging import Ask
from pythonmastery_ext.privacy import requests
from tests.conftest import SESSION_DIR, fresh_database
from tests.db.test_plans import explain

KEYRING = Keyring(KeyFile(SESSION_DIR / "keys.json").keys)
PEOPLE = 50_000
FILL = """
    insert into app_user (username, role, created_at, email_blind)
    select 'student-' || n, case when n % 1000 = 0 then 'instructor' else 'student' end,
           now() - n * interval '1 minute', sha256(n::text::bytea)
    from generate_series(1, 50000) n;
    insert into audit_event (actor_id, learner_id, kind, target, streamed, created_at, seq, hash)
    select n % 2000 + 1, n % 2000 + 1,
           case when n % 500 = 0 then 'role.changed' else 'attempt.graded' end,
           'problems/' || n, n % 500 <> 0, now() - (100000 - n) * interval '5 minutes',
           case when n < 99900 then n end, case when n < 99900 then sha256('x') end
    from generate_series(1, 100000) n;
    insert into session (user_id, session_token, label, kind, scopes, expires_at, created_at)
    select id, sha256(id::text::bytea), 'x', 'cli', array['submit'],
           now() + interval '1 day', now() - interval '1 day'
    from app_user where id % 5 = 0;
    insert into data_request (user_id, kind, state, due_at)
    select id, 'erase', case when id % 500 = 0 then 'cooling' else 'done' end, now()
    from app_user where id % 10 = 0;
    update app_user set display_name = 'Ada Number' || id where id % 1000 = 1
"""


@pytest.fixture(scope="module")
async def town(postgres_url, template):
    tables.metadata()
    with fresh_database(postgres_url, template) as url:
        db = Database(url)
        async with db.transaction() as session:
            for statement in FILL.split(";"):
                await session.execute(text(statement))
            rows = await session.execute(
                text("select id, display_name from app_user where display_name is not null")
            )
            for row in rows:
                await session.execute(
                    text("update app_user set display_name_sealed = :sealed where id = :id"),
                    {
                        "sealed": KEYRING.seal(row.display_name, **name_place(row.id)),
                        "id": row.id,
                    },
                )
        await directory.mark_names(db, KEYRING)
        async with db.transaction() as session:
            await session.execute(text("analyze"))
        yield db
        await db.close()


def people(sort="login", **narrowed):
    ask = Ask(sort=sort.removeprefix("-"), descending=sort.startswith("-"))
    return lambda db: directory.page(db, KEYRING, ask, **narrowed)


async def further(db):
    first = await directory.page(db, KEYRING, Ask(sort="since"))
    await directory.page(db, KEYRING, Ask(sort="since", after=first.after))


def events(**wanted):
    return lambda db: search.page(db, search.Wanted(**wanted), Ask(sort="id", descending=True))


LOOKS = {
    "by login": people(),
    "by login, backwards": people("-login"),
    "by age": people("since"),
    "by role": people("-role"),
    "a page further": further,
    "login": people(words="student-4711"),
    "name": people(words="number2001"),
    "two words of a name": people(words="ada number2001"),
    "address": people(words="nobody@example.org"),
    "instructors": people(role="instructor"),
    "number": lambda db: directory.number_of(db, "student-7"),
    "names to mark": lambda db: directory._mark_batch(db, KEYRING),
    "newest events": events(),
    "of a person": events(person=17),
    "of a rare kind": events(kind="role.changed"),
    "kinds": search.kinds,
    "the chain": search.chain,
    "sessions of one": lambda db: active.page(db, Ask(sort="made"), owner=5),
    "requests of one": lambda db: requests.page(db, Ask(sort="due"), user=10),
}
LARGE = {"app_user", "audit_event", "session", "data_request"}


@pytest.mark.parametrize("look", LOOKS)
async def test_no_large_table_is_read_from_end_to_end(town, look):
    plans = await explain(town, LOOKS[look], {})
    assert plans
    for statement, nodes in plans:
        read = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
        assert not read & LARGE, statement


async def test_each_person_is_found_by_what_was_marked(town):
    async with town.transaction() as db:
        found = await directory.page(db, KEYRING, Ask(sort="login"), words="number2001 ada")
    assert [row.name for row in found.rows] == ["Ada Number2001"]


async def test_a_new_name_is_marked_by_one_process_of_several(town):
    async with town.transaction() as db:
        sealed = KEYRING.seal("Emmy Noether", **name_place(2002))
        await db.execute(
            text("update app_user set display_name_sealed = :sealed where id = 2002"),
            {"sealed": sealed},
        )
    marked = await asyncio.gather(*(directory.mark_names(town, KEYRING) for _ in range(3)))
    assert sum(marked) == 1
    async with town.transaction() as db:
        old = await directory.page(db, KEYRING, Ask(sort="login"), words="number2002")
        new = await directory.page(db, KEYRING, Ask(sort="login"), words="noether")
    assert [len(old.rows), len(new.rows)] == [0, 1]
