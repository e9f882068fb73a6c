"""The row of each person who has come."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.identity import Learner, Person


async def learner_for(db: AsyncSession, person: Person) -> Learner:
    """The learner of this name, made at the first visit."""
    found = await _find(db, person.username)
    if found is None or (person.display_name and found.display_name != person.display_name):
        await db.execute(
            insert(User)
            .values(username=person.username, display_name=person.display_name)
            .on_conflict_do_update(
                index_elements=[User.username],
                set_={
                    "display_name": func.coalesce(person.display_name, User.display_name),
                    "updated_at": func.now(),
                },
            )
        )
        found = await _find(db, person.username)
    if found is None:
        raise LookupError(f"the row of {person.username} vanished while it was made")
    return found


async def _find(db: AsyncSession, username: str) -> Learner | None:
    row = (
        await db.execute(
            select(User.id, User.username, User.display_name, User.role).where(
                User.username == username
            )
        )
    ).one_or_none()
    return Learner(row.id, row.username, row.display_name, row.role) if row else None
