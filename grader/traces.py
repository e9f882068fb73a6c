"""What a submission may leave in the process that runs its tests: taken away, and looked for.

A runner serves the same suite again only if it is then as it was before. What a grading itself puts
in place is put back; everything else that could have changed is compared.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import inspect
import itertools
import linecache
import logging
import operator
import os
import pickle
import random
import re
import sys
import threading
import types
import typing
import unittest.case
import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from unittest import mock

from grader import around, static
from grader.protocol import GradeRequest, Verdict
from grader.remote import functions, pickling
from grader.remote.functions import RemoteFunction
from grader.reusable import MODULES, imported
from grader.testing import foreign

if TYPE_CHECKING:
    from grader.grading import Grading

#: A waiting runner may have grown by so many bytes since its first submission.
_MOST_MEMORY = 8 << 20
#: And by so many objects that the collector of garbage knows.
_MOST_OBJECTS = 400
#: After these something may be half done.
_WITHOUT_END = (MemoryError, RecursionError)
#: Reasons of a verdict after which the process may go on: none, or the code was not run at all.
_ORDINARY = (None, "syntax_error", "refused_import")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_HEAP_TYPE, _IMMUTABLE_TYPE = 1 << 9, 1 << 8
_patch: Any = getattr(mock, "_patch")  # noqa: B009 - the class behind every form of mock.patch

#: What a grading puts its own in the place of.
_REPLACED: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (threading.Thread, ("start",)),
    (random, ("seed",)),
    (typing, ("get_type_hints", "get_origin", "get_args")),
    (inspect, ("get_annotations", "getouterframes", "stack")),
    (pickle, ("load", "loads", "Unpickler")),
    (logging.Logger, ("setLevel", "addHandler", "handlers")),
    (_patch, ("__enter__", "__exit__")),
    (unittest.case, ("difflib",)),
    (unittest.TestCase, ("_baseAssertEqual", "_formatMessage", "_getAssertEqualityFunc")),
)
#: What else is watched where tests import these.
_BEHIND = {"pytest": ("grader.testing.pytest_shim",), "unittest": ("unittest", "unittest.case")}
#: No text is the tests' own while there are none, and nothing that they do is anybody's choice.
_NOBODY: Any = foreign.Texts(types.SimpleNamespace(touched=0), "", ())  # type: ignore[arg-type]


class Space:
    """The names of a module or class and what they stand for, by identity."""

    def __init__(self, owner: Any) -> None:
        self._owner = owner
        self._names = tuple(vars(owner))
        self._values = tuple(vars(owner).values())
        self._sized = [value for value in self._values if type(value) in (list, dict, set)]
        self._sizes = list(map(len, self._sized))

    def is_same(self) -> bool:
        now = vars(self._owner)
        return (
            tuple(now) == self._names
            and all(map(operator.is_, now.values(), self._values))
            and list(map(len, self._sized)) == self._sizes
        )


class Before:
    """A process that no submission has touched; made once, before runners are forked."""

    def __init__(self) -> None:
        self._lines = dict(linecache.cache)
        self._modules = dict(sys.modules)
        self._replaced = [
            (owner, name, vars(owner).get(name)) for owner, names in _REPLACED for name in names
        ]
        _forget_caches()
        self._spaces = {name: _spaces(name) for name in ("builtins", "pytest", *MODULES)}

    def restore(self) -> str:
        """Take away what a grading leaves by itself; what could not be, in words."""
        for owner, name, value in self._replaced:
            now = vars(owner).get(name)
            if value is not now and value is not None:
                setattr(owner, name, value)
            elif value is not now:
                delattr(owner, name)
        linecache.cache.clear()
        linecache.cache.update(self._lines)
        functions._SOURCES.clear()
        pickling.forget()
        foreign._CURRENT[:] = [_NOBODY]
        _forget_caches()
        random.seed()
        return self._restore_modules()

    def _restore_modules(self) -> str:
        now, before = sys.modules, self._modules
        # What is new comes last, as nearly always: then the others need not be looked up.
        known = len(before) if all(map(operator.is_, now, before)) else 0
        for name in [n for n in itertools.islice(now, known, None) if n not in before]:
            if getattr(getattr(now[name], "__spec__", None), "name", "") != name:
                del now[name]  # the tests, the student's module, pytest
            elif _is_library(name):
                before[name] = now[name]  # imported when it was first needed
            else:
                return f"the module {name}"
        # The same in the same order, as nearly always, is told without looking each of them up.
        same = len(now) == len(before) and all(map(operator.is_, now, before))
        if not same or not all(map(operator.is_, now.values(), before.values())):
            now.update(before)
        return ""

    def difference(self, modules: Iterable[str]) -> str:
        """Of these modules and builtins; in words, empty if all is as it was."""
        for name in ("builtins", *modules):
            for space in self._spaces[name]:
                if not space.is_same():
                    return f"the names of {name}"
        return ""


def _spaces(name: str) -> list[Space]:
    """Of a module and of its classes."""
    modules = [importlib.import_module(each) for each in _BEHIND.get(name, (name,))]
    values = [value for module in modules for value in vars(module).values()]
    classes = (value for value in values if isinstance(value, type) and _may_change(value))
    return [Space(owner) for owner in (*modules, *dict.fromkeys(classes))]


def _may_change(kind: type) -> bool:
    return bool(kind.__flags__ & _HEAP_TYPE) and not kind.__flags__ & _IMMUTABLE_TYPE


def _forget_caches() -> None:
    """Those in which a value of a submission could stay."""
    re.purge()
    static.defined.cache_clear()
    for clear in getattr(typing, "_cleanups"):  # noqa: B009 - typing offers no other way
        clear()


def _is_library(name: str) -> bool:
    return name.partition(".")[0] in {*sys.stdlib_module_names, "grader", "msgpack"}


class Traces:
    """Of the submissions that one runner serves."""

    def __init__(self, before: Before, descriptors: set[int]) -> None:
        self._before = before
        self._own = {str(number) for number in descriptors}
        self._around: dict[str, Any] = {}
        self._modules: set[str] = set()
        #: Objects and bytes after the first submission.
        self._first: tuple[int, int] | None = None

    def begin(self, request: GradeRequest) -> None:
        """Before the first submission, to whose suite all others are."""
        if not self._around:
            self._around = around.state()
            self._modules = imported(request)

    def clear(self, *gone: weakref.ref[Any]) -> str:
        """Of the submission before; what is left of it, in words. `gone`: what must be."""
        left = self._before.restore()
        gc.collect()
        if any(each() is not None for each in gone):
            return "the submission itself"
        if self._first is None:
            gc.freeze()  # what the first leaves is there for good, and need not be looked through
        return left or self._before.difference(self._modules) or self._changed() or self._grown()

    def _changed(self) -> str:
        now = around.state()
        return next((name for name, value in now.items() if value != self._around[name]), "")

    def _grown(self) -> str:
        objects, memory = len(gc.get_objects()), _memory()
        if self._first is None:
            self._first = objects, memory
        most = self._first[0] + _MOST_OBJECTS, self._first[1] + _MOST_MEMORY
        return "" if objects <= most[0] and memory <= most[1] else "memory"

    def descriptors(self) -> str:
        """When the student's process is gone: what is open, or runs, that was not there before."""
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
            return "a process"
        found = set(os.listdir("/proc/self/fd")) - self._own  # noqa: PTH208 - as above
        return next((name for name in found if _is_open(int(name))), "")


def _is_open(descriptor: int) -> bool:
    """The one by which they were listed is not."""
    with contextlib.suppress(OSError):
        os.fstat(descriptor)
        return True
    return False


def _memory() -> int:
    """Bytes that are resident."""
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - run for each submission
        return int(file.read().split()[1]) * _PAGE


def is_plain(verdict: Verdict, grading: Grading) -> bool:
    """Whether nothing came from the student's process but plain values and Python's exceptions.

    Then no object of the tests' side can stand for one of the student's, or keep a name of it.
    """
    if verdict.reason not in _ORDINARY:
        return False
    if any(isinstance(error, _WITHOUT_END) for error in grading.errors):
        return False
    session = grading.session
    if session is None:
        return True  # the code was not run
    things = session.mirrors._objects.values()
    return (
        session.channel.closed is None
        and not session.mirrors._classes
        and not session.exports._objects
        and session.channel.lock.lanes is None
        and not session.sharing.twins
        and all(type(each) is RemoteFunction or isinstance(each, BaseException) for each in things)
    )
