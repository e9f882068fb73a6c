"""The tests' side of a conversation in lanes: who reads, who answers, and how all of it ends.

A thread of the tests has a lane of its own as long as it lives. What a thread of the student's asks
is answered by a thread that does nothing else. Neither counts among those that a test can see.
"""

from __future__ import annotations

import select
import struct
import sys
import threading
from _thread import get_ident, start_new_thread
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader.remote.final import FINAL, StudentGone, WireError
from grader.wire.conversations import Lanes
from grader.wire.lanes import MARK, MOST, NUMBER, Lane, Own, frames

if TYPE_CHECKING:
    from grader.remote.channel import Channel

_SIZE = struct.Struct("<I")
_CHUNK = 1 << 16
#: For so long a thread may keep the others waiting: with sixty at work, whoever looks at the time
#: has its turn after sixty times as long.
_SLICE_SECONDS = 0.0005
_set_slice = sys.setswitchinterval  # in its place tests may have one that asks the other side
#: In all lanes together, that have come and are not taken up yet.
_MOST_BYTES = 64 << 20


class Conversations(Lanes):
    """Raises StudentGone, StudentTimeout or WireError, in each thread that waits."""

    def __init__(self, channel: Channel, own: Own, answer: Callable[[list[Any]], None]) -> None:
        super().__init__(own)
        self._channel = channel
        self._answer = answer
        #: The other side names lanes, too.
        self._both = False
        self._last = 0
        self._room = threading.Condition(self.mutex)
        #: Lanes of threads that have ended.
        self._ended: list[int] = []
        self._until_asked = False
        self._go = threading.Lock()
        self._go.acquire()
        start_new_thread(self._read, ())

    def open(self, depth: int) -> None:
        super().open(depth)
        self._both = self._channel.both
        if sys.getswitchinterval() > _SLICE_SECONDS:  # a test may have set it to next to nothing
            _set_slice(_SLICE_SECONDS)
        self._go.release()

    def lane_of(self, thread: int) -> Lane:
        lane = self._mine.get(thread)
        if lane is None or not self._serves(lane):
            with self.mutex:
                before = lane
                self._forget_dead()
                lane = self._mine[thread] = self._new_lane()
                if before is not None and not before.number:
                    lane.own = before.own  # the main thread goes on where its alarm called it away
                lane.thread = threading.current_thread()
        if self._until_asked and lane is self._only:
            self._until_asked = False
            self.let(None)
        return lane

    def left(self, lane: Lane) -> None:
        self._room.notify()

    def hush(self) -> None:
        """Nothing of other threads goes on until a test runs, or something is asked again."""
        self._until_asked = False
        self.let(self.lane_of(get_ident()))
        with self.mutex:
            self._forget_dead()

    def rest(self) -> None:
        self._until_asked = self._only is not None

    def patience(self, lane: Lane) -> float | None:
        return self._may_wait(endless=lane.idle)

    def _may_wait(self, *, endless: bool) -> float | None:
        try:
            return self._channel.patience(endless=endless)
        except FINAL:
            self.wake()
            raise

    def transmit(self, frame: bytes) -> None:
        ended, self._ended = self._ended, []
        for number in ended:
            self._send(NUMBER.pack(number))
        self._send(frame)

    def end(self, error: BaseException) -> None:
        """For all who wait, and for all who ask from now on."""
        with self.mutex:
            self._channel.closed = self._channel.closed or error
            self._room.notify_all()
            self.wake()

    def _send(self, data: bytes) -> None:
        frame = _SIZE.pack(len(data)) + data
        while frame:
            try:
                frame = frame[self._channel.sock.send(frame) :]
            except BlockingIOError:
                self._wait_to_send()
            except OSError:
                error = StudentGone()
                self.end(error)
                raise error from None

    def _wait_to_send(self) -> None:
        poll = select.poll()
        poll.register(self._channel.sock, select.POLLOUT)
        with self.mutex:
            seconds = self._may_wait(endless=False)
        poll.poll(None if seconds is None else seconds * 1000)

    def _new_lane(self) -> Lane:
        """With the mutex. Beyond the most that there are, one that is not at work changes hands."""
        while True:
            ours = [lane for number, lane in self.table.items() if number > 0]
            if len(ours) < MOST:
                self._last += 1
                return self.add(self._last)
            free = next((lane for lane in ours if not self.is_busy(lane)), None)
            if free is not None:
                self._mine = {key: lane for key, lane in self._mine.items() if lane is not free}
                return free
            self._room.wait(self._may_wait(endless=False))

    def _forget_dead(self) -> None:
        for thread, lane in list(self._mine.items()):
            if not self._serves(lane):
                del self._mine[thread]
                if lane.number and lane.lost is None:  # else its call may go on over there
                    del self.table[lane.number]
                    self._ended.append(lane.number)

    def _serves(self, lane: Lane) -> bool:
        """Whether its thread is there, and can go on with it."""
        if lane.lost is not None and not (lane.depth or lane.beside):
            return False
        return lane.thread is None or lane.thread.is_alive()

    def _read(self) -> None:
        self._go.acquire()
        error: BaseException = StudentGone()
        try:
            self._read_on()
        except FINAL as final:
            error = final
        except BaseException as other:
            error = WireError(type(other).__name__)
        self.end(error)

    def _read_on(self) -> None:
        channel, own = self._channel, self._channel.sock.fileno()
        poll = select.poll()
        for descriptor in (own, *channel.output.descriptors):
            poll.register(descriptor, select.POLLIN)
        self._take_apart(channel.received)
        while channel.closed is None:
            for descriptor, _ in poll.poll():
                if descriptor == own:
                    self._get()
                elif not self._print(descriptor):
                    poll.unregister(descriptor)

    def _print(self, descriptor: int) -> bool:
        with self.mutex:
            return self._channel.closed is None and (
                self._channel.output.read(descriptor) is not False
            )

    def _get(self) -> None:
        try:
            chunk = self._channel.sock.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            raise StudentGone
        self._channel.received += chunk
        self._take_apart(self._channel.received)

    def _take_apart(self, received: bytearray) -> None:
        try:
            for data in frames(received, self._channel.largest + NUMBER.size):
                self._sort(data)
        except OverflowError:
            raise WireError("frame too large") from None

    def _sort(self, data: bytes) -> None:
        if self._both and len(data) < NUMBER.size:
            raise WireError("malformed message")
        if self._both:
            self._arrive(NUMBER.unpack_from(data)[0], data[NUMBER.size :])
        elif data == MARK:
            self._both = True
        else:
            self._arrive(0, data)

    def _arrive(self, number: int, data: bytes) -> None:
        with self.mutex:
            lane = self.table.get(number)
            if lane is None and -MOST <= number < 0:
                lane = self._asking(number)
            if lane is None or (lane.lost is None and not lane.may_take()):
                raise WireError("an answer that nobody waits for")
            if self.waiting > _MOST_BYTES:
                raise WireError("more than is taken up")
            self.deliver(lane, data)

    def _asking(self, number: int) -> Lane:
        """A lane for what a thread of the student's asks, and who answers."""
        lane = self.add(number)
        lane.expects = lane.idle = True
        try:
            start_new_thread(self._serve, (lane,))
        except RuntimeError:
            raise WireError("too many questions at once") from None
        return lane

    def _serve(self, lane: Lane) -> None:
        with self.mutex:
            self._mine[get_ident()] = lane
        try:
            self.enter()
            while True:
                lane.idle = True
                self._answer(self._channel.receive())
        except FINAL:
            return
        except BaseException as error:
            self.end(WireError(type(error).__name__))
