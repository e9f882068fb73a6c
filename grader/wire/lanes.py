"""Lanes: several conversations over one connection, one for each thread that takes part."""

from __future__ import annotations

import math
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

#: The last message of a side that names no lane: `["lanes"]`.
MARK = b"\x91\xa5lanes"
#: Before what each later message holds. From 0 on lanes are of threads of the tests, below of the
#: student's.
NUMBER = struct.Struct("<i")
_SIZE = struct.Struct("<I")
#: Lanes of each of both sides that are at work at once.
MOST = 64
#: In the student's process: those of the tests, and who reads.
MOST_THREADS = MOST + 1
KEPT = frozenset({"twins", "alias", "describe", "environment", "arguments", "log", "log_level"})
KEPT |= {"draw", "patch", "unpatch", "files", "changed_files"}
#: Answers that may wait in one lane: what was told by the way, and the answer itself.
_MOST_WAITING = 2

#: Attributes that each lane has for itself, with what they are at first.
Own = list[tuple[Any, str, Callable[[], Any]]]


def frames(received: bytearray, most: float = math.inf) -> Iterator[bytes]:
    """Take out those that are there as a whole; OverflowError where one is said to be larger."""
    while len(received) >= _SIZE.size:
        (size,) = _SIZE.unpack_from(received)
        if size > most:
            raise OverflowError
        whole = _SIZE.size + size
        if len(received) < whole:
            return
        data = bytes(received[_SIZE.size : whole])
        del received[:whole]
        yield data


class Lane:
    def __init__(self, number: int, mutex: threading.Lock, own: list[Any]) -> None:
        self.number = number
        self.changed = threading.Condition(mutex)
        self.frames: deque[bytes] = deque()
        self.depth = self.beside = 0
        self.own = own
        #: A message may come.
        self.expects = False
        self.keeps = False
        #: By what whoever waited was called away: a signal's handler. What comes is for nobody.
        self.lost: BaseException | None = None
        #: Nobody is waiting for what comes next.
        self.idle = False
        self.thread: threading.Thread | None = None

    def may_take(self) -> bool:
        return self.expects and len(self.frames) < _MOST_WAITING


def thread_of(number: int) -> threading.Thread | None:
    """None for one that Python does not count as a thread."""
    return next((t for t in threading.enumerate() if t.ident == number), None)
