"""Whatever a submission could leave in a runner is found, or taken away."""

from __future__ import annotations

import atexit
import builtins
import collections
import contextvars
import dataclasses
import decimal
import fractions
import gc
import linecache
import locale
import logging
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import types
import typing
import warnings
import weakref
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from grader.grading import Grading
from grader.protocol import GradeRequest
from grader.runner import Boxes
from grader.traces import Before, Traces, _is_open, is_plain
from grader.walls import sandbox, zygotes
from tests.grader.again import suite

REQUEST = suite("import fractions, random, decimal, collections\nassert f() == 1")


def _in_a_fork(act: Callable[[], object]) -> None:
    """`act` says what is wrong; it changes its process for good."""
    with tempfile.TemporaryFile("w+") as told:
        pid = os.fork()
        if pid == 0:
            # As in a runner, what was there before is not looked at each time.
            gc.freeze()
            try:
                wrong = act()
            except BaseException:
                wrong = traceback.format_exc()
            told.write(str(wrong or ""))
            told.flush()
            os._exit(0)
        os.waitpid(pid, 0)
        told.seek(0)
        assert told.read() == ""


def _traces(before: Before) -> Traces:
    os.chdir(tempfile.mkdtemp(prefix="pm-"))
    gc.collect()  # or else it closes what other tests left open, and the number is free again
    opened = {number for number in range(4096) if _is_open(number)}
    traces = Traces(before, opened)
    traces.begin(REQUEST)
    assert not traces.clear()
    assert not traces.descriptors()
    return traces


def _thread() -> None:
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()


def _library() -> None:
    sys.modules["left_behind"] = types.ModuleType("left_behind")
    sys.modules["left_behind"].__spec__ = mock.Mock(spec=["name"])
    sys.modules["left_behind"].__spec__.name = "left_behind"


def _grow() -> None:
    global _KEPT
    _KEPT = bytearray(b"x" * (20 << 20))


def _hold() -> None:
    global _KEPT
    _KEPT = [[n] for n in range(2000)]


_KEPT: object = None
_CHANGES: dict[str, Callable[[], object]] = {
    "a name of a module": lambda: setattr(random, "choice", random.shuffle),
    "a name more": lambda: setattr(random, "left", 1),
    "a class of a module": lambda: setattr(fractions.Fraction, "__eq__", lambda a, b: True),
    "a class more": lambda: setattr(collections.Counter, "left", 1),
    "a builtin": lambda: setattr(builtins, "sum", max),
    "the module itself": _library,
    "the folder": lambda: os.chdir("/"),
    "a file": lambda: Path("left").write_text("x"),
    "the environment": lambda: os.environ.update(LEFT="1"),
    "the arguments": lambda: sys.argv.append("left"),
    "the path": lambda: sys.path.append("left"),
    "a finder": lambda: sys.meta_path.append(mock.Mock()),
    "a hook of the path": lambda: sys.path_hooks.append(mock.Mock()),
    "a stream": lambda: setattr(sys, "stdout", sys.stderr),
    "a hook": lambda: setattr(sys, "excepthook", print),
    "tracing": lambda: sys.settrace(lambda *_: None),
    "profiling": lambda: sys.setprofile(lambda *_: None),
    "the depth of calls": lambda: sys.setrecursionlimit(5000),
    "the collector of garbage": gc.disable,
    "a callback of the collector": lambda: gc.callbacks.append(lambda *_: None),
    "a filter of warnings": lambda: warnings.simplefilter("error", BytesWarning),
    "a handler of a signal": lambda: signal.signal(signal.SIGUSR1, lambda *_: None),
    "the locale": lambda: locale.setlocale(locale.LC_ALL, "C"),
    "a thread": _thread,
    "a logger": lambda: logging.getLogger("left.behind"),
    "a handler of logs": lambda: logging.root.handlers.append(logging.NullHandler()),
    "the default of decimal": lambda: setattr(decimal.DefaultContext, "prec", 5),
    "the context of decimal": lambda: setattr(decimal.getcontext(), "prec", 5),
    "what runs at the end": lambda: atexit.register(print),
    "memory": _grow,
    "objects": _hold,
    "a descriptor": lambda: os.dup(0),
    "a process": lambda: subprocess.Popen(["/bin/sleep", "60"]),
}


