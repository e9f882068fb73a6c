"""Whose turn it is to talk over the connection, and to work on what belongs to it."""

from __future__ import annotations

import threading
from _thread import get_ident
from collections.abc import Callable
from time import sleep
from typing import Any, Generic, TypeVar

from grader.wire.conversations import Lanes

_PAUSE_SECONDS = 0.001
_Many = TypeVar("_Many", bound=Lanes)


class Turn(Generic[_Many]):
    """As long as one thread talks there is nothing to guard, and it is only known who that is.

    With a second one each gets a lane, for good. Nothing is called between a look at `lanes` and
    what is done about it, so that no other thread comes in between.
    """

    def __init__(self, many: Callable[[], _Many], begin: Callable[[_Many], None]) -> None:
        """`many` prepares for lanes, and `begin` tells the other side of them."""
        self.lanes: _Many | None = None
        #: How deep the one thread is in code of the grader; 0 while that of others runs.
        self.depth = 0
        self._owner: int | None = None
        self._many, self._begin = many, begin
        self._parting = threading.Lock()
        self._ready: _Many | None = None

    def __enter__(self) -> None:
        me = get_ident()
        if self.lanes is None and me == self._owner:
            self.depth += 1
        elif self.lanes is None and self._owner is None:
            self._owner, self.depth = me, 1
        else:
            self.part().enter()

    def __exit__(self, *_: object) -> None:
        if self.lanes is None:
            self.depth -= 1
        else:
            self.lanes.leave()

    def outside(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Run code of the tests or of the student: meanwhile others may have their turn."""
        if self.lanes is not None:
            return self.lanes.outside(work, args, kwargs)
        depth, self.depth = self.depth, 0
        try:
            return work(*args, **kwargs)
        finally:
            if self.lanes is None:
                self.depth = depth
            else:
                self.lanes.again(depth)

    def hand_over(self, thread: int | None, of: int | None = None) -> None:
        """To a thread that acts for another: for the main thread, if it is not told."""
        if self.lanes is None:
            self._owner = thread
        elif thread is not None:
            main = threading.main_thread().ident or 0
            self.lanes.hand_over(thread, main if of is None else of)

    def part(self) -> _Many:
        """From now on each thread has its lane. Raises RuntimeError where no thread can start."""
        while self.lanes is None:
            if self.depth and get_ident() != self._owner:
                sleep(_PAUSE_SECONDS)  # until the one thread is not in the middle of something
                continue
            with self._parting:
                if self.lanes is None:
                    self._part()
        return self.lanes

    def _part(self) -> None:
        lanes = self._ready = self._ready or self._many()
        lanes.begin(self._owner or get_ident())
        mine = get_ident() == self._owner
        if mine or not self.depth:
            self.lanes, depth = lanes, self.depth
            try:
                self._begin(lanes)
            finally:
                lanes.open(depth)
