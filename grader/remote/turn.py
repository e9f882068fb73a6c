"""Whose turn it is to talk to the student's process."""

from __future__ import annotations

import threading


class Turn:
    """A lock that its holder may take again, and may hand to a helper thread it waits for."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._changed = threading.Condition(self._mutex)
        self._waiting = 0
        self._owner: int | None = None
        self._depth = 0

    def __enter__(self) -> None:
        me = threading.get_ident()
        with self._mutex:
            while self._owner not in (None, me):
                self._waiting += 1
                self._changed.wait()
                self._waiting -= 1
            self._owner = me
            self._depth += 1

    def __exit__(self, *_: object) -> None:
        with self._mutex:
            self._depth -= 1
            if self._depth == 0:
                self._owner = None
                if self._waiting:
                    self._changed.notify()

    def hand_over(self, thread: int | None) -> None:
        with self._mutex:
            if self._owner is not None:
                self._owner = thread
                self._changed.notify_all()
