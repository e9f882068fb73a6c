"""When a hint opens: the grammar `any`/`all` of a few facts, as a tree that can explain itself.

    {"any": [{"failed_attempts": 1}, {"minutes": 4}]}
    {"all": [{"hint_seen": 3}, {"any": [{"failed_attempts": 5}, {"minutes": 18}]}]}

Pure: the caller brings the facts, which only the authority's clock and counts may fill.
"""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from math import ceil
from typing import Any

MAX_DEPTH = 6
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
MISCONCEPTION = re.compile(r"MC-[A-Z0-9-]+", re.ASCII)


class UnlockError(ValueError):
    """The unlock rule is not of the grammar."""


@dataclass(frozen=True, kw_only=True)
class UnlockFacts:
    failed_attempts: int = 0
    #: Minutes since the learner first opened the problem.
    minutes: float = 0.0
    hints_seen: frozenset[int] = field(default_factory=frozenset)
    #: Keys of tests that failed in any attempt.
    failed_tests: frozenset[str] = field(default_factory=frozenset)
    misconceptions: frozenset[str] = field(default_factory=frozenset)


class Condition(ABC):
    @abstractmethod
    def evaluate(self, facts: UnlockFacts) -> bool: ...

    @abstractmethod
    def phrase(self, facts: UnlockFacts) -> str:
        """What is still missing, as the end of "Opens …"; only for a condition that is not met."""

    def wait(self, facts: UnlockFacts) -> float | None:
        """Minutes until the clock alone opens it; 0 if it is met, None if time does not help."""
        return 0.0 if self.evaluate(facts) else None

    def leaves(self) -> "list[Condition]":
        return [self]

    def sentence(self, facts: UnlockFacts) -> str:
        """Empty once it is met."""
        return "" if self.evaluate(facts) else f"Opens {self.phrase(facts)}."


@dataclass(frozen=True)
class FailedAttempts(Condition):
    count: int

    def evaluate(self, facts: UnlockFacts) -> bool:
        return facts.failed_attempts >= self.count

    def phrase(self, facts: UnlockFacts) -> str:
        left = self.count - facts.failed_attempts
        more = "more " if facts.failed_attempts else ""
        return f"after {left} {more}failed attempt{'s' if left > 1 else ''}"


@dataclass(frozen=True)
class Minutes(Condition):
    count: int

    def evaluate(self, facts: UnlockFacts) -> bool:
        return facts.minutes >= self.count

    def phrase(self, facts: UnlockFacts) -> str:
        left = max(1, ceil(self.count - facts.minutes))
        return f"in {left} minute{'s' if left > 1 else ''}"

    def wait(self, facts: UnlockFacts) -> float | None:
        return max(0.0, self.count - facts.minutes)


@dataclass(frozen=True)
class HintSeen(Condition):
    level: int

    def evaluate(self, facts: UnlockFacts) -> bool:
        return self.level in facts.hints_seen

    def phrase(self, facts: UnlockFacts) -> str:
        return f"after you open hint {self.level}"


@dataclass(frozen=True)
class TestFailed(Condition):
    __test__ = False  # not a test class, whatever its name

    key: str

    def evaluate(self, facts: UnlockFacts) -> bool:
        return self.key in facts.failed_tests

    def phrase(self, facts: UnlockFacts) -> str:
        return "when a certain test fails"


@dataclass(frozen=True)
class MisconceptionSeen(Condition):
    tag: str

    def evaluate(self, facts: UnlockFacts) -> bool:
        return self.tag in facts.misconceptions

    def phrase(self, facts: UnlockFacts) -> str:
        return "when a certain mistake shows in your code"


@dataclass(frozen=True)
class AnyOf(Condition):
    parts: tuple[Condition, ...]

    def evaluate(self, facts: UnlockFacts) -> bool:
        return any(part.evaluate(facts) for part in self.parts)

    def phrase(self, facts: UnlockFacts) -> str:
        return " or ".join(dict.fromkeys(part.phrase(facts) for part in self.parts))

    def wait(self, facts: UnlockFacts) -> float | None:
        waits = [wait for part in self.parts if (wait := part.wait(facts)) is not None]
        return min(waits, default=None)

    def leaves(self) -> list[Condition]:
        return [leaf for part in self.parts for leaf in part.leaves()]


@dataclass(frozen=True)
class AllOf(Condition):
    parts: tuple[Condition, ...]

    def evaluate(self, facts: UnlockFacts) -> bool:
        return all(part.evaluate(facts) for part in self.parts)

    def phrase(self, facts: UnlockFacts) -> str:
        missing = [part.phrase(facts) for part in self.parts if not part.evaluate(facts)]
        return ", and ".join(dict.fromkeys(missing))

    def wait(self, facts: UnlockFacts) -> float | None:
        waits = [part.wait(facts) for part in self.parts]
        known = [wait for wait in waits if wait is not None]
        return max(known) if len(known) == len(waits) else None

    def leaves(self) -> list[Condition]:
        return [leaf for part in self.parts for leaf in part.leaves()]


def parse(rule: Any, depth: int = 0) -> Condition:
    """The tree of a rule as it stands in the notebook; UnlockError says what is wrong with it."""
    if not isinstance(rule, dict) or len(rule) != 1:
        raise UnlockError(
            'each unlock rule is an object with one key, such as {"failed_attempts": 2}; '
            'join several with "any" or "all"'
        )
    if depth >= MAX_DEPTH:
        raise UnlockError(f"the unlock rule is nested more than {MAX_DEPTH} deep")
    ((name, value),) = rule.items()
    if name in ("any", "all"):
        if not isinstance(value, list) or not value:
            raise UnlockError(f'"{name}" takes a list of one or more rules')
        parts = tuple(parse(part, depth + 1) for part in value)
        return AnyOf(parts) if name == "any" else AllOf(parts)
    return _leaf(name, value)


def _leaf(name: str, value: Any) -> Condition:
    if name == "failed_attempts":
        return FailedAttempts(_whole(name, value, 1, 1000))
    if name == "minutes":
        return Minutes(_whole(name, value, 1, 100_000))
    if name == "hint_seen":
        return HintSeen(_whole(name, value, 1, 4))
    if name == "test_failed":
        return TestFailed(_text(name, value, SLUG, "the key of a test"))
    if name == "misconception":
        return MisconceptionSeen(_text(name, value, MISCONCEPTION, 'a tag such as "MC-OFF-BY-ONE"'))
    raise UnlockError(
        f'unknown unlock rule "{name}"; it is one of any, all, failed_attempts, minutes, '
        "hint_seen, test_failed, misconception"
    )


def _whole(name: str, value: Any, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise UnlockError(f'"{name}" takes a whole number from {low} to {high}')
    return value


def _text(name: str, value: Any, form: re.Pattern[str], what: str) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise UnlockError(f'"{name}" takes {what}')
    return value
