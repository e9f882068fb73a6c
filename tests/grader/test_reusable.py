"""Which suites a runner may serve again."""

from __future__ import annotations

import dataclasses

import pytest

from grader.protocol import GradeRequest, Limits
from grader.protocol import Test as GraderTest
from grader.reusable import suite_of


def _request(source: str, given: str = "") -> GradeRequest:
    tests = (GraderTest(key="t", name="t", source=source),)
    return GradeRequest(id="r", code="def f(): return 1", tests=tests, given=given)


PLAIN = _request("assert f() == 1")


@pytest.mark.parametrize(
    "source",
    [
        "assert f() == 1",
        "from decimal import Decimal\nassert f() == Decimal(1)",
        "import random, answer\nassert answer.f() < random.random()",
        "from answer import *\nassert f() == 1",
        "import pytest\n@pytest.mark.parametrize('n', [1, 2])\ndef test_f(n): assert f() == n",
        "import unittest\nclass T(unittest.TestCase):\n"
        "    def setUp(self): self.n = 1\n    def test_f(self): self.assertEqual(f(), self.n)",
        "from functools import lru_cache\n@lru_cache\ndef g(): return 1\nassert f() == g()",
        "from collections.abc import Iterable\nassert isinstance(f(), Iterable)",
    ],
)
def test_suites_of_plain_values_may_be_served_again(source: str) -> None:
    assert suite_of(_request(source)) is not None


@pytest.mark.parametrize(
    "source",
    [
        "assert f(",
        "import os\nassert f() == os.getcwd()",
        "import sys\nassert f() in sys.path",
        "import logging\nassert f() == 1",
        "import threading\nassert f() == 1",
        "import gc; gc.disable()\nassert f() == 1",
        "import importlib\nassert f() == 1",
        "from unittest import mock\nassert f() == 1",
        "from unittest.mock import patch\nassert f() == 1",
        "import unittest\nunittest.mock.patch('random.random').start()\nassert f() == 1",
        "from random import _inst\nassert f() == 1",
        "import random\nassert random._os.environ == f()",
        "import statistics\nassert statistics.sys.path == f()",
        "import statistics as s\ns.random.x = 1\nassert f() == 1",
        "from . import helper\nassert f() == helper.x",
        "from math import *\nassert f() == pi",
        "import math\nmath.pi = 3\nassert f() == 1",
        "import math\ndel math.pi\nassert f() == 1",
        "import fractions\nfractions.Fraction.__eq__ = None\nassert f() == 1",
        "import decimal\ndecimal.getcontext().prec = 3\nassert f() == 1",
        "import collections.abc\ncollections.abc.Sized.register(int)\nassert f() == 1",
        "import unittest\nunittest.addModuleCleanup(print)\nassert f() == 1",
        "setattr(f, 'x', 1)\nassert f() == 1",
        "assert getattr(f, '__globals__') == 1",
        "assert f.__globals__ == 1",
        "exec('x = 1')\nassert f() == 1",
        "assert eval('f()') == 1",
        "assert open('x').read() == f()",
        "assert __import__('os').getcwd() == f()",
        "globals()['x'] = 1\nassert f() == 1",
        "__builtins__['len'] = None\nassert f() == 1",
        "def test_f(capsys): assert f() == 1",
        "def test_f(monkeypatch): assert f() == 1",
        "def test_f(tmp_path): assert f() == 1",
        "import pytest\n@pytest.mark.usefixtures('capsys')\ndef test_f(): assert f() == 1",
        "import pytest\npytest.MonkeyPatch()\nassert f() == 1",
        "async def test_f(): assert await f() == 1",
    ],
)
def test_any_other_suite_is_not(source: str) -> None:
    assert suite_of(_request(source)) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"objects": True},
        {"open_tests": True},
        {"record": True},
        {"profile": {"version": 1}},
        {"test_modules": {"helper": "x = 1"}},
        {"given": "import os"},
        {"given": "import unittest.mock"},
    ],
)
def test_nor_is_what_is_more_than_functions_of_plain_values(fields: dict[str, object]) -> None:
    assert suite_of(dataclasses.replace(PLAIN, **fields)) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"tests": (dataclasses.replace(PLAIN.tests[0], source="assert f() == 2"),)},
        {"tests": (dataclasses.replace(PLAIN.tests[0], visible="sample"),)},
        {"given": "x = 1"},
        {"limits": Limits(memory_mb=100)},
        {"files": {"a.txt": "1"}},
        {"allow_imports": ("math",)},
        {"module": "solution"},
        {"shuffle": False},
    ],
)
def test_two_suites_are_told_apart_by_anything_that_their_submissions_share(
    fields: dict[str, object],
) -> None:
    other = suite_of(dataclasses.replace(PLAIN, **fields))

    assert other is not None
    assert other != suite_of(PLAIN)


def test_two_submissions_to_one_suite_are_not() -> None:
    other = dataclasses.replace(PLAIN, id="other", code="def f(): return 2", seed=7)

    assert suite_of(other) == suite_of(PLAIN)
