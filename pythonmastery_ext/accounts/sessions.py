"""Tokens for clients outside the browser: made, shown once, listed, checked, ended.

Only the SHA-256 of a token is stored. The token is 256 random bits, so a slow hash would add
nothing: there is no list of likely tokens to try.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import Session, User
from pythonmastery_ext.accounts.schema import SessionIn, SessionKind, SessionOut
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import InvalidFields, NotAllowed, TooManySessions, UnknownSession
from pythonmastery_ext.identity import HUB_SCOPE, SCOPES, SESSION_PREFIX, SessionUser
from pythonmastery_ext.schema import ROLES

TOKEN = re.compile(re.escape(SESSION_PREFIX) + r"[A-Za-z0-9_-]{43}")
TOKEN_BYTES = 32
#: Digits that an id can have.
LONGEST_ID = 18
#: Of one person: active ones, and those made in a day, so that a loop does not fill the table.
MOST = 20
MOST_A_DAY = 50
#: How long ended ones stay in the list.
KEEP = timedelta(days=30)
#: `last_used_at` is written at most this often.
USE = timedelta(minutes=1)

ENDED = or_(Session.revoked_at.is_not(None), Session.expires_at <= func.now())
ACTIVE = and_(Session.revoked_at.is_(None), Session.expires_at > func.now())


@dataclass(frozen=True)
class Kind:
    """What sessions of one kind may be asked for."""

    scope: str
    usual: timedelta
    longest: timedelta


#: A kernel runs notebooks of anybody, so its token never teaches.
KINDS: dict[SessionKind, Kind] = {
    "kernel": Kind("submit", timedelta(days=7), timedelta(days=30)),
    "cli": Kind("admin", timedelta(days=30), timedelta(days=365)),
    "teach": Kind("teach", timedelta(hours=8), timedelta(hours=12)),
}


def lasting(draft: SessionIn, role: str) -> timedelta:
    """For how long; NotAllowed or InvalidFields if it may not be had by a person of this role."""
    kind = KINDS[draft.kind]
    wanted = max(map(SCOPES.index, draft.scopes))
    if wanted > SCOPES.index(kind.scope):
        raise _invalid(
            "scopes", f"a session of kind {draft.kind} goes no further than {kind.scope}"
        )
    if wanted > ROLES.index(role):
        raise NotAllowed(
            f"A session does no more than its owner may, and that is here what a {role} may: "
            f"ask for {SCOPES[ROLES.index(role)]}, or sign in with more rights."
        )
    asked = kind.usual if draft.hours is None else timedelta(hours=draft.hours)
    if asked > kind.longest:
        hours = int(kind.longest / timedelta(hours=1))
        raise _invalid("hours", f"of kind {draft.kind} are at most {hours}")
    return asked


async def create(
    db: AsyncSession, owner: int, draft: SessionIn, role: str, *, actor: int | None
) -> tuple[SessionOut, str]:
    """The session and its token, which cannot be had again. `role`: of who makes it."""
    time = lasting(draft, role)
    await audit.lock(db, owner)
    recent = Session.created_at > func.now() - timedelta(days=1)
    counts = select(func.count().filter(ACTIVE), func.count().filter(recent))
    at_a_time, a_day = (await db.execute(counts.where(Session.user_id == owner))).one()
    if at_a_time >= MOST or a_day >= MOST_A_DAY:
        raise TooManySessions
    token = SESSION_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    row = Session(
        user_id=owner,
        session_token=digest(token),
        label=draft.label,
        kind=draft.kind,
        scopes=sorted(set(draft.scopes), key=SCOPES.index),
        expires_at=func.now() + time,
    )
    db.add(row)
    await db.flush()
    await db.refresh(row)
    expires = row.expires_at.isoformat()
    await _record(db, "session.created", row, actor, scopes=row.scopes, expires_at=expires)
    return _shown(row, "active"), token


async def listing(db: AsyncSession, owner: int, limit: int = 100) -> list[SessionOut]:
    rows = await db.execute(
        select(Session, ENDED.label("ended"))
        .where(Session.user_id == owner)
        .order_by(ENDED, Session.id.desc())
        .limit(limit)
    )
    return [_shown(row, _state(row, ended)) for row, ended in rows]


async def owner_of(db: AsyncSession, token: str) -> SessionUser | None:
    """Asked at each request: a session that was ended opens nothing from that moment on."""
    if not TOKEN.fullmatch(token):
        return None
    hashed = digest(token)
    found = (
        await db.execute(
            select(
                Session.id,
                Session.session_token,
                Session.scopes,
                User.username,
                _unused_for(USE).label("unused"),
            )
            .join(User, User.id == Session.user_id)
            .where(Session.session_token == hashed, ACTIVE)
        )
    ).one_or_none()
    if found is None or not hmac.compare_digest(found.session_token, hashed):
        return None
    if found.unused:
        await db.execute(
            update(Session)
            .where(Session.id == found.id, _unused_for(USE), ACTIVE)
            .values(last_used_at=func.now())
            .execution_options(synchronize_session=False)
        )
    return SessionUser(
        username=found.username,
        scopes=frozenset(HUB_SCOPE + scope for scope in _with_lesser(found.scopes)),
        session_id=found.id,
    )


async def active(db: AsyncSession, session_ids: set[int]) -> set[int]:
    """Those of these that have not ended."""
    found = await db.scalars(select(Session.id).where(Session.id.in_(session_ids), ACTIVE))
    return set(found)


async def revoke(db: AsyncSession, owner: int, session_id: int, *, actor: int | None) -> SessionOut:
    """UnknownSession; one that was revoked before stays as it is."""
    mine = (Session.id == session_id, Session.user_id == owner)
    row = await db.scalar(
        update(Session)
        .where(*mine, Session.revoked_at.is_(None))
        .values(revoked_at=func.now())
        .returning(Session)
    )
    if row is not None:
        await _record(db, "session.revoked", row, actor)
        return _shown(row, "revoked")
    row = await db.scalar(select(Session).where(*mine))
    if row is None:
        raise UnknownSession
    return _shown(row, "revoked")


async def revoke_all(db: AsyncSession, owner: int, *, actor: int | None) -> int:
    """How many were active."""
    found = await db.scalars(select(Session.id).where(Session.user_id == owner, ACTIVE))
    ended = [await revoke(db, owner, session_id, actor=actor) for session_id in found.all()]
    return len(ended)


async def prune(db: Database) -> None:
    """The audit tells of them for longer."""
    oldest = func.now() - KEEP
    async with db.transaction() as session:
        await session.execute(
            delete(Session).where(or_(Session.expires_at < oldest, Session.revoked_at < oldest))
        )


def number(text: str) -> int:
    """The id of a session as somebody wrote it; UnknownSession."""
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID):
        raise UnknownSession
    return int(text)


def digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _unused_for(time: timedelta) -> ColumnElement[bool]:
    return or_(Session.last_used_at.is_(None), Session.last_used_at < func.now() - time)


def _with_lesser(scopes: list[str]) -> tuple[str, ...]:
    return SCOPES[: max(map(SCOPES.index, scopes)) + 1]


def _state(row: Session, ended: bool) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if ended else "active"


def _shown(row: Session, state: str) -> SessionOut:
    names = set(SessionOut.model_fields) - {"state"}
    return SessionOut.model_validate(
        {name: getattr(row, name) for name in names} | {"state": state}
    )


def _invalid(field: str, message: str) -> InvalidFields:
    return InvalidFields(fields=[{"field": field, "message": message}])


async def _record(
    db: AsyncSession, kind: str, row: Session, actor: int | None, **data: Any
) -> None:
    """Neither token nor hash, and no label, which is the owner's own words."""
    await audit.record(
        db,
        kind,
        actor=actor,
        learner=row.user_id,
        target=str(row.id),
        data={"kind": row.kind, **data},
        streamed=False,
    )
