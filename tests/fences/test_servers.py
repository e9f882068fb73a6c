"""The fence on servers of all kinds: shared by many databases, and with a login of few rights."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, make_url, select, text

from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.db import migrate
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.opening import INSTRUCTOR, WEB
from pythonmastery_ext.tutor.models import AIInteraction
from tests.conftest import admin, fresh_database
from tests.db.rows import a_problem, a_question, a_user, an_attempt

ROLES = (WEB, INSTRUCTOR)


@contextmanager
def login(server_url: str, name: str, rights: str = "") -> Iterator[str]:
    """A login that is no superuser, with a database of its own; yields the address."""
    with admin(server_url) as connection:
        connection.execute(f"create role {name} login password 'x' {rights}")
        connection.execute(f"create database {name} owner {name} template template0")
    yield (
        make_url(server_url)
        .set(username=name, password="x", database=name)
        .render_as_string(hide_password=False)
    )
    with admin(server_url) as connection:
        connection.execute(f"drop database {name} with (force)")
        for role in ROLES:
            connection.execute(f"revoke {role} from {name}")
        connection.execute(f"drop role {name}")


async def test_a_login_without_rights_says_what_an_admin_has_to_run(postgres_url, template):
    with login(postgres_url, "plain") as url:
        migrate.upgrade(url)
        db = Database(url)
        for _ in ROLES:
            missing = await db.fence()
            assert missing is not None
            assert not db.fenced
            async with db.transaction(as_learner=1) as session:
                assert await session.scalar(text("select current_user = session_user"))
            with admin(postgres_url) as connection:
                connection.execute(missing)
        assert await db.fence() is None
        await sees_only_own(db)
        await db.close()
        migrate.downgrade(url, "base")


async def test_a_login_that_may_make_roles_needs_no_admin(postgres_url, template):
    with login(postgres_url, "maker", "createrole") as url:
        with admin(postgres_url) as connection:
            # As on a managed server: roles that somebody else made need their word.
            for role in ROLES:
                connection.execute(f"grant {role} to maker with admin option")
        migrate.upgrade(url)
        db = Database(url)
        assert await db.fence() is None
        await sees_only_own(db)
        await db.close()
        migrate.downgrade(url, "base")
        migrate.upgrade(url)
        assert migrate.status(url).up_to_date


async def sees_only_own(db: Database) -> None:
    await db.make_partitions()
    async with db.transaction() as session:
        version = await a_problem(session)
        people = [await a_user(session, name) for name in ("ada", "bob")]
        session.add_all(an_attempt(person, version) for person in people)
    async with db.transaction(as_learner=people[0].id) as session:
        found = await session.scalars(text("select user_id from problem_attempt"))
        assert found.all() == [people[0].id]
        assert await session.scalar(text("select current_user")) == WEB


async def test_databases_of_one_server_share_the_roles(postgres_url, template, db):
    with fresh_database(postgres_url, template) as other:
        migrate.downgrade(other, "base")
        await sees_only_own(db)
        migrate.upgrade(other)
        theirs = Database(other)
        await sees_only_own(theirs)
        await theirs.close()


async def test_what_is_missing_is_made_again_at_the_next_start(db):
    async with db.transaction() as session:
        for role in ROLES:
            await session.execute(text(f"drop owned by {role}"))
    with pytest.raises(Exception, match="permission denied"):
        await sees_only_own(db)
    assert await db.fence() is None
    async with db.transaction(as_learner=0) as session:
        assert await session.scalar(text("select count(*) from problem_attempt")) == 0


async def test_the_fence_ends_with_its_transaction(database_url):
    db = Database(database_url, pool_size=1, max_overflow=0)
    for _ in range(3):
        async with db.transaction(as_learner=5) as session:
            assert await session.scalar(text("select current_setting('pm.uid')")) == "5"
        with pytest.raises(ZeroDivisionError):
            async with db.transaction(as_learner=6):
                raise ZeroDivisionError
        async with db.transaction() as session:
            assert await session.scalar(text("select current_user = session_user"))
            assert not await session.scalar(text("select current_setting('pm.uid', true)"))
    await db.close()


async def test_an_instructor_reads_the_work_of_all_and_changes_none(db):
    async with db.transaction() as session:
        version = await a_problem(session)
        people = [await a_user(session, name) for name in ("ada", "bob")]
        session.add_all(an_attempt(person, version) for person in people)
        session.add_all(a_question(person) for person in people)
    async with db.transaction(as_instructor=people[0].id) as session:
        for model in (ProblemAttempt, AIInteraction):
            assert await session.scalar(select(func.count()).select_from(model)) == 2
        assert await session.scalar(text("select count(username) from app_user")) == 2
    for forbidden in (
        "update problem_attempt set status = 'passed'",
        "delete from ai_interaction",
        "select session_token from session",
        "select bio from user_profile",
        "select email from app_user",
    ):
        with pytest.raises(Exception, match="permission denied"):
            async with db.transaction(as_instructor=people[0].id) as session:
                await session.execute(text(forbidden))


def test_roles_cannot_log_in(postgres_url, template):
    for role in ROLES:
        with admin(postgres_url) as connection:
            found = connection.execute(
                "select rolcanlogin, rolsuper, rolbypassrls, rolcreaterole from pg_roles"
                " where rolname = %s",
                [role],
            ).fetchone()
        assert found == (False, False, False, False)
