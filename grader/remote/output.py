"""What the student's process prints, read as it comes."""

from __future__ import annotations

import os
import select
from typing import NamedTuple

_CHUNK = 1 << 16


class Printed(NamedTuple):
    """In the order in which it came; then what went to each of the two streams."""

    text: str
    out: str
    err: str


NOTHING = Printed("", "", "")


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
            return NOTHING
        parts = (self.new, self._out, self._err)
        printed = Printed(*(part.decode("utf-8", "replace") for part in parts))
        for part in parts:
            part.clear()
        return printed
