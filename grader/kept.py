"""Runners that have served a suite, and wait for another submission to it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: Of one kernel; each takes some 10 MB with the student's process that it has ready.
MOST = 4
#: Submissions that one of them serves, and how long it waits for each.
_USES = 200
_IDLE_SECONDS = 120.0


@dataclass(eq=False)
class Runner:
    """As the kernel knows it."""

    number: int
    line: socket.socket
    uses: int = 0
    timer: asyncio.TimerHandle | None = None


class Kept:
    """By exact suite; whatever two submissions share is part of it."""

    def __init__(self, end: Callable[[Runner], None]) -> None:
        self._end = end
        #: The least recently used first. Equal suites are mostly the same: told at a glance, while
        #: a hash is made of all their parts each time.
        self._runners: list[tuple[tuple[Any, ...], Runner]] = []

    def take(self, suite: tuple[Any, ...]) -> Runner | None:
        for place, (known, runner) in enumerate(self._runners):
            if known == suite:
                del self._runners[place]
                if runner.timer is not None:
                    runner.timer.cancel()
                return runner
        return None

    def keep(self, suite: tuple[Any, ...], runner: Runner) -> None:
        runner.uses += 1
        if runner.uses >= _USES:
            self._end(runner)
            return
        if len(self._runners) >= MOST:
            self._give_up(self._runners[0][0])
        loop = asyncio.get_running_loop()
        runner.timer = loop.call_later(_IDLE_SECONDS, self._give_up, suite)
        self._runners.append((suite, runner))

    def _give_up(self, suite: tuple[Any, ...]) -> None:
        runner = self.take(suite)
        if runner is not None:
            self._end(runner)

    def clear(self) -> None:
        for suite, _ in list(self._runners):
            self._give_up(suite)
