"""What the workers do by the clock: each once per period, by whichever worker comes first."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import delete, func

from pythonmastery_ext.accounts import sessions
from pythonmastery_ext.analytics import keeping
from pythonmastery_ext.attempts.models import SubmissionKey
from pythonmastery_ext.attempts.service import KEEP_KEYS
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.limits import service as limits


@dataclass(frozen=True)
class Chore:
    name: str
    #: Minute, hour, day, month, weekday, in UTC.
    cron: str
    #: Safe to run twice; begins its own transactions.
    run: Callable[[Database], Awaitable[object]]


async def prune_keys(db: Database) -> None:
    # The database's clock: a worker whose own is wrong would forget what was sent today.
    oldest = func.now() - KEEP_KEYS
    async with db.transaction() as session:
        await session.execute(delete(SubmissionKey).where(SubmissionKey.submitted_at < oldest))


CHORES = (
    Chore("partitions", "17 * * * *", Database.make_partitions),
    Chore("prune keys", "27 * * * *", prune_keys),
    Chore("prune sessions", "47 * * * *", sessions.prune),
    Chore("prune limits", "37 3 * * *", limits.prune),
    Chore("problem statistics", "* * * * *", keeping.roll_up),
    Chore("calibration", "* * * * *", keeping.calibrate),
    Chore("views", "7 * * * *", keeping.refresh_old_views),
)
