"""What the student's code logs reaches the handlers of the tests; levels set by a test hold there.

Nothing is carried until a test installs a handler, as `assertLogs` and `caplog` do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.remote.session import Session

_MAX_NAME = 200
_MAX_RECORDS = 10_000
_Handlers: Any = logging.Logger
_SET_LEVEL, _ADD = _Handlers.setLevel, _Handlers.addHandler
_FIELDS = ("name", "level", "text", "line", "function", "error")


class Records:
    """Takes records from the student's process."""

    def __init__(self) -> None:
        self._count = 0

    def take(self, told: Any) -> None:
        if type(told) is not list or len(told) != len(_FIELDS):
            return
        name, level, text, line, function, error = told
        plain = type(name) is str and type(level) is int and type(text) is str
        self._count += 1
        if not plain or len(name) > _MAX_NAME or self._count > _MAX_RECORDS:
            return
        kept = error if isinstance(error, BaseException) else None
        logger = logging.getLogger(name)
        record = logging.LogRecord(
            name,
            level,
            "answer.py",
            line if type(line) is int else 0,
            text,
            (),
            (type(kept), kept, None) if kept is not None else None,
            str(function),
        )
        # Whether it is logged at all was decided by its own logger.
        logger.callHandlers(record)


def follow(current: Callable[[], Session]) -> None:
    def tell(*message: Any) -> None:
        session = current()
        if session.channel.closed is None:
            session.request(*message)

    def set_level(self: Any, level: Any) -> None:
        _SET_LEVEL(self, level)
        tell("log_level", "" if self is logging.root else self.name, self.level)

    def add_handler(self: Any, handler: Any) -> None:
        _ADD(self, handler)
        tell("log", True)

    def set_handlers(self: Any, handlers: Any) -> None:
        # `assertLogs` puts a list in its place.
        self.__dict__["handlers"] = handlers
        if handlers and self.__dict__.get("disabled") is not None:
            tell("log", True)

    def get_handlers(self: Any) -> Any:
        return self.__dict__["handlers"]

    _Handlers.setLevel = set_level
    _Handlers.addHandler = add_handler
    _Handlers.handlers = property(get_handlers, set_handlers)
