"""The row of each person who has come."""

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.accounts.people import BOARD
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.db.cache import invalidate
from pythonmastery_ext.db.encryption import Keyring, Place
from pythonmastery_ext.errors import AccountLocked, AccountSuspended
from pythonmastery_ext.features import service as features
from pythonmastery_ext.identity import Learner, Person


async def learner_for(db: AsyncSession, person: Person, keyring: Keyring | None = None) -> Learner:
    """The learner of this name, made at the first visit.

    AccountLocked, AccountSuspended, SignUpsPaused.

    Without keys the name that the identity provider tells is shown, but not kept.
    """
    found = await _find(db, person.username) or await make(db, person.username)
    check_open(found)
    shown = display_name(found, keyring)
    if keyring is not None and person.display_name and person.display_name != shown:
        await _rename(db, found.id, keyring.seal(person.display_name, **name_place(found.id)))
    return Learner(found.id, found.username, person.display_name or shown, found.role)


async def still_open(db: AsyncSession, users: set[int]) -> set[int]:
    """Those of them whom `check_open` lets in."""
    shut = or_(User.locked_at.is_not(None), User.suspended_at.is_not(None))
    return set(await db.scalars(select(User.id).where(User.id.in_(users), ~shut)))


def check_open(user: User) -> None:
    """AccountLocked, AccountSuspended."""
    if user.locked_at is not None:
        raise AccountLocked
    if user.suspended_at is not None:
        raise AccountSuspended


async def make(db: AsyncSession, username: str) -> User:
    """A new row, or the one that somebody else has just made; SignUpsPaused."""
    (await features.current(db))["sign_ups"].check()
    made = await db.scalar(
        insert(User).values(username=username).on_conflict_do_nothing().returning(User.id)
    )
    if made is not None:
        await audit.record(
            db, "user.created", actor=made, learner=made, target=None, data={}, streamed=False
        )
    found = await _find(db, username)
    if found is None:
        raise LookupError(f"the row of {username} vanished while it was made")
    return found


def display_name(user: User, keyring: Keyring | None) -> str | None:
    """Release 0.1 writes it in the clear, where it stands until it is moved."""
    if user.display_name is not None or user.display_name_sealed is None or keyring is None:
        return user.display_name
    return keyring.open(user.display_name_sealed, **name_place(user.id))


def name_place(user: int) -> Place:
    return {"table": User.__tablename__, "column": "display_name_sealed", "row": user}


async def _rename(db: AsyncSession, user: int, sealed: bytes) -> None:
    await invalidate(db, BOARD)
    await db.execute(
        update(User)
        .where(User.id == user)
        .values(display_name_sealed=sealed, display_name=None, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )


async def _find(db: AsyncSession, username: str) -> User | None:
    found: User | None = await db.scalar(select(User).where(User.username == username))
    if found is None:
        # A server that was started before a renaming goes on under the old name.
        found = await db.scalar(select(User).where(User.former_usernames.contains([username])))
    return found
