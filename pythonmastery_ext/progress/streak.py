"""Days in a row. Pure.

A day is one of UTC, on which a submission that brought XP was sent. Nothing hangs on a streak: it
costs no XP when it ends, the longest one is kept, and it is shown beside the active days of the
last thirty, so that a missed day is never a zero.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

DAY = timedelta(days=1)
#: How far back the active days are counted that are shown.
WINDOW = 30


@dataclass(frozen=True)
class Streak:
    """As it stood on the last active day."""

    days: int = 0
    longest: int = 0
    active_days: int = 0
    last: date | None = None

    def on(self, day: date) -> "Streak":
        """With one more active day, not before the last one."""
        if day == self.last:
            return self
        days = self.days + 1 if self.last is not None and day - self.last == DAY else 1
        return Streak(days, max(self.longest, days), self.active_days + 1, day)

    def running(self, today: date) -> int:
        """Its days if it can still go on: the last active day was today or yesterday."""
        return self.days if self.last is not None and today - self.last <= DAY else 0


def day_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
