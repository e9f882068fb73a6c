"""Keeps a verdict within its 64 KB, and its text such that it can be sent and stored."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from grader.protocol import MAX_VERDICT_BYTES, Verdict, to_json
from grader.verdicts.showing import MAX_TEXT, clean

#: Said in full, however short the rest has to be.
_WHOLE = frozenset({"request_id", "key", "test", "status", "reason", "visible", "level", "kind"})
#: Left out first: what they tell can be seen, though not as easily, from the rest.
_EXTRAS = frozenset({"difference", "values"})
_WITH_EXTRAS = 400
_MAX_NAME = 300
_NONE: frozenset[str] = frozenset()


def fitted(verdict: Verdict) -> str:
    """As JSON; most fit as they are."""
    text = to_json(verdict)
    fits = len(text) <= MAX_VERDICT_BYTES and "\\ud" not in text
    return text if fits else to_json(fit(verdict))


def fit(verdict: Verdict) -> Verdict:
    """The same verdict within 64 KB: long texts are cut first, then passed tests are left out.

    A profile, which only the author of a problem is given, is not counted.
    """
    text = to_json(verdict)
    if "\\ud" in text:
        verdict = _changed(verdict, lambda _, text: _whole_characters(text))
    elif len(text) <= MAX_VERDICT_BYTES:
        return verdict
    for limit in (MAX_TEXT, 400, 100):
        if _size(verdict) <= MAX_VERDICT_BYTES:
            return verdict
        verdict = _cut(verdict, limit)
    return verdict if _size(verdict) <= MAX_VERDICT_BYTES else _fewer(verdict)


def _fewer(verdict: Verdict) -> Verdict:
    """Tests that did not pass are kept first; how many others there are is said."""
    order = sorted(range(len(verdict.tests)), key=lambda i: verdict.tests[i].status == "passed")
    kept, size = len(order), _size(verdict)
    while kept:
        kept = min(kept - 1, kept * MAX_VERDICT_BYTES // size)
        tests = tuple(verdict.tests[i] for i in sorted(order[:kept]))
        left = [verdict.tests[i].status for i in order[kept:]]
        passed = left.count("passed")
        words = f"{len(left)} more tests are not listed here: {passed} passed"
        words += f", {len(left) - passed} did not." if passed < len(left) else "."
        message = f"{verdict.message} {words}".strip()
        fewer = dataclasses.replace(verdict, tests=tests, message=message)
        size = _size(fewer)
        if size <= MAX_VERDICT_BYTES:
            return fewer
    return dataclasses.replace(verdict, tests=())


def _size(verdict: Verdict) -> int:
    return len(to_json(dataclasses.replace(verdict, profile=None)))


def _whole_characters(text: str) -> str:
    """Halves of a surrogate pair, as a student's text may hold them, cannot be encoded."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _cut(verdict: Verdict, limit: int) -> Verdict:
    dropped = _EXTRAS if limit < _WITH_EXTRAS else _NONE

    def shorter(field: str, text: str) -> str:
        # Who counts tests does it by their names.
        return clean(text, max(limit, _MAX_NAME) if field == "name" else limit)

    cut: Verdict = _changed(verdict, shorter, dropped)
    return cut


def _changed(value: Any, change: Callable[[str, str], str], dropped: frozenset[str] = _NONE) -> Any:
    """The same with all its texts changed, without the tuples of these names."""
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        inner = getattr(value, field.name)
        if field.name in _WHOLE:
            continue
        if isinstance(inner, str):
            changes[field.name] = change(field.name, inner)
        elif isinstance(inner, tuple):
            kept = () if field.name in dropped else inner
            changes[field.name] = tuple(_changed(item, change, dropped) for item in kept)
        elif dataclasses.is_dataclass(inner):
            changes[field.name] = _changed(inner, change, dropped)
    return dataclasses.replace(value, **changes)
