"""`tmc`: what stands above a test there; points are given for each test alike here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def points(*_: str) -> Callable[[Any], Any]:
    return lambda test: test
