"""`nose.tools`: the assertions of unittest under names with underscores."""

from __future__ import annotations

import functools
import re
import unittest
from collections.abc import Callable
from typing import Any

_CASE = unittest.TestCase()
_CASE.maxDiff = None
for _name in dir(_CASE):
    if _name.startswith("assert"):
        _spelled = re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", _name)
        globals()[_spelled] = getattr(_CASE, _name)


def ok_(expression: Any, msg: str | None = None) -> None:
    if not expression:
        raise AssertionError(msg)


eq_ = _CASE.assertEqual


def raises(*errors: type[BaseException]) -> Callable[[Any], Any]:
    def decorate(test: Any) -> Any:
        @functools.wraps(test)
        def run(*args: Any, **kwargs: Any) -> None:
            try:
                test(*args, **kwargs)
            except errors:
                return
            names = " or ".join(kind.__name__ for kind in errors)
            raise AssertionError(f"{names} should be raised here, but there was no error.")

        return run

    return decorate


def istest(test: Any) -> Any:
    return test


def nottest(test: Any) -> Any:
    test.__test__ = False
    return test
