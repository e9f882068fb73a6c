"""All counters worked out again, in Python, from nothing but attempts, hints and the course."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.learning.conftest import Classroom

#: XP of a problem of difficulty 2, which all of the test course are, by opened hints.
BASE = 16
HINTS = [Decimal(left) / 100 for left in (100, 100, 95, 85, 65)]

ATTEMPTS = """
    select a.*, p.section_id from problem_attempt a join problem p on p.id = a.problem_id
    where a.status is not null order by graded_at, a.id
"""


def whole(points: Decimal) -> int:
    return int(points.quantize(Decimal(1), ROUND_HALF_UP))


def is_counted(row: dict[str, Any]) -> bool:
    if row["kind"] == "check" or row["status"] == "error":
        return False
    return (row["error_messages"] or {}).get("reason") != "syntax_error"


@dataclass
class AtProblem:
    section: int
    submits: int = 0
    failed: int = 0
    best_points: int = 0
    max_points: int = 0
    xp: int = 0
    solved_at: datetime | None = None
    solved_try: int | None = None
    aided: bool = False
    last: datetime | None = None

    def take(self, row: dict[str, Any], hints: Iterable[datetime]) -> int:
        """The XP that it brought."""
        passed = row["status"] == "passed"
        self.submits += 1
        self.failed += not passed
        self.best_points = max(self.best_points, row["points"])
        self.max_points = row["max_points"]
        self.last = row["graded_at"]
        before = self.xp
        if self.solved_at is None:
            first = Decimal("1.1") if self.submits == 1 else 1
            worth = (
                whole(BASE * HINTS[row["hints_used"]] * first)
                if passed
                else whole(Decimal(BASE) * self.best_points / self.max_points / 2)
            )
            self.xp = max(self.xp, worth)
            if passed:
                self.solved_at, self.solved_try = row["graded_at"], self.submits
                self.aided = any(opened <= row["submitted_at"] for opened in hints)
        return self.xp - before


@dataclass
class OfLearner:
    problems: dict[int, AtProblem] = field(default_factory=dict)
    days: dict[date, int] = field(default_factory=lambda: defaultdict(int))

    def streaks(self) -> tuple[int, int]:
        """The one that ends with the last day, and the longest."""
        now = longest = 0
        for day in sorted(self.days):
            now = now + 1 if day - timedelta(days=1) in self.days else 1
            longest = max(longest, now)
        return now, longest

    def totals(self) -> dict[str, Any]:
        done = list(self.problems.values())
        solved = [at for at in done if at.solved_at is not None]
        streak, longest = self.streaks()
        return {
            "attempts": sum(at.submits for at in done),
            "passed": sum(at.submits - at.failed for at in done),
            "solved": len(solved),
            "first_time": sum(at.solved_try == 1 for at in solved),
            "unaided": sum(not at.aided for at in solved),
            "xp": sum(at.xp for at in done),
            "streak_days": streak,
            "longest_streak": longest,
            "active_days": len(self.days),
            "last_active": max(self.days, default=None),
        }


class Anew:
    """Of the whole database."""

    @classmethod
    async def read(cls, room: Classroom) -> Anew:
        made = cls()
        made.attempts = [row for row in await room.rows(ATTEMPTS) if is_counted(row)]
        hints = defaultdict(list)
        for hint in await room.rows("select * from unlocked_hint"):
            hints[hint["user_id"], hint["problem_id"]].append(hint["opened_at"])
        made.learners = defaultdict(OfLearner)
        for row in made.attempts:
            learner = made.learners[row["user_id"]]
            at = learner.problems.setdefault(row["problem_id"], AtProblem(row["section_id"]))
            gained = at.take(row, hints[row["user_id"], row["problem_id"]])
            assert gained == row["xp_gained"]
            if gained:
                learner.days[row["submitted_at"].astimezone(UTC).date()] += gained
        return made

    def at(self, problem: int) -> list[AtProblem]:
        of = (learner.problems.get(problem) for learner in self.learners.values())
        return [at for at in of if at is not None]

    def problem(self, problem: int) -> dict[str, Any]:
        done = self.at(problem)
        solved = [at for at in done if at.solved_at is not None]
        return {
            "learners": len(done),
            "attempts": sum(at.submits for at in done),
            "passed": sum(at.submits - at.failed for at in done),
            "solved": len(solved),
            "first_time": sum(at.solved_try == 1 for at in solved),
            "unaided": sum(not at.aided for at in solved),
        }

    def summed(self, column: str, key: int) -> dict[str, Any]:
        """Count and means of the attempts of a learner or at a problem."""
        rows = [row for row in self.attempts if row[column] == key]
        if not rows:
            return {"count": 0, "passed": None, "time": None, "hints": None}
        return {
            "count": len(rows),
            "passed": sum(row["status"] == "passed" for row in rows) / len(rows),
            "time": float(sum(row["execution_time"] for row in rows)) / len(rows),
            "hints": sum(row["hints_used"] for row in rows) / len(rows),
        }
