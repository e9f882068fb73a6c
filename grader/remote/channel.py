"""The wire to the student's process: frames one way and the other, and what it prints."""

from __future__ import annotations

import math
import os
import select
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any, NamedTuple, NoReturn

from grader.remote.turn import Turn as Turn
from grader.wire.codec import Codec, CodecError

_CHUNK = 1 << 16
_CORES = os.cpu_count() or 1
_SIZE = struct.Struct("<I")
#: Seconds between two looks at the processor time of a process that is near its limit.
_SHORTEST_LOOK = 0.005


class StudentGone(BaseException):
    """The student's process ended in the middle of a call."""


class StudentTimeout(BaseException):
    """The time limit was reached while the student's code was running."""


class WireError(BaseException):
    """The student's process sent something that is no answer."""


#: After one of these the student's process is gone.
FINAL = (StudentGone, StudentTimeout, WireError)


@dataclass(frozen=True)
class Trace:
    """Where in the student's code an exception came from."""

    line: int | None
    text: str | None
    traceback: str


class Printed(NamedTuple):
    """In the order in which it came; then what went to each of the two streams."""

    text: str
    out: str
    err: str


_NOTHING = Printed("", "", "")


class Output:
    """What the student's process printed: kept up to a cap, and read on so that it never stalls."""

    def __init__(self, descriptors: list[int], cap: int) -> None:
        self.follow(descriptors)
        self._left = cap
        #: Something was printed that is not kept.
        self.cut = False
        self.new, self._out, self._err = bytearray(), bytearray(), bytearray()

    def follow(self, descriptors: list[int]) -> None:
        """From now on read these, of another process, under the same cap."""
        self.descriptors = descriptors
        self._error_stream = descriptors[-1] if descriptors else -1
        self._poll = select.poll()
        for descriptor in descriptors:
            self._poll.register(descriptor, select.POLLIN)

    def forget(self, descriptor: int) -> None:
        self.descriptors = [d for d in self.descriptors if d != descriptor]
        self._poll.unregister(descriptor)

    def waiting(self) -> list[tuple[int, int]]:
        """Those with something to read, or at their end, as `poll` tells them."""
        return self._poll.poll(0)

    def read(self, descriptor: int) -> bool | None:
        """Take what is there; None if there is nothing now, False at the end of the pipe."""
        try:
            data = os.read(descriptor, _CHUNK)
        except OSError as error:  # or a test has closed it, by a number of the student's
            return None if isinstance(error, BlockingIOError) else False
        if not data:
            return False
        self.cut = self.cut or len(data) > self._left
        data = data[: self._left]
        self._left -= len(data)
        self.new += data
        (self._err if descriptor == self._error_stream else self._out).extend(data)
        return True

    def take(self) -> Printed:
        if not self.new:
            return _NOTHING
        parts = (self.new, self._out, self._err)
        printed = Printed(*(part.decode("utf-8", "replace") for part in parts))
        for part in parts:
            part.clear()
        return printed


class Channel:
    """One request at a time. Raises StudentGone, StudentTimeout or WireError, all final."""

    def __init__(self, sock: socket.socket, output: Output, codec: Codec, deadline: float) -> None:
        self._sock = sock
        self._output = output
        self._codec = codec
        self.deadline = deadline
        self.closed: BaseException | None = None
        self.lock = Turn()
        self._cpu: Callable[[], float] = lambda: 0.0
        self._cpu_limit = math.inf
        #: Seconds of time of day before which the process cannot have used up its limit.
        self._look_at = 0.0
        self._received = bytearray()
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
        frame = _SIZE.pack(len(data)) + data
        while frame:
            try:
                sent = self._sock.send(frame)
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
        try:
            message = self._codec.decode(self._frame())
        except CodecError as error:
            self._fail(WireError(str(error)))
        if type(message) is not list or not message or type(message[0]) is not str:
            self._fail(WireError("malformed message"))
        return message

    def drain(self, *, up_to_now: bool = True) -> Printed:
        """What was printed, up to now or to the last message: it is sent after what is printed."""
        if self._quiet and not up_to_now:
            return self._output.take() if self._output.new else _NOTHING
        for descriptor, _ in self._output.waiting():
            while (more := self._output.read(descriptor)) is not None:
                if not more:
                    self._forget(descriptor)
                    break
        return self._output.take()

    def _forget(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        self._output.forget(descriptor)

    def _frame(self) -> bytes:
        received, whole = self._received, _SIZE.size
        while True:
            if len(received) >= _SIZE.size:
                (size,) = _SIZE.unpack_from(received)
                if size > self._codec.max_decode:
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
            chunk = self._sock.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            self._fail(StudentGone())
        self._received += chunk

    def _wait(self, events: int) -> None:
        """Until the socket is ready for `events`; printed text is read meanwhile."""
        if events != self._events:
            self._events = events
            self._poll.modify(self._sock, events)
        while True:
            now = monotonic()
            if now >= self._look_at:
                self._look_at = now + self._look()
            if now >= self.deadline:
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
            elif self._output.read(descriptor) is False:
                self._forget(descriptor)
        return mine

    def _look(self) -> float:
        """For so many seconds the process cannot use up its processor time."""
        left = self._cpu_limit - self._cpu()
        if left <= 0:
            self._fail(StudentTimeout())
        # With several threads it passes faster than the time of day.
        return max(_SHORTEST_LOOK, left / _CORES)

    def _check(self) -> None:
        if self.closed is not None:
            raise type(self.closed)(*self.closed.args)

    def _fail(self, error: BaseException) -> NoReturn:
        self.closed = error
        raise error
