"""The student's side of a conversation in lanes: each thread of the test has a thread here."""

from __future__ import annotations

import os
import socket
import struct
import threading
from _thread import get_ident, start_new_thread
from collections.abc import Callable
from time import sleep
from typing import Any

from grader.wire.conversations import Lanes
from grader.wire.lanes import MARK, MOST, NUMBER, Lane, Own, frames

_SIZE = struct.Struct("<I")
_CHUNK = 1 << 16
#: Of a thread of the test; those of the student's are of the usual size.
_STACK = 1 << 20
_PAUSE_SECONDS = 0.001


class LaneEnded(BaseException):
    """The thread of the test is no more."""


class Conversations(Lanes):
    def __init__(
        self,
        sock: socket.socket,
        received: bytearray,
        own: Own,
        both: Callable[[], bool],
    ) -> None:
        """`both`: whether the tests name lanes."""
        super().__init__(own)
        self._sock, self._received = sock, received
        self._have_both, self._both = both, False
        #: Answers what comes in the lane of the thread that runs, for ever.
        self.serve: Callable[[], Any] = lambda: None
        #: Says there that it has no thread.
        self.refuse: Callable[[], Any] = lambda: None
        #: Lanes that no question of a student's thread is open in; the one used last comes last.
        self._free = list(range(-1, -MOST - 1, -1))
        self._room = threading.Condition(self.mutex)
        #: By thread, the lane of its last question.
        self._last = threading.local()
        self._threads: list[threading.Thread] = []
        self._go = threading.Lock()
        self._go.acquire()
        start_new_thread(self._read, ())

    def open(self, depth: int) -> None:
        super().open(depth)
        self._both = self._have_both()
        self._go.release()

    def lane_of(self, thread: int) -> Lane:
        lane = self._mine.get(thread)
        if lane is not None:
            return lane
        with self.mutex:
            while not self._free:
                self._room.wait()
            wanted = getattr(self._last, "number", 0)
            number = wanted if wanted in self._free else self._free[0]
            self._free.remove(number)
            lane = self._mine[thread] = self.table.get(number) or self.add(number)
        self._last.number = number
        return lane

    def left(self, lane: Lane) -> None:
        if lane.number < 0:
            del self._mine[get_ident()]
            self._free.append(lane.number)
            self._room.notify()

    def transmit(self, frame: bytes) -> None:
        self._sock.sendall(_SIZE.pack(len(frame)) + frame)

    def _read(self) -> None:
        try:
            self._go.acquire()
            while True:
                self._take_apart(self._received)
                chunk = self._sock.recv(_CHUNK)
                if not chunk:
                    break
                self._received += chunk
        finally:
            os._exit(0)

    def _take_apart(self, received: bytearray) -> None:
        for data in frames(received):
            if self._both:
                self._arrive(NUMBER.unpack_from(data)[0], data[NUMBER.size :])
            elif data == MARK:
                self._both = True
            else:
                self._arrive(0, data)

    def _arrive(self, number: int, data: bytes) -> None:
        lane = self.table.get(number) or (self._start(number) if data else None)
        if lane is None:
            if data:
                self._refuse(number)
            return
        with self.mutex:
            if not data:
                del self.table[number]
            self.deliver(lane, data)

    def _start(self, number: int) -> Lane | None:
        with self.mutex:
            lane = self.add(number)
        while len(alive := [thread for thread in self._threads if thread.is_alive()]) >= MOST:
            sleep(_PAUSE_SECONDS)  # those of lanes that have ended will end soon
        thread = threading.Thread(target=self._run, args=(lane,), daemon=True)
        self._threads = [*alive, thread]
        before = threading.stack_size(_STACK)
        try:
            thread.start()
        except RuntimeError:
            return None
        finally:
            threading.stack_size(before)
        return lane

    def _run(self, lane: Lane) -> None:
        with self.mutex:
            self._mine[get_ident()] = lane
        self.enter()
        try:
            while True:
                self.serve()
        except LaneEnded:
            with self.mutex:
                self._let_go(lane)
                del self._mine[get_ident()]
        except BaseException:
            os._exit(97)

    def _refuse(self, number: int) -> None:
        with self.mutex:
            del self.table[number]
            me = get_ident()
            self._mine[me] = Lane(number, self.mutex, [fresh() for *_, fresh in self._own])
        self.enter()
        self.refuse()
        self.leave()
