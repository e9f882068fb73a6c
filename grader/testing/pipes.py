"""Pipes to the student's file as a program that waits: the test types, reads, and types again.

The program runs in a thread that has its turn only while the test waits for it.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from grader.remote.channel import Turn
from grader.remote.starting import Helper


class Typed(io.TextIOBase):
    """Standard input as the test has it, and as the program reads it."""

    def __init__(self, pause: Callable[[], None]) -> None:
        self._pause = pause
        self._text = ""
        self.ended = False

    def write(self, data: Any) -> int:
        if self.ended:
            raise ValueError("write to closed file")
        self._text += data.decode() if isinstance(data, bytes | bytearray) else data
        return len(data)

    def close(self) -> None:
        self.ended = True

    def is_enough(self) -> bool:
        """For a program that waits for a line, or for all."""
        return self.ended or "\n" in self._text

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        while "\n" not in self._text and not self.ended:
            self._pause()
        line, end, self._text = self._text.partition("\n")
        return line + end

    def read(self, size: int | None = -1, /) -> str:
        while not self.ended:
            self._pause()
        text, self._text = self._text, ""
        return text


class Shown:
    """What the program prints, as far as it has come; asked for more, it goes on."""

    def __init__(self, more: Callable[[], bool], source: io.StringIO, *, text: bool) -> None:
        self._more, self._source, self._is_text = more, source, text
        self._place = 0
        self.closed = False

    def _take(self, end: int) -> Any:
        text = self._source.getvalue()[self._place : end]
        self._place += len(text)
        return text if self._is_text else text.encode()

    def readline(self) -> Any:
        while (end := self._source.getvalue().find("\n", self._place)) < 0:
            if not self._more():
                return self.read()
        return self._take(end + 1)

    def read(self, size: int = -1) -> Any:
        if size < 0:
            while self._more():
                pass
            return self._take(len(self._source.getvalue()))
        while len(self._source.getvalue()) < self._place + size and self._more():
            pass
        return self._take(self._place + size)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.readline, "" if self._is_text else b"")

    def readlines(self) -> list[Any]:
        return list(self)

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Shown:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Talk:
    """A program and a test by turns."""

    def __init__(self, lock: Turn, run: Callable[[], None]) -> None:
        """`lock`: of the session, which is the test's while the program waits."""
        self._lock, self._run = lock, run
        self._thread: threading.Thread | None = None
        self._waits, self._may_go_on = threading.Event(), threading.Event()
        self._outside = _streams()
        self._error: BaseException | None = None

    def go_on(self) -> None:
        """Until the program wants what has not been typed, or has ended; raises what it raised."""
        self._outside = _streams()
        if self._thread is None:
            self._thread = Helper(target=self._live, daemon=True)
            self._thread.start()
        else:
            self._lock.hand_over(self._thread.ident)
            self._may_go_on.set()
        self._waits.wait()
        self._waits.clear()
        if self._error is not None:
            raise self._error

    def pause(self) -> None:
        """In the program's thread."""
        own = _streams()
        _put(self._outside)
        self._lock.hand_over(threading.main_thread().ident)
        self._waits.set()
        self._may_go_on.wait()
        self._may_go_on.clear()
        _put(own)

    def _live(self) -> None:
        self._lock.hand_over(threading.get_ident())  # another program may wait for ever
        try:
            self._run()
        except BaseException as error:
            self._error = error
        finally:
            self._lock.hand_over(threading.main_thread().ident)
            self._waits.set()


def _streams() -> tuple[Any, ...]:
    return sys.argv, sys.stdin, sys.stdout, sys.stderr


def _put(streams: tuple[Any, ...]) -> None:
    sys.argv, sys.stdin, sys.stdout, sys.stderr = streams
