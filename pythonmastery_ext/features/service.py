"""What is on and off, known in each process within milliseconds of its change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.db.cache import Cache, invalidate
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import (
    LeaderboardOff,
    Refusal,
    SignUpsPaused,
    SubmittingPaused,
    TutorOff,
    UnknownFeature,
)
from pythonmastery_ext.features.models import Feature
from pythonmastery_ext.features.schema import FeatureIn

#: Name → what people get while it is off.
REFUSALS: Mapping[str, type[Refusal]] = {
    "submitting": SubmittingPaused,
    "tutor": TutorOff,
    "leaderboard": LeaderboardOff,
    "sign_ups": SignUpsPaused,
}
#: Seconds after which a client may try again what is paused.
RETRY = 60


@dataclass(frozen=True, kw_only=True)
class State:
    """Of one feature."""

    name: str
    enabled: bool = True
    message: str | None = None
    amount: int | None = None
    changed_at: datetime | None = None

    @property
    def why(self) -> str | None:
        """Why it is off, in the admin's words if there are any; None while it is on."""
        return None if self.enabled else self.message or REFUSALS[self.name]().message

    def check(self) -> None:
        """The refusal of this feature while it is off."""
        if not self.enabled:
            paused = REFUSALS[self.name] is SubmittingPaused
            raise REFUSALS[self.name](self.why, retry_after=RETRY if paused else None)


States = Mapping[str, State]
FEATURES: Cache[str, States] = Cache("features", most=1, seconds=600)


async def current(db: AsyncSession) -> States:
    return await FEATURES.get("all", lambda: _read(db))


async def _read(db: AsyncSession) -> States:
    found = {name: State(name=name) for name in REFUSALS}
    for row in await db.scalars(select(Feature)):
        found[row.name] = State(
            name=row.name,
            enabled=row.enabled,
            message=row.message,
            amount=row.amount,
            changed_at=row.changed_at,
        )
    return MappingProxyType(found)


async def change(db: AsyncSession, name: str, wanted: FeatureIn, *, actor: int) -> None:
    """UnknownFeature."""
    if name not in REFUSALS:
        raise UnknownFeature
    await invalidate(db, FEATURES.name)
    values = {
        "enabled": wanted.enabled,
        "message": wanted.message or None,
        "amount": wanted.amount if name == "tutor" else None,
        "changed_at": func.now(),
    }
    statement = insert(Feature).values(name=name, **values)
    await db.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
    await audit.record(
        db,
        "feature.changed",
        actor=actor,
        learner=None,
        target=f"features/{name}",
        data={"enabled": wanted.enabled, "amount": values["amount"]},
        streamed=False,
    )


class Features:
    """For handlers, which have no transaction of their own yet."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def current(self) -> States:
        return await FEATURES.get("all", self._read)

    async def check(self, name: str) -> None:
        """TutorOff, LeaderboardOff, SubmittingPaused or SignUpsPaused."""
        (await self.current())[name].check()

    async def _read(self) -> States:
        async with self._db.transaction() as db:
            return await _read(db)
