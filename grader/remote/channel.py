"""The wire to the student's process: frames one way and the other, and what it prints."""

from __future__ import annotations

import math
import os
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from grader.wire.codec import Codec, CodecError

_CHUNK = 1 << 16
_CORES = os.cpu_count() or 1
#: Seconds between two looks at the processor time of a process that is near its limit.
_SHORTEST_LOOK = 0.005


class StudentGone(BaseException):
    """The student's process ended in the middle of a call."""


class StudentTimeout(BaseException):
    """The time limit was reached while the student's code was running."""


class WireError(BaseException):
    """The student's process sent something that is no answer."""


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
        self._new, self._out, self._err = bytearray(), bytearray(), bytearray()

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
        except BlockingIOError:
            return None
        if not data:
            return False
        self.cut = self.cut or len(data) > self._left
        data = data[: self._left]
        self._left -= len(data)
        self._new += data
        (self._err if descriptor == self._error_stream else self._out).extend(data)
        return True

    def take(self) -> Printed:
        if not self._new:
            return _NOTHING
        parts = (self._new, self._out, self._err)
        printed = Printed(*(part.decode("utf-8", "replace") for part in parts))
        for part in parts:
            part.clear()
        return printed


class Turn:
    """A lock that its holder may take again, and may hand to a helper thread it waits for."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._owner: int | None = None
        self._depth = 0

    def __enter__(self) -> None:
        me = threading.get_ident()
        with self._changed:
            while self._owner not in (None, me):
                self._changed.wait()
            self._owner = me
            self._depth += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._depth -= 1
            if self._depth == 0:
                self._owner = None
                self._changed.notify()

    def hand_over(self, thread: int | None) -> None:
        with self._changed:
            if self._owner is not None:
                self._owner = thread
                self._changed.notify_all()


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
        self._received = bytearray()
        sock.setblocking(False)
        self._events = select.POLLIN
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        for descriptor in output.descriptors:
            self._poll.register(descriptor, select.POLLIN)

    def watch(self, cpu: Callable[[], float], limit: float) -> None:
        """End the conversation when the process has used `limit` seconds, as `cpu` measures it."""
        self._cpu, self._cpu_limit = cpu, limit

    def send(self, message: list[Any]) -> None:
        data = self._codec.encode(message)
        self._check()
        frame = memoryview(struct.pack("<I", len(data)) + data)
        while frame:
            try:
                frame = frame[self._sock.send(frame) :]
            except BlockingIOError:
                self._wait(select.POLLIN | select.POLLOUT)
            except OSError:
                self._fail(StudentGone())

    def receive(self) -> list[Any]:
        self._check()
        (size,) = struct.unpack("<I", self._read(4))
        if size > self._codec.max_decode:
            self._fail(WireError("frame too large"))
        try:
            message = self._codec.decode(self._read(size))
        except CodecError as error:
            self._fail(WireError(str(error)))
        if type(message) is not list or not message or type(message[0]) is not str:
            self._fail(WireError("malformed message"))
        return message

    def drain(self) -> Printed:
        """What was printed up to now."""
        for descriptor, _ in self._output.waiting():
            while (more := self._output.read(descriptor)) is not None:
                if not more:
                    self._forget(descriptor)
                    break
        return self._output.take()

    def _forget(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        self._output.forget(descriptor)

    def _read(self, size: int) -> bytes:
        while len(self._received) < size:
            self._wait(select.POLLIN)
            try:
                chunk = self._sock.recv(_CHUNK)
            except BlockingIOError:
                continue
            except OSError:
                chunk = b""
            if not chunk:
                self._fail(StudentGone())
            self._received += chunk
        data = bytes(self._received[:size])
        del self._received[:size]
        return data

    def _wait(self, events: int) -> None:
        """Until the socket is ready for `events`; printed text is read meanwhile."""
        if events != self._events:
            self._events = events
            self._poll.modify(self._sock, events)
        while True:
            left = self.deadline - time.monotonic()
            # With several threads the processor time passes faster than the time of day.
            look = max(_SHORTEST_LOOK, (self._cpu_limit - self._cpu()) / _CORES)
            if left <= 0 or (look == _SHORTEST_LOOK and self._cpu() >= self._cpu_limit):
                self._fail(StudentTimeout())
            ready = self._poll.poll(min(left, look) * 1000)
            mine = False
            for descriptor, _ in ready:
                if descriptor == self._sock.fileno():
                    mine = True
                elif self._output.read(descriptor) is False:
                    self._forget(descriptor)
            if mine:
                return

    def _check(self) -> None:
        if self.closed is not None:
            raise type(self.closed)(*self.closed.args)

    def _fail(self, error: BaseException) -> NoReturn:
        self.closed = error
        raise error
