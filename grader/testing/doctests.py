"""Examples in the docstrings of the student's module run in the student's process.

They are the student's own, so a file of tests that asks for them is told how many there were; none
at all is a failure.
"""

from __future__ import annotations

import doctest
import importlib
import unittest
from typing import Any

from grader.remote.functions import RemoteModule, identify
from grader.testing import foreign
from grader.testing.pytest_shim import UsageError

_NONE = "The docstrings of your code hold no examples."
_TESTMOD, _SUITE = doctest.testmod, doctest.DocTestSuite
_MOST_FOUND = 500
#: Run beside the student's code.
_FIND = """\
[[t.name, t.docstring, t.lineno or 0]
for t in __import__("doctest").DocTestFinder().find(pm_what, pm_name) if t.examples]"""
_RUN = """\
list(__import__("doctest").DocTestRunner(verbose=False, optionflags=pm_flags).run(
__import__("doctest").DocTestParser().get_doctest(
pm_text, {**globals(), **pm_globs}, pm_name, None, None)))[:2]"""


def follow() -> None:
    vars(doctest).update(testmod=_testmod, DocTestSuite=_suite)
    vars(doctest).update(DocTestFinder=Finder, DocTestRunner=Runner)


class Finder(doctest.DocTestFinder):
    """Finds the examples of the student's module, or of a thing in it, where it lives."""

    def find(
        self,
        obj: Any,
        name: str | None = None,
        module: Any = None,
        globs: dict[str, Any] | None = None,
        extraglobs: dict[str, Any] | None = None,
    ) -> list[doctest.DocTest]:
        if identify(obj) is None:
            return super().find(obj, name, module, globs, extraglobs)
        name = name or str(obj.__name__)
        told = foreign.current().beside(_FIND, {"pm_what": obj, "pm_name": name})
        entries = told[:_MOST_FOUND] if type(told) is list else []
        names = {**(globs or {}), **(extraglobs or {})}
        parser = doctest.DocTestParser()
        return [
            parser.get_doctest(entry[1], names, entry[0], None, entry[2])
            for entry in entries
            if type(entry) is list and [type(part) for part in entry] == [str, str, int]
        ]


class Runner(doctest.DocTestRunner):
    """Runs examples that are the student's own text beside their code, and counts them here."""

    theirs = False

    def run(self, test: doctest.DocTest, *args: Any, **options: Any) -> doctest.TestResults:
        texts = foreign.current()
        lines = (line.strip() for each in test.examples for line in each.source.splitlines())
        if all(texts.are_ours(line) for line in lines if line):
            return super().run(test, *args, **options)
        if not texts.may_be_seen(test.docstring or ""):
            raise UsageError("the tests run examples that are no text of theirs, nor the student's")
        self.theirs = True
        plain = (int, float, str, bool)
        asked = {"pm_text": test.docstring, "pm_name": test.name, "pm_flags": self.optionflags}
        names = {
            name: value
            for name, value in test.globs.items()
            if type(value) in plain or (name[:2] != "__" and identify(value) is not None)
        }
        told = texts.beside(_RUN, {**asked, "pm_globs": names})
        if type(told) is not list or [type(part) for part in told] != [int, int] or told[1] < 1:
            raise AssertionError(_NONE)
        self.failures += told[0]
        self.tries += told[1]
        return doctest.TestResults(*told)

    def summarize(self, verbose: bool | None = None) -> doctest.TestResults:
        if self.theirs:
            return doctest.TestResults(self.failures, self.tries)
        return super().summarize(verbose)


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
    if type(module) is str:
        module = importlib.import_module(module)
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
