"""What a process has beside its memory and its modules, to be compared before and after."""

from __future__ import annotations

import _locale
import atexit
import decimal
import gc
import locale
import logging
import os
import signal
import sys
import threading
import warnings
from typing import Any

from grader.remote import functions, questions

_HOOKS = ("excepthook", "displayhook", "unraisablehook", "breakpointhook")
_SIGNALS = tuple(map(int, signal.valid_signals()))
#: `signal` itself makes members of enums of them, which takes longer than all the rest.
_handler = sys.modules["_signal"].getsignal
_DECIMAL = (decimal.DefaultContext, decimal.BasicContext, decimal.ExtendedContext)


def state() -> dict[str, Any]:
    """What a process has beside its modules, in a form that can be compared."""
    return {
        "the folder": (os.getcwd(), os.listdir()),  # noqa: PTH109, PTH208 - run for each submission
        "the environment": _raw_environment(),
        "the arguments": list(sys.argv),
        "the finders": [list(sys.path), list(sys.meta_path), list(sys.path_hooks)],
        "the streams": [sys.stdin, sys.stdout, sys.stderr],
        "the hooks": [getattr(sys, name) for name in _HOOKS],
        "what traces": [sys.gettrace(), sys.getprofile(), threading.gettrace()],
        "limits": [sys.getrecursionlimit(), sys.getswitchinterval()],
        "garbage": [gc.isenabled(), gc.get_threshold(), len(gc.callbacks), len(gc.garbage)],
        "warnings": [list(warnings.filters), warnings.showwarning, _has_warned()],
        "signals": list(map(_handler, _SIGNALS)),
        "the locale": _locale.setlocale(locale.LC_ALL, None),
        "threads": [threading.active_count(), threading.excepthook],
        "loggers": len(logging.root.manager.loggerDict),
        "the first logger": [logging.root.level, *logging.root.handlers],
        "the decimal contexts": [str(context) for context in (*_DECIMAL, decimal.getcontext())],
        "what runs at the end": atexit._ncallbacks(),
        "handles": len(functions.WRAPPED._known),
    }


def _has_warned() -> bool:
    """The student's code has: Python keeps the words, to say them once."""
    return "__warningregistry__" in vars(questions)


def _raw_environment() -> dict[bytes, bytes]:
    """As it is kept: decoding takes longer than comparing."""
    raw: Any = getattr(os.environ, "_data")  # noqa: B009 - os.environ hands it out in no other way
    return dict(raw)
