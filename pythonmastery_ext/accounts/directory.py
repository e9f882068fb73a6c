"""Everybody, for admins: found by login, name or address, and each person on a page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts import sessions
from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.accounts.people import forget
from pythonmastery_ext.accounts.service import display_name, name_place
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.paging import AnySelect, Ask, Page, Sortable, paged
from pythonmastery_ext.errors import NotYourself, UnknownUser
from pythonmastery_ext.schema import ROLES

#: What the list can be sorted by; each is an index.
SORTS: Mapping[str, Sortable] = {
    "login": User.username,
    "since": User.created_at,
    "role": User.role,
}
WORD = re.compile(r"\w+")
#: Of a name; more words than that find nobody faster.
MOST_WORDS = 12
BATCH = 500
#: In the words of the index `idx_people_login`.
LOGIN: ColumnElement[str] = literal_column("lower(app_user.username::text)")
COLUMNS = (
    User.id,
    User.username,
    User.role,
    User.created_at,
    User.locked_at,
    User.suspended_at,
    User.display_name,
    User.display_name_sealed,
)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A person in the list."""

    id: int
    username: str
    name: str | None
    role: str
    since: datetime
    state: str


@dataclass(frozen=True, kw_only=True)
class Person(Listed):
    """The same, with what only their own page tells."""

    email: str | None
    github_id: int | None
    former: list[str]
    suspended_at: datetime | None


async def page(
    db: AsyncSession, keyring: Keyring, ask: Ask, *, words: str = "", role: str = ""
) -> Page[Listed]:
    """Whose login begins with the words, whose name has all of them, or whose address it is."""
    query = select(*COLUMNS)
    if role in ROLES:
        query = query.where(User.role == role)
    if words.strip():
        query = _searched(query, keyring, words.strip())
    return await paged(db, query, SORTS, User.id, ask, lambda row: Listed(**_row(row, keyring)))


def _searched(query: AnySelect, keyring: Keyring, words: str) -> AnySelect:
    ways: list[ColumnElement[bool]] = [LOGIN.like(_prefix(words.lower()), escape="\\")]
    if "@" in words:
        ways.append(User.email_blind == keyring.blind(words))
    if marks := marks_of(keyring, words):
        ways.append(User.name_marks.contains(marks))
    # By themselves first: for a page in order the planner would rather go along all people.
    found = select(User.id).where(or_(*ways)).cte("found").prefix_with("materialized")
    return query.where(User.id.in_(select(found.c.id)))


def _prefix(words: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", words) + "%"


def _row(row: Any, keyring: Keyring) -> dict[str, Any]:
    return {
        "id": row.id,
        "username": row.username,
        "name": display_name(row, keyring),
        "role": row.role,
        "since": row.created_at,
        "state": _state(row),
    }


def _state(row: Any) -> str:
    if row.locked_at is not None:
        return "being erased"
    return "locked" if row.suspended_at is not None else "active"


async def person(db: AsyncSession, keyring: Keyring, user_id: int) -> Person:
    """UnknownUser."""
    user = await db.get(User, user_id)
    if user is None:
        raise UnknownUser
    email = user.email
    if user.email_sealed is not None:
        email = keyring.open(
            user.email_sealed, table="app_user", column="email_sealed", row=user.id
        )
    return Person(
        **_row(user, keyring),
        email=email,
        github_id=user.github_id,
        former=list(user.former_usernames),
        suspended_at=user.suspended_at,
    )


async def suspend(db: AsyncSession, user_id: int, *, suspended: bool, actor: int) -> User:
    """Locked out until unlocked, in all processes, with all sessions ended.

    UnknownUser; NotYourself, since nobody else might be left to unlock it.
    """
    if user_id == actor and suspended:
        raise NotYourself
    user = await db.get(User, user_id, with_for_update=True)
    if user is None:
        raise UnknownUser
    if (user.suspended_at is not None) == suspended:
        return user
    await forget(db, user.username)
    user.suspended_at = func.now() if suspended else None
    if suspended:
        await sessions.revoke_all(db, user.id, actor=actor)
    await audit.record(
        db,
        "user.suspended" if suspended else "user.unsuspended",
        actor=actor,
        learner=user.id,
        target=None,
        data={},
        streamed=False,
    )
    await db.flush()
    return user


async def counts(db: AsyncSession) -> dict[str, int]:
    """Role → people."""
    rows = await db.execute(select(User.role, func.count().label("number")).group_by(User.role))
    found = {row.role: row.number for row in rows}
    return {role: found.get(role, 0) for role in ROLES}


async def number_of(db: AsyncSession, words: str) -> int | None:
    """The person of exactly this login, or with this number; None if there is nobody."""
    same = User.username == words.strip()
    if words.strip().isdecimal() and words.isascii() and len(words) < 19:
        same = or_(same, User.id == int(words))
    found: int | None = await db.scalar(
        select(User.id).where(same).order_by(case((User.username == words.strip(), 0), else_=1))
    )
    return found


def marks_of(keyring: Keyring, name: str) -> list[bytes]:
    """What each word of a name is found by; it tells nothing of the word."""
    words = dict.fromkeys(word.casefold() for word in WORD.findall(name))
    return [keyring.blind(f"name/{word}") for word in list(words)[:MOST_WORDS]]


async def mark_names(db: Database, keyring: Keyring) -> int:
    """Makes the marks of names that are new or have changed; how many."""
    return await db.drain(lambda session: _mark_batch(session, keyring))


async def _mark_batch(db: AsyncSession, keyring: Keyring) -> int:
    users = list(
        await db.scalars(
            select(User)
            .where(User.name_marks.is_(None), User.display_name_sealed.is_not(None))
            .order_by(User.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
    )
    for user in users:
        name = keyring.open(user.display_name_sealed or b"", **name_place(user.id))
        user.name_marks = marks_of(keyring, name)
    return len(users)
