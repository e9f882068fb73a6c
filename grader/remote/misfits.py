"""Puts something that says what is wrong in the place of an object where the reference has none."""

from __future__ import annotations

from typing import Any

from grader.remote import messages, opaque
from grader.remote.proxies import Mirror

_IN_PLACE_OF = {"NoneType": "None"}
_MAX_DEPTH = 4
_MAX_ITEMS = 10_000


def instead(place: str, message: list[Any], result: Any, wanted: set[str]) -> Any:
    """For `result`, an object, where the reference gives one of the scalars in `wanted`."""
    told = " or ".join(_IN_PLACE_OF.get(kind, kind) for kind in sorted(wanted))
    words = f"{messages.owner(message)}{place} should be {messages.article(told)}{told}"
    return _misfit(result, f"{words}, but it is {_found(result)}.")


def inside(place: str, message: list[Any], value: Any, depth: int = 0) -> Any:
    """The value without objects of the student's own classes in it."""
    kind = type(value)
    if isinstance(kind, Mirror) and kind.__rid__ is not None and depth:
        what = f"{messages.owner(message)}{place}"
        return _misfit(value, f"{what} should hold plain values, but it holds {_found(value)}.")
    if depth >= _MAX_DEPTH or kind not in (list, tuple, dict, set) or len(value) > _MAX_ITEMS:
        return value
    if kind is dict:
        pairs = {k: inside(place, message, v, depth + 1) for k, v in value.items()}
        return pairs if any(pairs[key] is not value[key] for key in value) else value
    items = [inside(place, message, item, depth + 1) for item in value]
    same = all(one is other for one, other in zip(items, value, strict=True))
    return value if same else kind(items)


def _found(result: Any) -> str:
    name = type(result).__name__
    own = type(result).__rid__ is not None
    return f"your own class {name}" if own else f"{messages.article(name)}{name}"


def _misfit(result: Any, words: str) -> Any:
    kind = type(result)
    return opaque.misfit(kind, kind.__remote__, messages.number(result), words)
