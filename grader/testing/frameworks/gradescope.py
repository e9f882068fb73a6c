"""`gradescope_utils.autograder_utils`: what stands above a test; all tests count alike here."""

from __future__ import annotations

import functools
import sys
import unittest
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_Decorator = Callable[[Any], Any]


def _remark(*_: Any, **__: Any) -> _Decorator:
    return lambda test: test


#: For the page that shows the results there.
weight = number = visibility = hide_errors = tags = _remark


def leaderboard(*_: Any, **__: Any) -> _Decorator:
    def decorate(test: Any) -> Any:
        @functools.wraps(test)
        def run(*args: Any, **kwargs: Any) -> Any:
            return test(*args, **kwargs, set_leaderboard_value=lambda value: None)

        return run

    return decorate


def partial_credit(points: float) -> _Decorator:
    """A test that sets its score has passed if that is the whole."""

    def decorate(test: Any) -> Any:
        @functools.wraps(test)
        def run(*args: Any, **kwargs: Any) -> None:
            scores: list[float] = []
            test(*args, **kwargs, set_score=scores.append)
            score = scores[-1] if scores else 0
            if score < points:
                raise AssertionError(f"{score:g} of {points:g} points")

        return run

    return decorate


def check_submitted_files(paths: Iterable[str], base: str = "") -> list[str]:
    """Those that are missing: a submission is one module, which has been imported."""
    return [path for path in paths if Path(path).stem not in sys.modules]


#: The tests are found without it.
JSONTestRunner = unittest.TextTestRunner
