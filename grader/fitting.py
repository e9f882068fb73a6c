"""Keeps a verdict within its 64 KB."""

from __future__ import annotations

import dataclasses
from typing import Any

from grader.protocol import MAX_VERDICT_BYTES, Verdict, to_json

#: Longest single text of a verdict.
MAX_TEXT = 2000


def clean(text: str, limit: int = MAX_TEXT) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def fit(verdict: Verdict) -> Verdict:
    """The same verdict within 64 KB: long texts are cut first, then passed tests are left out."""
    for limit in (MAX_TEXT, 400, 100, 20):
        if len(to_json(verdict)) <= MAX_VERDICT_BYTES:
            return verdict
        verdict = _cut(verdict, limit)
    tests = sorted(verdict.tests, key=lambda test: test.status == "passed")
    while len(to_json(verdict)) > MAX_VERDICT_BYTES:
        tests = tests[: len(tests) * 3 // 4]
        verdict = dataclasses.replace(verdict, tests=tuple(tests))
    return verdict


def _cut(value: Any, limit: int) -> Any:
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        inner = getattr(value, field.name)
        if field.name in ("request_id", "key"):
            continue
        if isinstance(inner, str):
            changes[field.name] = inner if field.name in _WORDS else clean(inner, limit)
        elif isinstance(inner, tuple):
            changes[field.name] = tuple(_cut(item, limit) for item in inner)
        elif dataclasses.is_dataclass(inner):
            changes[field.name] = _cut(inner, limit)
    return dataclasses.replace(value, **changes)


_WORDS = frozenset({"status", "reason", "visible", "level"})
