"""What a person chooses about themselves."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import UserProfile
from pythonmastery_ext.accounts.people import BOARD
from pythonmastery_ext.accounts.schema import ProfileIn, ProfileOut
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.db.cache import Cache, invalidate
from pythonmastery_ext.db.encryption import Keyring, Place
from pythonmastery_ext.errors import ProfileChanged

#: By user id.
PROFILES: Cache[int, ProfileOut] = Cache("profiles", most=2000, seconds=600)
SEALED = ("bio", "learning_goals")


async def profile(db: AsyncSession, keyring: Keyring, learner: int) -> ProfileOut:
    row = await db.get(UserProfile, learner)
    return ProfileOut() if row is None else _shown(keyring, row)


async def change(db: AsyncSession, keyring: Keyring, learner: int, draft: ProfileIn) -> ProfileOut:
    """ProfileChanged if it is no longer as the client has seen it."""
    before, made_at = await _locked(db, keyring, learner)
    if "seen" in draft.model_fields_set and draft.seen != before.updated_at:
        raise ProfileChanged
    after = _merged(before, draft)
    changed = [name for name in sorted(ProfileOut.model_fields) if _differ(before, after, name)]
    if changed or made_at is not None:
        await invalidate(db, PROFILES.name, learner)
    if not changed:
        return before if made_at is None else before.model_copy(update={"updated_at": made_at})
    # Fields that begin like it change what it shows.
    if any(name.startswith(BOARD) for name in changed):
        await invalidate(db, BOARD)
    values = after.model_dump(include=set(changed))
    for name in SEALED:
        if values.get(name) is not None:
            values[name] = keyring.seal(values[name], **_place(name, learner))
    updated_at = await db.scalar(
        update(UserProfile)
        .where(UserProfile.user_id == learner)
        .values(**values, updated_at=func.clock_timestamp())
        .returning(UserProfile.updated_at)
        .execution_options(synchronize_session=False)
    )
    # Which fields, never what is in them: the record outlives the account.
    await audit.record(
        db,
        "profile.changed",
        actor=learner,
        learner=learner,
        target=None,
        data={"fields": changed},
        streamed=False,
    )
    return after.model_copy(update={"updated_at": updated_at})


async def _locked(
    db: AsyncSession, keyring: Keyring, learner: int
) -> tuple[ProfileOut, datetime | None]:
    """The profile, until the transaction ends nobody else's to change; made now if there is none,
    and then when."""
    made_at = await db.scalar(
        insert(UserProfile)
        .values(user_id=learner)
        .on_conflict_do_nothing()
        .returning(UserProfile.updated_at)
    )
    if made_at is not None:
        return ProfileOut(), made_at
    row = await db.scalar(
        select(UserProfile).where(UserProfile.user_id == learner).with_for_update()
    )
    return (ProfileOut() if row is None else _shown(keyring, row)), None


def _shown(keyring: Keyring, row: UserProfile) -> ProfileOut:
    opened: dict[str, Any] = {}
    for name in SEALED:
        sealed = getattr(row, name)
        opened[name] = sealed and keyring.open(sealed, **_place(name, row.user_id))
    return ProfileOut.model_validate(
        {
            **opened,
            "difficulty_preference": row.difficulty_preference,
            "notification_settings": row.notification_settings,
            "leaderboard_opt_in": row.leaderboard_opt_in,
            "leaderboard_name": row.leaderboard_name,
            "updated_at": row.updated_at,
        }
    )


def _merged(before: ProfileOut, draft: ProfileIn) -> ProfileOut:
    given = draft.model_dump(exclude_unset=True, exclude={"seen"})
    for name in SEALED:
        if name in given:
            given[name] = given[name] or None
    now = before.model_dump()
    notifications = {**now["notification_settings"], **given.pop("notification_settings", {})}
    return ProfileOut.model_validate({**now, **given, "notification_settings": notifications})


def _differ(before: ProfileOut, after: ProfileOut, name: str) -> bool:
    return bool(getattr(before, name) != getattr(after, name))


def _place(column: str, learner: int) -> Place:
    return {"table": UserProfile.__tablename__, "column": column, "row": learner}
