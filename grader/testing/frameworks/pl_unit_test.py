"""`pl_unit_test`: test cases that know the student's module as `st`, and the reference as `ref`."""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
import unittest
from pathlib import Path
from typing import Any

from grader.testing.frameworks.feedback import CURRENT, GradingComplete, no_plots
from grader.testing.helpers import helper
from grader.testing.pytest_shim import UsageError
from grader.testing.unittests import SHOWN_AS

__all__ = ["ONCE", "SHOWN_AS", "PLTestCase", "PLTestCaseWithPlot"]

#: Of a test that is not run again with others.
ONCE = "__pm_once__"
#: Modules beside the tests with the author's own solution.
REFERENCES = ("ans", "reference")


class _Reference:
    """The names of the author's solution, which runs beside the tests."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        for module in map(helper, REFERENCES):
            if module is not None and hasattr(module, name):
                return getattr(module, name)
        raise UsageError(f"the tests use self.ref.{name}: no ans.py beside them defines it")


class _Student:
    """The names of the student's module; one that is missing is None."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._name), name, None)


class _Plots:
    def __get__(self, instance: Any, owner: Any) -> Any:
        no_plots()


class PLTestCase(unittest.TestCase):
    include_plt = False
    student_code_file = "user_code.py"
    iter_num = 0
    total_iters = 1
    st: Any
    ref: Any = _Reference()
    data: Any
    plt = _Plots()

    @classmethod
    def setUpClass(cls) -> None:
        tests: Any = sys.modules[cls.__module__]
        cls.st = _Student(vars(tests)["__builtins__"].module)
        file = Path(str(tests.__file__)).with_name("data.json")
        cls.data = json.loads(file.read_text()) if file.is_file() else {"params": {}}

    def _callTestMethod(self, method: Any) -> None:  # noqa: N802 - unittest's own name
        times = 1 if getattr(method, ONCE, False) else max(1, self.total_iters)
        for number in range(times):
            type(self).iter_num = number
            CURRENT.begin()
            with contextlib.suppress(GradingComplete):
                method()
            CURRENT.check()


class PLTestCaseWithPlot(PLTestCase):
    include_plt = True

    def optional_test_plot_labels(self) -> None:
        no_plots()


PrairieLearnTestCase = PLTestCase
