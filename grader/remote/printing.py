"""What functions of the tests print for the student's code, of each thread by itself."""

from __future__ import annotations

import contextlib
import io
import sys
import threading
from _thread import get_ident
from collections.abc import Iterator
from typing import Any

_SWITCHING = threading.Lock()


class ByThread:
    """Standard output while some threads print into streams of their own."""

    def __init__(self, before: Any) -> None:
        self.before = before
        #: The innermost last.
        self.streams: dict[int, list[io.StringIO]] = {}

    def write(self, text: str) -> int:
        own = self.streams.get(get_ident())
        return int((own[-1] if own else self.before).write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.before, name)


@contextlib.contextmanager
def kept() -> Iterator[io.StringIO]:
    """`redirect_stdout` for this thread alone: by that one, two at a time would never be undone."""
    stream, me = io.StringIO(), get_ident()
    with _SWITCHING:
        if not isinstance(sys.stdout, ByThread):
            sys.stdout = ByThread(sys.stdout)
        out: Any = sys.stdout
        out.streams.setdefault(me, []).append(stream)
    try:
        yield stream
    finally:
        with _SWITCHING:
            out.streams[me].pop()
            if not out.streams[me]:
                del out.streams[me]
            if not out.streams and sys.stdout is out:
                sys.stdout = out.before
