"""Tells a watch which test is running."""

from __future__ import annotations

from typing import Any

from grader.remote.watching import Watch as Watch
from grader.verdicts.outcome import Listener, Outcome


class Rows:
    """The judge hears all of it."""

    def __init__(self, judge: Any, watch: Watch, key: str, suite: bool) -> None:
        self._judge = judge
        self._watch = watch
        self._key = key
        self._suite = suite

    @property
    def fatal(self) -> bool:
        return bool(self._judge.fatal)

    def announce(self, names: list[str]) -> None:
        self._judge.announce(names)

    def begin(self, name: str) -> None:
        self._judge.begin(name)
        self._watch.begin(f"{self._key}::{name}" if self._suite else self._key)

    def seen(self, error: BaseException) -> None:
        self._judge.seen(error)

    def end(self, outcome: Outcome) -> None:
        self._judge.end(outcome)


def watched(judge: Any, watch: Watch | None, key: str, suite: bool) -> Listener:
    listener: Listener = judge if watch is None else Rows(judge, watch, key, suite)
    return listener
