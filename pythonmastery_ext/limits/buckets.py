"""Token buckets in the database, so that all processes of the service count together."""

from collections.abc import Mapping, Sequence
from math import ceil
from uuid import UUID

from sqlalchemy import text

from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import TooManyRequests
from pythonmastery_ext.identity import Learner

#: Action → acts a minute in the long run, and as many at once after a pause.
DEFAULTS = {
    "write": (300.0, 300),
    "submit": (60.0, 60),
    "hint": (30.0, 30),
    "chat": (20.0, 20),
    "export": (0.1, 3),
}
#: One statement draws and decides, under the locks of the rows and by the database's clock. It is a
#: transaction of its own: what is turned away, or fails later, has counted. Losing the last moment
#: of it in a crash harms nobody, so its commit does not wait for the disk.
TAKE = text("""
    with quick as materialized (select set_config('synchronous_commit', 'off', true))
    insert into rate_limit as bucket
        (user_id, action, tokens, rate, burst, last_used, used, last_key)
    select :user, wanted.action, wanted.burst - 1, wanted.rate, wanted.burst, now(), 1, wanted.key
    from quick, unnest(
        cast(:actions as text[]), cast(:rates as float8[]), cast(:bursts as int[]),
        cast(:keys as uuid[])
    ) as wanted (action, rate, burst, key)
    order by wanted.action
    on conflict (user_id, action) do update
    set (tokens, rate, burst, last_used, used, refused, last_refused, last_key) = (
        select
            case when enough then refilled - cost else refilled end,
            excluded.rate, excluded.burst, now(),
            bucket.used + enough::int, bucket.refused + (not enough)::int,
            case when enough then bucket.last_refused else now() end,
            case when enough then excluded.last_key else bucket.last_key end
        from (
            select
                least(
                    excluded.burst,
                    bucket.tokens
                    + excluded.rate * greatest(0, extract(epoch from now() - bucket.last_used))
                ) as refilled,
                case when bucket.last_key = excluded.last_key then 0 else 1 end as cost
        ) as state,
        lateral (select refilled > cost - 1e-9 as enough) as decision
    )
    returning action, tokens, last_refused is not distinct from last_used as refused
""")


class Limiter:
    """Counts what learners do and turns away what is too much."""

    def __init__(self, db: Database, rates: Mapping[str, tuple[float, int]]) -> None:
        """`rates` in the form of DEFAULTS; 0 a minute: no limit."""
        self._db = db
        #: Tokens a second, and most tokens.
        self._rates = {
            action: (per_minute / 60, burst)
            for action, (per_minute, burst) in (DEFAULTS | dict(rates)).items()
            if per_minute > 0
        }

    async def take(self, learner: Learner, actions: Sequence[str], key: UUID | None) -> None:
        """TooManyRequests, with the seconds until there is room again.

        `key` belongs to the first action: the same one as in the last call takes no token.
        """
        known = [action for action in actions if action in self._rates]
        if not known:
            return
        rates = [self._rates[action] for action in known]
        rows = await self._db.at_once(
            TAKE,
            {
                "user": learner.id,
                "actions": known,
                "rates": [rate for rate, _ in rates],
                "bursts": [burst for _, burst in rates],
                "keys": [key if action == actions[0] else None for action in known],
            },
        )
        waits = [(1 - row.tokens) / self._rates[row.action][0] for row in rows if row.refused]
        if waits:
            seconds = max(1, ceil(max(waits)))
            raise TooManyRequests(
                f"You are doing this too often; try again in {_spoken(seconds)}.",
                retry_after=seconds,
            )


def _spoken(seconds: int) -> str:
    if seconds < 100:
        return f"{seconds} second{'s' if seconds > 1 else ''}"
    return f"{ceil(seconds / 60)} minutes"
