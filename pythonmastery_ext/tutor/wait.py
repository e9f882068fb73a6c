"""When to ask Gemini again: the wait that it asks for, and a breaker."""

import time
from collections.abc import Callable, Mapping
from typing import Any

#: A longer wait than this is not believed: the next question after it finds out.
LONGEST_REST = 300.0


def asked_wait(headers: Mapping[str, str], details: Any) -> float | None:
    """Seconds, from `Retry-After` or the error's RetryInfo; the longer of the two."""
    error = details.get("error", details) if isinstance(details, Mapping) else {}
    infos = error.get("details", []) if isinstance(error, Mapping) else []
    told = [
        headers.get("Retry-After", ""),
        *(
            str(info.get("retryDelay", "")).removesuffix("s")
            for info in (infos if isinstance(infos, list) else [])
            if isinstance(info, Mapping)
        ),
    ]
    waits = (_seconds(text) for text in told)
    return max((wait for wait in waits if wait is not None), default=None)


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


class Breaker:
    """After `failures` in a row Gemini is left alone for `seconds`; then one failure is enough."""

    def __init__(
        self,
        failures: int = 3,
        seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures = failures
        self._seconds = seconds
        self._clock = clock
        self._in_a_row = 0
        self._until = 0.0
        #: The last failure, in a sentence; null while it works.
        self.why: str | None = None

    def rest(self) -> float:
        """Seconds for which Gemini is still left alone; 0 if it may be asked."""
        return max(0.0, self._until - self._clock())

    def worked(self) -> None:
        self._in_a_row = 0
        self.why = None

    def failed(self, why: str, retry_after: float | None = None) -> None:
        self._in_a_row += 1
        self.why = why
        rest = retry_after or 0.0
        if self._in_a_row >= self._failures:
            rest = max(rest, self._seconds)
        self._until = self._clock() + min(rest, LONGEST_REST)
