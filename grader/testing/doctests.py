"""Examples in the docstrings of the student's module run in the student's process.

They are the student's own, so a file of tests that asks for them is told how many there were; none
at all is a failure.
"""

from __future__ import annotations

import doctest
import unittest
from typing import Any

from grader.remote.functions import RemoteModule

_TESTMOD, _SUITE = doctest.testmod, doctest.DocTestSuite


def follow() -> None:
    vars(doctest).update(testmod=_testmod, DocTestSuite=_suite)


def _testmod(m: Any = None, *args: Any, **options: Any) -> Any:
    if type(m) is not RemoteModule:
        return _TESTMOD(m, *args, **options)
    failed, attempted = m.__pm_session__.request("doctests", m.__name__)
    if not attempted:
        raise AssertionError("The docstrings of your code hold no examples.")
    return doctest.TestResults(int(failed), int(attempted))


def _suite(module: Any = None, *args: Any, **options: Any) -> Any:
    if type(module) is not RemoteModule:
        return _SUITE(module, *args, **options)

    def doctests() -> None:
        failed = _testmod(module).failed
        if failed:
            raise AssertionError(
                f"{failed} of the examples in your docstrings gave something else."
            )

    return unittest.TestSuite([unittest.FunctionTestCase(doctests)])
