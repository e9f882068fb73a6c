"""What lies in a container under a class of the student, as plain data."""

from __future__ import annotations

import copy
from typing import Any


def snapshot(value: Any, kind: str) -> Any:
    if kind == "dict":
        return {key: dict.__getitem__(value, key) for key in dict.__iter__(value)}
    if kind in ("items", "text"):
        return copy.copy(value.data)
    if kind == "mapping":
        return dict(value.items())
    if kind == "members":
        return set(value)
    base: Any = {"list": list, "set": set}[kind]
    return base(base.__iter__(value))
