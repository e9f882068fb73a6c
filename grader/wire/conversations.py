"""Who has the turn among the lanes of one side.

One lane at a time has it, and with it all that the lanes share. It lets go while it waits for a
message, and while code of the tests or of the student runs. Messages are taken up in the order in
which they came: the later one knows more. What is asked by a message of `KEPT` is answered without
any such code, and the turn is kept until then.
"""

from __future__ import annotations

import threading
from _thread import get_ident
from collections import deque
from collections.abc import Callable
from typing import Any

from grader.wire.lanes import NUMBER, Lane, Own, thread_of


class Lanes:
    """What both sides do alike; each knows how a lane is found, and what arrives for which."""

    def __init__(self, own: Own) -> None:
        self.mutex = threading.Lock()
        self.table: dict[int, Lane] = {}
        self._mine: dict[int, Lane] = {}
        self._order: deque[Lane] = deque()
        self._own = own
        #: Until the other side has been told, nobody has the turn.
        self._holder: Lane | None = Lane(0, self.mutex, [])
        self.add(0)
        #: Bytes that have come and are not taken up.
        self.waiting = 0
        #: Only this one gets the turn.
        self._only: Lane | None = None

    def begin(self, owner: int) -> None:
        """The conversation so far is that of lane 0."""
        lane = self.table[0]
        lane.thread = thread_of(owner)
        self._mine = {owner: lane}

    def open(self, depth: int) -> None:
        """The other side has been told; `depth`: of lane 0, which may be in the middle."""
        lane = self.table[0]
        with self.mutex:
            lane.own = self._current()
            lane.depth, lane.expects = depth, depth > 0
            self._holder = lane if depth else None
            self._grant()

    def add(self, number: int) -> Lane:
        lane = Lane(number, self.mutex, [fresh() for _, _, fresh in self._own])
        self.table[number] = lane
        return lane

    def is_busy(self, lane: Lane) -> bool:
        at_work = lane.expects or lane.depth > 0 or lane.beside > 0
        return at_work or lane is self._holder or lane in self._order

    def lane_of(self, thread: int) -> Lane:
        """That of the thread that runs."""
        raise NotImplementedError

    def patience(self, lane: Lane) -> float | None:
        """How long it may wait before it asks again; raises what ends all of it."""
        return None

    def transmit(self, frame: bytes) -> None:
        raise NotImplementedError

    def enter(self) -> None:
        me = get_ident()
        while True:
            lane = self.lane_of(me)
            if self._holder is lane and lane.depth:
                lane.depth += 1
                return
            with self.mutex:
                if self._mine.get(me) is lane:  # else it has changed hands
                    break_off = self._take(lane)
                    lane.depth = 1
                    if break_off is not None:
                        self._let_go(lane)
                        raise break_off
                    return

    def leave(self) -> None:
        lane = self._holder
        if lane is None or lane is not self._mine.get(get_ident()):
            return  # all is over
        lane.depth -= 1
        if not lane.depth:
            with self.mutex:
                self._let_go(lane)
                self.left(lane)

    def left(self, lane: Lane) -> None:
        """With the mutex: one conversation has come to its end."""

    def outside(self, work: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
        lane = self.lane_of(get_ident())
        if self._holder is not lane:
            return work(*args, **kwargs)
        depth = lane.depth
        with self.mutex:
            lane.beside += 1
            self._let_go(lane)
        try:
            return work(*args, **kwargs)
        finally:
            self.again(depth)
            lane.beside -= 1

    def again(self, depth: int) -> None:
        if not depth:
            return
        lane = self.lane_of(get_ident())
        with self.mutex:
            stopped = self._take(lane)
            lane.depth = depth
        if stopped is not None:
            raise stopped

    def send(self, data: bytes, *, kept: bool) -> None:
        lane = self._holder
        if lane is None or lane is not self._mine.get(get_ident()):
            raise RuntimeError("it is not the turn of this thread")
        if lane.lost is not None:
            return
        lane.keeps, lane.expects = kept, True
        self.transmit(NUMBER.pack(lane.number) + data)

    def receive(self) -> bytes:
        lane = self._mine[get_ident()]
        if lane.lost is not None:
            raise lane.lost
        with self.mutex:
            if lane.keeps:
                self._wait_with_turn(lane)
            else:
                self._wait_for_turn(lane)
            data = lane.frames.popleft()
            self.waiting -= len(data)
            return data

    def taken(self) -> None:
        """What came is an answer or a question: now it is this side that has to say something."""
        lane = self._holder
        if lane is not None:
            lane.expects = lane.idle = False

    def deliver(self, lane: Lane, data: bytes) -> None:
        """With the mutex."""
        if lane.lost is not None:
            return
        lane.frames.append(data)
        self.waiting += len(data)
        if lane.keeps and self._holder is lane:
            lane.changed.notify()
        else:
            self._order.append(lane)
            self._grant()

    def hand_over(self, thread: int, of: int) -> None:
        """From now on `thread` acts for that one, or for the one that calls."""
        me = get_ident()
        with self.mutex:
            lane = self._mine.pop(me if me in self._mine else of, None)
            if lane is not None:
                self._mine[thread] = lane
                lane.thread = thread_of(thread)

    def wake(self) -> None:
        """With the mutex: all is over, and everybody has to know."""
        for lane in self.table.values():
            lane.changed.notify_all()

    def let(self, only: Lane | None) -> None:
        """Nobody but this one; None: all of them."""
        with self.mutex:
            self._only = only
            self._grant()

    def _wait_with_turn(self, lane: Lane) -> None:
        while not lane.frames:
            seconds = self.patience(lane)
            try:
                lane.changed.wait(seconds)
            except BaseException as error:
                lane.lost = error
                raise

    def _wait_for_turn(self, lane: Lane) -> None:
        depth = lane.depth
        self._let_go(lane)
        stopped = self._until_its_turn(lane, self._abandon)
        lane.depth = depth
        if stopped is not None:
            raise stopped

    def _abandon(self, lane: Lane, error: BaseException) -> None:
        if lane.lost is None:
            lane.lost = error
            self.waiting -= sum(map(len, lane.frames))
            lane.frames.clear()
            self._order = deque(other for other in self._order if other is not lane)
            if lane is not self._holder:
                self._order.append(lane)
                self._grant()

    def _take(self, lane: Lane) -> BaseException | None:
        """Have the turn; what a signal's handler has raised meanwhile."""
        self._order.append(lane)
        self._grant()
        return self._until_its_turn(lane, lambda *_: None)

    def _until_its_turn(
        self, lane: Lane, stop: Callable[[Lane, BaseException], None]
    ) -> BaseException | None:
        stopped = None
        while self._holder is not lane:
            seconds = self.patience(lane)
            try:
                lane.changed.wait(seconds)
            except BaseException as error:
                stopped = stopped or error
                stop(lane, stopped)
        return stopped

    def _let_go(self, lane: Lane) -> None:
        lane.depth = 0
        lane.own = self._current()
        self._holder = None
        self._grant()

    def _grant(self) -> None:
        if self._holder is not None:
            return
        for lane in self._order:
            if self._only is None or lane is self._only:
                self._order.remove(lane)
                self._holder = lane
                for (owner, name, _), value in zip(self._own, lane.own, strict=True):
                    setattr(owner, name, value)
                lane.changed.notify()
                return

    def _current(self) -> list[Any]:
        return [getattr(owner, name) for owner, name, _ in self._own]
