"""Objects of the standard library that a test hands to the student's code.

Locks, barriers, pools of threads and patterns are made anew over there. Queues, events, futures and
files stay here, and certain of their methods can be called; none of these waits, because the
student's code waits on its own side.
"""

from __future__ import annotations

import asyncio
import enum
import io
import logging
import queue
import re
import threading
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

_QUEUE = ["get_nowait", "put_nowait", "task_done", "empty", "full", "qsize"]
_FILE = ["read", "readline", "readlines", "write", "writelines", "close", "seek", "tell", "flush"]
_FILE += ["readable", "writable", "seekable", "truncate", "isatty"]
_EVENT = ["set", "clear", "is_set"]
_FUTURE = ["done", "running", "cancelled", "cancel", "set_result", "set_exception"]
_FUTURE += ["set_running_or_notify_cancel", "add_done_callback", "result", "exception"]
_ASYNC_QUEUE = [*_QUEUE, "get", "put", "join"]
_ASYNC_LOCK = ["acquire", "release", "locked"]

#: Exact type to its methods that the student's code may call, and the stand-in that it sees.
_HANDLED: dict[type, tuple[str, list[str]]] = {
    queue.Queue: ("Queue", _QUEUE),
    queue.LifoQueue: ("Queue", _QUEUE),
    queue.PriorityQueue: ("Queue", _QUEUE),
    queue.SimpleQueue: ("Queue", _QUEUE),
    threading.Event: ("Event", _EVENT),
    asyncio.Queue: ("AsyncQueue", _ASYNC_QUEUE),
    asyncio.LifoQueue: ("AsyncQueue", _ASYNC_QUEUE),
    asyncio.PriorityQueue: ("AsyncQueue", _ASYNC_QUEUE),
    asyncio.Event: ("AsyncEvent", [*_EVENT, "wait"]),
    asyncio.Lock: ("AsyncLock", _ASYNC_LOCK),
    asyncio.Semaphore: ("AsyncLock", _ASYNC_LOCK),
    asyncio.BoundedSemaphore: ("AsyncLock", _ASYNC_LOCK),
    io.TextIOWrapper: ("File", _FILE),
    io.BufferedReader: ("File", _FILE),
    io.BufferedWriter: ("File", _FILE),
    io.BufferedRandom: ("File", _FILE),
}
#: Those of modules that need not be there.
_BY_NAME: dict[tuple[str, str], tuple[str, list[str]]] = {
    ("tempfile", "_TemporaryFileWrapper"): ("File", _FILE),
    ("tempfile", "SpooledTemporaryFile"): ("File", _FILE),
    ("_csv", "writer"): ("Handled", ["writerow", "writerows"]),
    ("csv", "DictWriter"): ("Handled", ["writeheader", "writerow", "writerows"]),
    ("concurrent.futures._base", "Future"): ("Future", _FUTURE),
}
#: What can be read of them, but not called.
_READ = frozenset({"closed", "mode", "name", "encoding", "errors", "newlines", "maxsize"})
_LOCKS: dict[type, str] = {type(threading.Lock()): "Lock", type(threading.RLock()): "RLock"}
#: What does not change.
_COPIED = {
    *(("logging", name) for name in ("Formatter", "Filter", "PercentStyle", "StrFormatStyle")),
    *(("ipaddress", f"IPv{n}{kind}") for n in (4, 6) for kind in ("Address", "Network")),
    *(("calendar", name) for name in ("Calendar", "TextCalendar", "HTMLCalendar")),
    *(("logging", "StringTemplateStyle"), ("json.encoder", "JSONEncoder")),
    *(("textwrap", "TextWrapper"), ("string", "Formatter"), ("statistics", "NormalDist")),
}
_CONFIGURATIONS = {("configparser", "ConfigParser"), ("configparser", "RawConfigParser")}
_POOL = ("concurrent.futures.thread", "ThreadPoolExecutor")
_SEMAPHORES = (threading.Semaphore, threading.BoundedSemaphore)


def export(value: Any) -> list[Any] | None:
    """How the student's process makes or finds its own one, for `inside.standard.make`."""
    kind = type(value)
    handled = _handled(kind)
    if handled is not None:
        place = [kind.__module__.lstrip("_"), kind.__name__]
        return ["handled", *handled, sorted(_READ.intersection(dir(value))), place]
    if kind is re.Pattern:
        return ["pattern", value.pattern, value.flags]
    if kind is re.Match:
        found = (value.re, value.string, value.start(), value.endpos)
        return ["match", *found, [list(span) for span in value.regs]]
    if isinstance(value, logging.Logger) and logging.getLogger(value.name) is value:
        return ["logger", value.name]
    return _of_threads(kind, value) or _alike(kind, value)


def _alike(kind: type, value: Any) -> list[Any] | None:
    """What holds plain values: the student's code gets one that holds the same."""
    place = (kind.__module__, kind.__name__)
    if place == ("string", "Template"):
        return ["template", value.template]
    if place in _COPIED:
        return ["copy", kind, _state(value)]
    if place in _CONFIGURATIONS:
        return ["configuration", kind, _written(value)]
    return ["proxy", dict(value)] if kind is types.MappingProxyType else None


def _state(value: Any) -> dict[str, Any]:
    slots = [name for base in type(value).__mro__ for name in getattr(base, "__slots__", ())]
    held = {name: getattr(value, name) for name in slots if name[:2] != "__"}
    return held | getattr(value, "__dict__", {})


def _written(value: Any) -> str:
    text = io.StringIO()
    value.write(text)
    return text.getvalue()


def _of_threads(kind: type, value: Any) -> list[Any] | None:
    if kind in _LOCKS:
        return ["lock", _LOCKS[kind]]
    if kind in _SEMAPHORES:
        return ["semaphore", getattr(value, "_value", 1)]
    if kind is threading.Barrier and value._action is None:
        return ["barrier", value.parties, value._timeout]
    if (kind.__module__, kind.__name__) == _POOL and value._initializer is None:
        return ["threads", value._max_workers]
    return None


def _handled(kind: type) -> tuple[str, list[str]] | None:
    return _HANDLED.get(kind) or _BY_NAME.get((kind.__module__, kind.__name__))


def read(target: Any, name: Any, whole: bool) -> Any:
    """`whole`: with the folder in which a file lies."""
    if _handled(type(target)) is None or name not in _READ:
        raise AttributeError(f"{type(target).__name__!r} object has no attribute {name!r} here")
    found = getattr(target, name)
    return found if whole or name != "name" else Path(str(found)).name


def call(target: Any, name: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Raises AttributeError for what is not offered."""
    offered = _handled(type(target))
    if offered is None or type(name) is not str or name not in offered[1]:
        raise AttributeError(f"{type(target).__name__!r} object has no attribute {name!r} here")
    if offered[0] == "Future" and name in ("result", "exception"):
        return getattr(target, name)(timeout=0)
    return getattr(target, name)(*args, **kwargs)


def members(kind: enum.EnumType, number: Callable[[Any], int]) -> list[Any]:
    """Of an enumeration that a test defines: its members with their numbers and values."""
    base = next(base for base in kind.__mro__ if base.__module__ == "enum")
    known: Any = kind.__members__
    told = [[name, member.value, number(member)] for name, member in known.items()]
    return [base.__name__, kind.__name__, told]
