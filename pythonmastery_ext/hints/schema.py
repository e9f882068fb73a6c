"""Hints on the wire."""

from datetime import datetime
from typing import Literal

from pythonmastery_ext.wire import WireOut


class HintOut(WireOut):
    order: int
    kind: str
    state: Literal["opened", "available", "locked"]
    #: Markdown; null until opened.
    text: str | None
    links: list[str]
    #: What opens it, in a sentence; null unless locked.
    unlock: str | None
    #: When the clock alone will open it; null if time does not or it is not locked.
    opens_at: datetime | None


class HintsOut(WireOut):
    problem: str
    hints: list[HintOut]
    hints_used: int
