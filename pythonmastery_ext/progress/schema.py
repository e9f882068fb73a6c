"""Progress on the wire."""

from datetime import datetime

from pythonmastery_ext.wire import WireOut


class SectionProgress(WireOut):
    section: str
    #: 0 to 100.
    completion_percentage: float
    xp: int
    solved: int
    total: int
    last_activity: datetime | None


class ProgressOut(WireOut):
    xp: int
    level: int
    #: XP at which the next level begins.
    next_level_xp: int
    solved: int
    total: int
    sections: list[SectionProgress]
