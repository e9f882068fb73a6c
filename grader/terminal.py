"""Text of others on a terminal."""

from __future__ import annotations

import re

#: Control characters but tabs and line ends, and those that turn the direction of writing.
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def for_terminal(text: str) -> str:
    """What a student wrote must not steer the terminal of whoever reads it."""
    return _STEERING.sub(lambda found: repr(found[0])[1:-1], text)
