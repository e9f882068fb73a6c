"""What passes between the tutor and the model: turns, pieces and failures.

NoAnswer
├── TutorDown          not reachable, overloaded, or resting after failures
│   ├── KeyRefused
│   ├── ModelUnknown
│   └── RateLimited    `retry_after` seconds
├── NotTaken           the request itself was refused; trying again would not help
├── Blocked            `reason`; by the safety filter, before or in the middle
├── Cut                the stream ended before the answer did
└── Empty              an answer without text
"""

from dataclasses import dataclass
from inspect import cleandoc
from typing import ClassVar, Literal


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One side's words in a conversation."""

    role: Literal["user", "model"]
    text: str


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A piece of the answer, or at its end what it cost."""

    text: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None


class NoAnswer(Exception):
    """The AI tutor could not answer."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or cleandoc(type(self).__doc__ or ""))


class TutorDown(NoAnswer):
    """Gemini, which the AI tutor uses, cannot be reached right now."""

    #: Worth another try after a moment.
    again: ClassVar[bool] = True


class KeyRefused(TutorDown):
    """Gemini refused the API key of this service; whoever runs it has to set a valid one."""

    again = False


class ModelUnknown(TutorDown):
    """Gemini does not know the model that this service is set to use."""

    again = False


class RateLimited(TutorDown):
    """The AI tutor has reached the number of questions that Gemini takes in a minute or a day."""

    def __init__(self, retry_after: float) -> None:
        super().__init__()
        self.retry_after = retry_after


class NotTaken(NoAnswer):
    """Gemini did not take this question."""


class Blocked(NoAnswer):
    """Gemini's safety filter stopped this answer."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class Cut(NoAnswer):
    """The answer broke off before its end."""


class Empty(NoAnswer):
    """Gemini gave an answer without text."""
