"""`@pytest.mark.filterwarnings("error::UserWarning")`: what becomes of warnings in a test."""

from __future__ import annotations

import contextlib
import importlib
import re
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from grader.testing.pytest_shim import Mark, UsageError

_ACTIONS = ("error", "ignore", "always", "default", "module", "once")


@contextlib.contextmanager
def filtered(marks: Iterable[Mark]) -> Iterator[None]:
    """The marks of the test itself come last, and are looked at first."""
    said = [text for mark in marks if mark.name == "filterwarnings" for text in mark.args]
    if not said:
        yield
        return
    with warnings.catch_warnings():
        for text in said:
            _filter(str(text))
        yield


def _filter(text: str) -> None:
    said: tuple[Any, ...] = (*map(str.strip, text.split(":", 4)), *[""] * 5)[:5]
    action, message, category, module, line = said
    if action not in _ACTIONS or not (line or "0").isdigit():
        raise UsageError(f"filterwarnings: {text!r} is no filter")
    kind = _kind(category)
    try:
        warnings.filterwarnings(action, message, kind, module, int(line or 0))
    except re.error as error:
        raise UsageError(f"filterwarnings: {text!r}: {error}") from None


def _kind(name: str) -> type[Warning]:
    """`DeprecationWarning`, or with its module: `sums.RoundingWarning`."""
    if not name:
        return Warning
    module, _, last = name.rpartition(".")
    try:
        found: type[Warning] = getattr(importlib.import_module(module or "builtins"), last)
    except (ImportError, AttributeError):
        raise UsageError(f"filterwarnings: there is no {name!r}") from None
    return found
