"""Whose turn it is to talk to the student's process."""

from __future__ import annotations

from grader.remote.lanes import Conversations
from grader.wire import turn


class Turn(turn.Turn[Conversations]):
    def hush(self) -> None:
        """What other threads ask waits until a test runs, or this one asks again after `rest`."""
        if self.lanes is not None:
            self.lanes.hush()

    def rest(self) -> None:
        if self.lanes is not None:
            self.lanes.rest()

    def resume(self) -> None:
        if self.lanes is not None:
            self.lanes.let(None)
