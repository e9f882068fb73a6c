"""Tells the tests' side what the student's code logs, where a test listens."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

_MAX_TEXT = 4000
_Logger: Any = logging.Logger


class Logs:
    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = ask
        self._call = _Logger.callHandlers
        self._listening = False

    def listen(self) -> None:
        if self._listening:
            return
        self._listening = True
        _Logger.callHandlers = self._both
        # Warnings go to standard error where no handler is: but now there is one.
        logging.lastResort = None

    def _both(self, *args: Any) -> None:
        # As a bound method in the class it is called with the record alone.
        record = args[-1]
        if logging.root.handlers or logging.getLogger(record.name).handlers:
            self._call(logging.getLogger(record.name), record)
        error = record.exc_info[1] if record.exc_info else None
        text = record.getMessage()[:_MAX_TEXT]
        told = [record.name, record.levelno, text, record.lineno, record.funcName, error]
        self._ask("log", told)

    def set_level(self, name: str, level: int) -> None:
        logging.getLogger(name or None).setLevel(level)
