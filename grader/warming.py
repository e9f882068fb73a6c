"""Runs a few gradings in the process that all runners are forked from.

The first run of any code is slow: caches are empty, the interpreter has not specialised it, memory
has not been touched. What was done once before the fork no later submission has to wait for.
"""

from __future__ import annotations

import builtins
import contextlib
import dataclasses
import gc
import json
import linecache
import os
import random
import shutil
import socket
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from os import _exit
from typing import Any
from unittest import mock

from grader import pages, runner
from grader.grading import Grading
from grader.protocol import GradeRequest, Test, request_from_json, to_json
from grader.runner import Boxes
from grader.walls import confinement
from grader.walls.box import Box
from grader.walls.sandbox import Walls, work_folder
from grader.walls.zygotes import Imports, Zygote

_TIMES = 6
#: Each line has some part of the grader in it that many problems need.
_CODE = """
from decimal import Decimal
class Point:
    def __init__(self, x): self.x = x
    def __eq__(self, other): return self.x == other.x
def total(rows): return sum(rows)
def fail(text): raise ValueError(text)
"""
_TESTS = (
    "assert total([1, 2]) == 3",
    "assert total([1, 2]) == 4, 'no'",
    "import pytest\nwith pytest.raises(ValueError): fail('x')",
    "import pytest\n@pytest.mark.parametrize('n', [1, 2])\ndef test_n(n): assert total([n]) == n",
    "import unittest\nclass T(unittest.TestCase):\n"
    "    def test_it(self): self.assertEqual(total([1]), 1)",
    "assert Point(1) == Point(1)",
    "assert {'a': [total([1])]} == {'a': [2]}",
)
#: Where numpy and pandas are loaded.
_TABLES_CODE = """
import numpy as np
import pandas as pd
def shares(amounts): return np.asarray(amounts, dtype=float) / sum(amounts)
def by_shop(rows): return pd.DataFrame(rows, columns=["shop", "price"]).groupby("shop").sum()
def dearest(table): return table.sort_values("price").tail(1)
"""
_TABLES_TESTS = (
    "import numpy as np\nassert np.allclose(shares([1, 3]), [0.25, 0.75])",
    "import numpy as np\nnp.testing.assert_array_equal(shares([1, 1]), np.array([0.5, 0.5]))",
    "assert by_shop([('a', 1.5), ('b', 2.0)])['price'].to_dict() == {'a': 1.5, 'b': 2.0}",
    "import pandas as pd\ntable = pd.DataFrame({'shop': ['a', 'b'], 'price': [1.5, 2.0]})\n"
    "pd.testing.assert_frame_equal(dearest(table), table.iloc[1:])\n"
    "pd.testing.assert_series_equal(dearest(table)['price'], table['price'].iloc[1:])\n"
    "assert dearest(table).equals(table.iloc[1:])",
    "import pandas as pd\n"
    "assert dearest(pd.DataFrame({'shop': ['a'], 'price': [1.5]})).empty, 'no'",
)
_TIMES_WITH_TABLES = 2


def warm_up(walls: Walls, zygote: Zygote, imports: Imports = "plain") -> None:
    try:
        for number in range(_TIMES):
            _grade(_request(number, _CODE, _TESTS), walls, zygote)
        for number in range(_TIMES_WITH_TABLES if imports == "tables" else 0):
            _grade(_request(number, _TABLES_CODE, _TABLES_TESTS), walls, zygote)
    except Exception:
        # Submissions will tell better what is wrong; they only start cold.
        traceback.print_exc()
    gc.collect()


def written(walls: Walls, zygote: Zygote) -> tuple[list[pages.Run], list[pages.Run]]:
    """Where any grading writes: the runner's process, and the student's.

    As a process of its own saw it; nothing where that is not told.
    """
    work = work_folder(walls)
    parent = os.getpid()
    with tempfile.TemporaryFile("w+") as told:
        pid = os.fork()
        if pid == 0:
            try:
                confinement.show()
                before = pages.own()
                confinement.die_with(parent)
                os.chdir(work)
                inside = _written_by_one(walls, zygote.control, str(work))
                json.dump([pages.runs(pages.own() - before), inside], told)
                told.flush()
            finally:
                _exit(0)
        os.waitpid(pid, 0)
        shutil.rmtree(work, ignore_errors=True)
        told.seek(0)
        found = json.loads(told.read() or "[[], []]")
        outside, inside = ([(address, length) for address, length in runs] for runs in found)
        return outside, inside


class _Watched(Box):
    """Sees which pages the student's process writes to from its being ready to its end."""

    def __init__(self, zygote: socket.socket, walls: Walls, work: str) -> None:
        super().__init__(zygote, walls, work)
        self._before = pages.own(self._pid)
        self.written: set[int] = set()

    def kill(self) -> int:
        self.written = pages.own(self._pid) - self._before
        return super().kill()


def _written_by_one(walls: Walls, zygote: socket.socket, work: str) -> list[pages.Run]:
    """By the simplest submission: what others need besides is not worth copying for all."""
    whole = _request(0, _CODE, _TESTS)
    request = to_json(dataclasses.replace(whole, tests=whole.tests[:1])).encode()
    box = _Watched(zygote, walls, work)
    boxes = Boxes(zygote, walls, work)
    boxes.make_ready(box)
    runner.grade(request_from_json(request), boxes)
    boxes.wait()
    return pages.runs(box.written)


def _request(number: int, code: str, sources: Sequence[str]) -> GradeRequest:
    tests = tuple(
        Test(
            key=str(index),
            name=source[:20],
            source=source,
            visible="sample" if index % 2 else "hidden",
        )
        for index, source in enumerate(sources)
    )
    return GradeRequest(id=str(number), code=code, tests=tests, objects=True)


def _grade(request: GradeRequest, walls: Walls, zygote: Zygote) -> None:
    work = work_folder(walls)
    try:
        with _as_before():
            box = Box(zygote.control, walls, str(work))
            ready = [box]
            told = request_from_json(to_json(request))
            to_json(Grading(told, ready.pop, walls.level).run(lambda: None))
            box.wait()
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextlib.contextmanager
def _as_before() -> Iterator[None]:
    """A grading changes its own process for good; this one goes on."""
    patch: Any = getattr(mock, "_patch")  # noqa: B009 - the class behind every form of mock.patch
    kept = (patch.__enter__, patch.__exit__, random.seed, builtins.input)
    modules, finders, lines = dict(sys.modules), list(sys.meta_path), dict(linecache.cache)
    streams, environment = (sys.stdin, sys.stdout, sys.stderr), dict(os.environ)
    try:
        yield
    finally:
        patch.__enter__, patch.__exit__, random.seed, builtins.input = kept
        for name in set(sys.modules) - set(modules):
            if not _is_library(name):
                del sys.modules[name]
        sys.modules.update(modules)
        sys.meta_path[:] = finders
        linecache.cache.clear()
        linecache.cache.update(lines)
        sys.stdin, sys.stdout, sys.stderr = streams
        os.environ.clear()
        os.environ.update(environment)


def _is_library(name: str) -> bool:
    """What the gradings imported may stay: it is the point of the exercise."""
    return name.partition(".")[0] in {*sys.stdlib_module_names, "grader", "msgpack"}
