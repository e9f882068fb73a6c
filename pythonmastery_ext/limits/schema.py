"""Limits on the wire."""

from datetime import datetime

from pythonmastery_ext.wire import WireOut


class LimitOut(WireOut):
    """How often one person does one thing."""

    user_id: int
    username: str
    action: str
    #: Acts that are open to this person right now.
    left: int
    per_minute: float
    burst: int
    first_seen: datetime
    last_used: datetime
    used: int
    refused: int
    last_refused: datetime | None


class LimitPage(WireOut):
    limits: list[LimitOut]
    #: Give it as `after` for the next page; null on the last.
    after: str | None