@pytest.fixture(scope="module")
def before() -> Before:
    return Before()


@pytest.mark.parametrize("what", _CHANGES)
def test_a_change_is_found(what: str, before: Before) -> None:
    def act() -> object:
        traces = _traces(before)
        _CHANGES[what]()
        sys.settrace(None) if what != "tracing" else None
        found = traces.clear() or traces.descriptors()
        return "" if found else f"{what} was not found"

    _in_a_fork(act)


_RESTORED: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
    "the function that seeds": (
        lambda: setattr(random, "seed", print),
        lambda: random.seed is not print,
    ),
    "a module of the tests": (
        lambda: sys.modules.update(tests_of=types.ModuleType("tests_of")),
        lambda: "tests_of" not in sys.modules,
    ),
    "a module in the place of another": (
        lambda: sys.modules.update(json=types.ModuleType("json")),
        lambda: hasattr(sys.modules["json"], "loads"),
    ),
    "patterns": (lambda: re.compile("le+ft"), lambda: not re._cache),
    "types put together": (
        lambda: typing.Union[type("Left", (), {}), None],  # noqa: UP007 - what is kept by typing
        lambda: not any(kind.__name__ == "Left" for kind in object.__subclasses__()),
    ),
    "lines of a source": (
        lambda: linecache.cache.update(left=(1, None, ["x"], "left")),
        lambda: "left" not in linecache.cache,
    ),
    "garbage in a circle": (
        lambda: _CIRCLE(),
        lambda: not any(type(each) is _Circle for each in gc.get_objects()),
    ),
}


class _Circle:
    pass


def _CIRCLE() -> None:  # noqa: N802
    circle = _Circle()
    circle.me = circle  # type: ignore[attr-defined]


@pytest.mark.parametrize("what", _RESTORED)
def test_what_a_grading_leaves_by_itself_is_taken_away(what: str, before: Before) -> None:
    change, is_gone = _RESTORED[what]

    def act() -> object:
        traces = _traces(before)
        change()
        left = traces.clear()
        return left or ("" if is_gone() else f"{what} is still there")

    _in_a_fork(act)


#: Turned round, so that the test itself holds no text that it looks for.
_TURNED = "tneduts eno fo yranac-7qz"


def test_a_submission_that_somebody_still_holds_is_found(before: Before) -> None:
    def act() -> object:
        traces = _traces(before)
        held = _Circle()
        return "" if traces.clear(weakref.ref(held)) else "it was not found"

    _in_a_fork(act)


def test_no_value_of_a_submission_can_be_reached_after_it() -> None:
    request = suite(
        "import re\nSEEN = [give()]\nassert re.match('x', SEEN[0]) is None",
        "import pytest\nwith pytest.raises(ValueError): fail()",
        "assert give() == 'other'",
    )

    def act() -> object:
        walls = sandbox.probe("own")
        with zygotes.start(walls) as zygote:
            traces = Traces(Before(), set())
            work = tempfile.mkdtemp(prefix="pm-")
            os.chdir(work)
            boxes = Boxes(zygote.control, walls, work)
            traces.begin(request)
            during = contextvars.Context().run(_graded, request, boxes)
            boxes.wait()
            left = traces.clear() or "; ".join(_held())
            return left if during else "the value was not even seen before"

    _in_a_fork(act)


def _graded(request: GradeRequest, boxes: Boxes) -> bool:
    canary = _TURNED[::-1]
    code = f"def give(): return {canary!r} + '!'\ndef fail(): raise ValueError(give())\n"
    grading = Grading(dataclasses.replace(request, code=code), boxes.take, "own")
    verdict = grading.run(lambda: None)
    assert [test.status for test in verdict.tests] == ["passed", "passed", "failed"]
    assert is_plain(verdict, grading)
    return bool(_held())


def _held() -> list[str]:
    """What holds a text with the canary in it."""
    canary = _TURNED[::-1]
    gc.unfreeze()
    found = []
    for holder in gc.get_objects():
        texts = [value for value in gc.get_referents(holder) if type(value) is str]
        if canary in "|".join(texts):
            found.append(f"{type(holder)}: {str(holder)[:300]}")
    return found
