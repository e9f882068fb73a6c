"""What a question is about, stored beside what was sent so that instructors can search for it."""

import builtins
import re
from typing import Any

from pythonmastery_ext.tutor.context import TutorContext

#: Key of `context_data`; never sent, and shown to nobody as it stands.
KEY = "about"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}", re.ASCII)
BUILT_IN = frozenset(
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
)
MOST_ERRORS = 8


def with_facts(context: TutorContext, sent: dict[str, Any] | None) -> dict[str, Any]:
    """`context_data` of a question."""
    return {**(sent or {}), KEY: facts(context)}


def without_facts(stored: dict[str, Any] | None) -> dict[str, Any] | None:
    """What was sent; None if nothing was."""
    return {name: value for name, value in (stored or {}).items() if name != KEY} or None


def facts(context: TutorContext) -> dict[str, Any]:
    """`errors`: types, of the last verdict first and then those that the learner names."""
    verdict = context.verdict
    named = [name for name in NAME.findall(context.message) if name in BUILT_IN]
    seen = [verdict.error.type] if verdict is not None and verdict.error is not None else []
    errors = [name for name in dict.fromkeys([*seen, *named]) if NAME.fullmatch(name)]
    found: dict[str, Any] = {"errors": errors[:MOST_ERRORS]}
    if verdict is not None:
        found |= {"status": verdict.status, "reason": verdict.reason}
    return found
