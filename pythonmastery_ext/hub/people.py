"""People of the hub and their rows: who is who, whatever they are called today.

GitHub's number is the key. Logins are renamed, and the old one can be taken by somebody else, so a
name that has been somebody's at this hub stays theirs until their account is erased: their files,
and tokens of servers that still run, lie under it.
"""

from datetime import timedelta

from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts import people, service, sessions
from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.errors import NameTaken
from pythonmastery_ext.hub.schema import PersonIn
from pythonmastery_ext.privacy import service as privacy
from pythonmastery_ext.privacy.sealing import EMAIL

#: One sign-in at a time: two could take the same name.
LOCK = text("select pg_advisory_xact_lock(hashtextextended('hub/people', 0))")


async def introduce(db: AsyncSession, keyring: Keyring, username: str, known: PersonIn) -> User:
    """The row of whoever signs in under this name.

    NameTaken, AccountLocked, AccountSuspended, SignUpsPaused.
    """
    await db.execute(LOCK)
    user = await db.scalar(select(User).where(User.github_id == known.github_id))
    holder = await _holder(db, username)
    if holder is not None and holder is not user and (user or holder.github_id is not None):
        raise NameTaken(
            f"The name {username} belongs to another GitHub account here. Whoever runs the course "
            "can tell you whose it was, and free it."
        )
    user = user or holder or await service.make(db, username)
    service.check_open(user)
    if user.username != username:
        await _rename(db, user, username)
    await _tell(db, keyring, user, known)
    if known.role is not None and known.role != user.role:
        await people.set_role(db, username, known.role, actor=None, force=True)
    return user


async def leave(db: AsyncSession, username: str, wait: timedelta) -> None:
    """This name is no longer at the hub: whoever is called so is erased after the wait."""
    await db.execute(LOCK)
    user = await _holder(db, username)
    if user is None:
        return
    if user.username == username:
        await people.set_role(db, username, "student", actor=None, force=True)
        await sessions.revoke_all(db, user.id, actor=None)
        await privacy.erase_later(db, username, wait.days)
    else:
        user.former_usernames = [name for name in user.former_usernames if name != username]
        await people.forget(db, username)


async def _holder(db: AsyncSession, username: str) -> User | None:
    found: User | None = await db.scalar(
        select(User)
        .where(or_(User.username == username, User.former_usernames.contains([username])))
        .with_for_update()
    )
    return found


async def _rename(db: AsyncSession, user: User, username: str) -> None:
    for name in (user.username, username):
        await people.forget(db, name)
    kept = [name for name in user.former_usernames if name != username]
    user.former_usernames = [*kept, user.username]
    user.username, user.updated_at = username, func.now()
    await db.flush()
    await audit.record(
        db, "user.renamed", actor=user.id, learner=user.id, target=None, data={}, streamed=False
    )


async def _tell(db: AsyncSession, keyring: Keyring, user: User, known: PersonIn) -> None:
    """Only what is new is written: this is called every few minutes."""
    if user.github_id != known.github_id or user.avatar_url != known.avatar_url:
        user.github_id, user.avatar_url = known.github_id, known.avatar_url
        user.updated_at = func.now()
    blind = None if known.email is None else keyring.blind(known.email)
    if blind != user.email_blind:
        sealed = known.email and keyring.seal(known.email, **EMAIL.place(user.id))
        user.email_sealed, user.email_blind = sealed or None, blind
    if known.name and known.name != service.display_name(user, keyring):
        user.display_name = None
        user.display_name_sealed = keyring.seal(known.name, **service.name_place(user.id))
        await people.forget(db, user.username)
    await db.flush()
