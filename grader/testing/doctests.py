"""Examples in the docstrings of the student's module run in the student's process.

They are the student's own, so a file of tests that asks for them is told how many there were; none
at all is a failure.
"""

from __future__ import annotations

import doctest
import unittest
from typing import Any

from grader.remote.functions import RemoteModule

_NONE = "The docstrings of your code hold no examples."
_TESTMOD, _SUITE = doctest.testmod, doctest.DocTestSuite


def follow() -> None:
    vars(doctest).update(testmod=_testmod, DocTestSuite=_suite)


def _testmod(m: Any = None, *args: Any, **options: Any) -> Any:
    if type(m) is not RemoteModule:
        return _TESTMOD(m, *args, **options)
    failed, attempted = _run(m)
    if not attempted:
        raise AssertionError(_NONE)
    return doctest.TestResults(failed, attempted)


def _run(module: RemoteModule) -> tuple[int, int]:
    failed, attempted = module.__pm_session__.request("doctests", module.__name__)
    return int(failed), int(attempted)


def _suite(module: Any = None, *args: Any, **options: Any) -> Any:
    if type(module) is not RemoteModule:
        return _SUITE(module, *args, **options)

    return unittest.TestSuite([Examples(module)])


class Examples(unittest.TestCase):
    """Those of one module; beside other tests there need not be any."""

    alone = True

    def __init__(self, module: RemoteModule) -> None:
        super().__init__("doctests")
        self._module = module

    def doctests(self) -> None:
        failed, attempted = _run(self._module)
        if not attempted and not self.alone:
            self.skipTest("no examples")
        if not attempted:
            raise AssertionError(_NONE)
        if failed:
            raise AssertionError(
                f"{failed} of the examples in your docstrings gave something else."
            )
