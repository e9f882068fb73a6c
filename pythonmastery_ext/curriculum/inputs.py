"""What the arguments of a test hold, in words that an index can find.

GIN with `jsonb_path_ops` knows the paths to plain values only: neither that a list is empty nor
that a number is negative. So both are written down when the course is loaded.
"""

import json
from collections.abc import Iterator
from typing import Any, Literal, get_args

Kind = Literal[
    "none",
    "boolean",
    "zero",
    "negative",
    "fraction",
    "empty_text",
    "padded_text",
    "not_ascii",
    "empty_list",
    "one_item",
    "repeated_item",
    "nested_list",
    "empty_dict",
    "other_type",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: Characters; whoever looks for a value does not write more.
LONGEST_VALUE = 200


def described(call: dict[str, Any]) -> dict[str, list[str]]:
    """`kinds`, and as text all `values` at any depth of the arguments."""
    found = [part for each in (*call["args"], *call["kwargs"].values()) for part in _parts(each)]
    kinds = {kind for part in found for kind in _kinds(part)}
    values = {text for part in found if len(text := as_text(part)) <= LONGEST_VALUE}
    return {"kinds": [kind for kind in KINDS if kind in kinds], "values": sorted(values)}


def as_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _parts(value: Any) -> Iterator[Any]:
    """The value and what it consists of; `{"$python": …}` is one value."""
    yield value
    if isinstance(value, list):
        inner = value
    elif isinstance(value, dict) and "$python" not in value:
        inner = list(value.values())
    else:
        inner = []
    for each in inner:
        yield from _parts(each)


def _kinds(value: Any) -> Iterator[Kind]:
    if value is None:
        yield "none"
    elif isinstance(value, bool):
        yield "boolean"
    elif isinstance(value, int | float):
        yield from _kinds_of_number(value)
    elif isinstance(value, str):
        yield from _kinds_of_text(value)
    elif isinstance(value, list):
        yield from _kinds_of_list(value)
    elif "$python" in value:
        yield "other_type"
    elif not value:
        yield "empty_dict"


def _kinds_of_number(value: float) -> Iterator[Kind]:
    if value == 0:
        yield "zero"
    if value < 0:
        yield "negative"
    if isinstance(value, float) and not value.is_integer():
        yield "fraction"


def _kinds_of_text(value: str) -> Iterator[Kind]:
    if not value:
        yield "empty_text"
    if value != value.strip():
        yield "padded_text"
    if not value.isascii():
        yield "not_ascii"


def _kinds_of_list(value: list[Any]) -> Iterator[Kind]:
    if not value:
        yield "empty_list"
    if len(value) == 1:
        yield "one_item"
    if len({as_text(each) for each in value}) < len(value):
        yield "repeated_item"
    if any(isinstance(each, list) for each in value):
        yield "nested_list"
