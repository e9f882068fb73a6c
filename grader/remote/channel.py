"""The wire to the student's process: frames one way and the other, and what it prints."""

from __future__ import annotations

import contextlib
import math
import os
import select
import socket
import struct
from collections.abc import Callable
from time import monotonic
from typing import Any, NoReturn

from grader.remote.final import StudentGone, StudentTimeout, WireError
from grader.remote.lanes import Conversations
from grader.remote.output import NOTHING, Printed
from grader.remote.output import Output as Output
from grader.remote.turn import Turn as Turn
from grader.wire.codec import Codec, CodecError
from grader.wire.lanes import KEPT, MARK, Own

_CHUNK = 1 << 16
_CORES = os.cpu_count() or 1
_SIZE = struct.Struct("<I")
#: Seconds between two looks at the processor time of a process that is near its limit.
_SHORTEST_LOOK = 0.005


class Channel:
    """One request at a time, in each lane. Raises what is final."""

    def __init__(self, sock: socket.socket, output: Output, codec: Codec, deadline: float) -> None:
        self.sock = sock
        self.output = output
        self._codec = codec
        #: Bytes of one message.
        self.largest = codec.max_decode
        self.deadline = deadline
        self.closed: BaseException | None = None
        self.lock = Turn(self._lanes, self._tell_of_lanes)
        #: For lanes: what each has for itself, who answers what is asked in one, and whether the
        #: other side has them already.
        self.own: Callable[[], Own] = list
        self.answer: Callable[[list[Any]], None] = self._unanswered
        self.both = False
        self._cpu: Callable[[], float] = lambda: 0.0
        self._cpu_limit = math.inf
        #: Seconds of time of day before which the process cannot have used up its limit.
        self._look_at = 0.0
        self.received = bytearray()
        #: Nothing was waiting to be read when the last message came.
        self._quiet = False
        sock.setblocking(False)
        self._own = sock.fileno()
        self._events = select.POLLIN
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        for descriptor in output.descriptors:
            self._poll.register(descriptor, select.POLLIN)

    def watch(self, cpu: Callable[[], float], limit: float) -> None:
        """End the conversation when the process has used `limit` seconds, as `cpu` measures it."""
        self._cpu, self._cpu_limit, self._look_at = cpu, limit, 0.0

    def send(self, message: list[Any]) -> None:
        data = self._codec.encode(message)
        if self.closed is not None:
            self._check()
        if self.lock.lanes is None:
            self._send(data)
        else:
            self.lock.lanes.send(data, kept=message[0] in KEPT)

    def _send(self, data: bytes) -> None:
        frame = _SIZE.pack(len(data)) + data
        while frame:
            try:
                sent = self.sock.send(frame)
                if sent == len(frame):
                    return
                frame = frame[sent:]
            except BlockingIOError:
                self._wait(select.POLLIN | select.POLLOUT)
            except OSError:
                self._fail(StudentGone())

    def receive(self) -> list[Any]:
        if self.closed is not None:
            self._check()
        self._quiet = False
        lanes = self.lock.lanes
        frame = self._frame() if lanes is None else lanes.receive()
        try:
            message = self._codec.decode(frame)
        except CodecError as error:
            self._fail(WireError(str(error)))
        if type(message) is not list or not message or type(message[0]) is not str:
            self._fail(WireError("malformed message"))
        if lanes is not None and message[0] != "given":
            lanes.taken()
        return message

    def part(self) -> None:
        """The other side has more than one thread: here, too, each has a lane from now on."""
        self.both = True
        self.lock.part()

    def _lanes(self) -> Conversations:
        return Conversations(self, self.own(), self.answer)

    def _tell_of_lanes(self, _: Conversations) -> None:
        self._send(MARK)

    def _unanswered(self, _: list[Any]) -> None:
        self._fail(WireError("unknown question"))

    def leave(self) -> None:
        """Nothing that comes from there is of use any more."""
        if self.lock.lanes is not None:
            self.lock.lanes.end(StudentGone())
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def drain(self, *, up_to_now: bool = True) -> Printed:
        """What was printed, up to now or to the last message: it is sent after what is printed."""
        if self.lock.lanes is not None:
            with self.lock.lanes.mutex:
                return self._drain()
        if self._quiet and not up_to_now:
            return self.output.take() if self.output.new else NOTHING
        return self._drain()

    def _drain(self) -> Printed:
        for descriptor, _ in self.output.waiting():
            while (more := self.output.read(descriptor)) is not None:
                if not more:
                    self._forget(descriptor)
                    break
        return self.output.take()

    def _forget(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        self.output.forget(descriptor)

    def _frame(self) -> bytes:
        received, whole = self.received, _SIZE.size
        while True:
            if len(received) >= _SIZE.size:
                (size,) = _SIZE.unpack_from(received)
                if size > self.largest:
                    self._fail(WireError("frame too large"))
                whole = _SIZE.size + size
                if len(received) >= whole:
                    data = bytes(received[_SIZE.size : whole])
                    del received[:whole]
                    return data
            self._take()

    def _take(self) -> None:
        """Some more bytes."""
        self._wait(select.POLLIN)
        try:
            chunk = self.sock.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            self._fail(StudentGone())
        self.received += chunk

    def _wait(self, events: int) -> None:
        """Until the socket is ready for `events`; printed text is read meanwhile."""
        if events != self._events:
            self._events = events
            self._poll.modify(self.sock, events)
        while True:
            now = monotonic()
            if (now >= self._look_at or now >= self.deadline) and self._is_late(now):
                self._fail(StudentTimeout())
            ready = self._poll.poll((min(self.deadline, self._look_at) - now) * 1000)
            self._quiet = len(ready) == 1
            if self._is_mine(ready):
                return

    def _is_mine(self, ready: list[tuple[int, int]]) -> bool:
        mine = False
        for descriptor, _ in ready:
            if descriptor == self._own:
                mine = True
            elif self.output.read(descriptor) is False:
                self._forget(descriptor)
        return mine

    def patience(self, *, endless: bool) -> float | None:
        """For so many seconds a thread may wait; raises what is final."""
        self._check()
        now = monotonic()
        if endless:
            return None
        if (now >= self._look_at or now >= self.deadline) and self._is_late(now):
            self.closed = StudentTimeout()
            raise self.closed
        return min(self.deadline, self._look_at) - now

    def _is_late(self, now: float) -> bool:
        left = self._cpu_limit - self._cpu()
        # For so many seconds the process cannot use up its processor time. With several threads it
        # passes faster than the time of day.
        self._look_at = now + max(_SHORTEST_LOOK, left / _CORES)
        return left <= 0 or now >= self.deadline

    def _check(self) -> None:
        if self.closed is not None:
            raise type(self.closed)(*self.closed.args)

    def _fail(self, error: BaseException) -> NoReturn:
        self.closed = error
        if self.lock.lanes is not None:
            self.lock.lanes.end(error)
        raise error
