"""Lists, tuples, dicts and sets: what is missing, what is too much, what stands elsewhere."""

from __future__ import annotations

import collections
import functools
import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.verdicts.differences.comparing import Comparison

#: Longer ones are told by their lengths and their first differences.
_MAX_ITEMS = 50_000
#: Above this, items that cannot be hashed are not looked for at another place.
_FEW = 40
#: Of lists no longer than this each item is told.
_FEWEST_MOVED = 3
_COUNTABLE = frozenset({int, float, str, bool, bytes, type(None)})


def sequences(walk: Comparison, path: str, expected: Any, actual: Any, depth: int) -> None:
    wanted, got = list(expected), list(actual)
    if walk.ordered or type(expected) is not list:
        start = _same_at_start(walk, wanted, got, depth)
        differ = start < max(len(wanted), len(got))
    else:
        start, differ = 0, not _same_items(walk, wanted, got, depth)
    if type(expected) is not type(actual):
        names = f"{type(actual).__name__} instead of {type(expected).__name__}"
        walk.note("type", path, names if differ else f"{names}; the items are the same")
    if not differ:
        return
    walk.make_room()
    if not walk.ordered:
        _by_count(walk, path, wanted, got, depth)
    elif len(wanted) == len(got):
        _same_length(walk, path, wanted, got, start, depth)
    else:
        _other_length(walk, path, wanted, got, start, depth)


def _same_at_start(walk: Comparison, wanted: list[Any], got: list[Any], depth: int) -> int:
    """How many items at the beginning are the same."""
    pairs = itertools.islice(zip(wanted, got, strict=False), _MAX_ITEMS)
    return next(
        (i for i, (a, b) in enumerate(pairs) if a is not b and not walk.same(a, b, depth)),
        min(len(wanted), len(got)),
    )


def _same_length(
    walk: Comparison, path: str, wanted: list[Any], got: list[Any], start: int, depth: int
) -> None:
    if len(wanted) > 1 and walk.finds(lambda: _same_items(walk, wanted, got, depth)):
        backwards = all(itertools.starmap(walk.same, _pairs(wanted, got[::-1], depth)))
        order = "in reverse order" if backwards else f"in another order from {path}[{start}] on"
        walk.note("order", path, f"the same items {order}")
        return
    if start == 0 and len(wanted) > _FEWEST_MOVED:
        moved = functools.partial(_moved, walk, path, wanted, got, depth)
        if walk.finds(moved):
            return
    for index in range(start, min(len(wanted), _MAX_ITEMS)):
        walk.compare(f"{path}[{index}]", wanted[index], got[index], depth)


def _moved(walk: Comparison, path: str, wanted: list[Any], got: list[Any], depth: int) -> bool:
    """One item too many at one end, and one missing at the other: told as that, and not by each."""
    from grader.verdicts.differences.comparing import ABSENT

    last = len(wanted) - 1
    if all(itertools.starmap(walk.same, _pairs(wanted[:-1], got[1:], depth))):
        extra, missing = 0, last
    elif all(itertools.starmap(walk.same, _pairs(wanted[1:], got[:-1], depth))):
        extra, missing = last, 0
    else:
        return False
    walk.part("extra", f"{path}[{extra}]", ABSENT, got[extra])
    walk.part("missing", f"{path}[{missing}]", wanted[missing], ABSENT, "the others are moved by 1")
    return True


def _pairs(left: list[Any], right: list[Any], depth: int) -> Any:
    return ((a, b, depth) for a, b in zip(left, right, strict=True))


def _other_length(
    walk: Comparison, path: str, wanted: list[Any], got: list[Any], start: int, depth: int
) -> None:
    from grader.verdicts.differences.comparing import ABSENT

    walk.note("shape", path, f"{_count(len(got))} instead of {len(wanted)}")
    shorter = min(len(wanted), len(got))
    end = 0
    while end < shorter - start and end < _MAX_ITEMS:
        if not walk.same(wanted[-1 - end], got[-1 - end], depth):
            break
        end += 1
    for index in range(start, shorter - end):
        walk.compare(f"{path}[{index}]", wanted[index], got[index], depth)
    for index in range(shorter - end, len(wanted) - end):
        walk.part("missing", f"{path}[{index}]", wanted[index], ABSENT)
    for index in range(shorter - end, len(got) - end):
        walk.part("extra", f"{path}[{index}]", ABSENT, got[index])


def _count(number: int) -> str:
    return f"{number} item" if number == 1 else f"{number} items"


def _same_items(walk: Comparison, wanted: list[Any], got: list[Any], depth: int) -> bool:
    return len(wanted) == len(got) and not any(_leftover(walk, wanted, got, depth))


def _leftover(
    walk: Comparison, wanted: list[Any], got: list[Any], depth: int
) -> tuple[list[Any], list[Any]]:
    """Items that only one side has, whatever their order."""
    if all(type(x) in _COUNTABLE for x in itertools.chain(wanted, got)):
        left, right = collections.Counter(wanted), collections.Counter(got)
        return list((left - right).elements()), list((right - left).elements())
    if max(len(wanted), len(got)) > _FEW:
        return wanted, got
    missing, extra = [], list(got)
    for item in wanted:
        found = next((i for i, other in enumerate(extra) if walk.same(item, other, depth)), None)
        if found is None:
            missing.append(item)
        else:
            del extra[found]
    return missing, extra


def _by_count(walk: Comparison, path: str, wanted: list[Any], got: list[Any], depth: int) -> None:
    if len(wanted) != len(got):
        walk.note("shape", path, f"{_count(len(got))} instead of {len(wanted)}")
    missing, extra = _leftover(walk, wanted, got, depth)
    _members(walk, path, missing, extra)


def _members(walk: Comparison, path: str, missing: Any, extra: Any) -> None:
    from grader.verdicts.differences.comparing import ABSENT

    for item in missing:
        walk.part("missing", path, item, ABSENT)
    for item in extra:
        walk.part("extra", path, ABSENT, item)


def sets(walk: Comparison, path: str, expected: Any, actual: Any, depth: int) -> None:
    """Members are told in an order that does not change from run to run."""
    missing, extra = expected - actual, actual - expected
    if not missing and not extra:
        return
    walk.make_room()
    _members(walk, path, _in_order(missing), _in_order(extra))


def _in_order(members: Any) -> list[Any]:
    few = list(itertools.islice(members, 1000))
    if all(type(x) in _COUNTABLE for x in few):
        few.sort(key=lambda x: (type(x).__name__, repr(x) if type(x) is not int else "", x or 0))
    return few


def mappings(walk: Comparison, path: str, expected: Any, actual: Any, depth: int) -> None:
    from grader.verdicts.differences.comparing import ABSENT

    keys = list(itertools.islice(expected, _MAX_ITEMS))
    missing = [key for key in keys if key not in actual]
    known = set(keys)
    extra = [k for k in itertools.islice(actual, _MAX_ITEMS) if _plain(k) and k not in known]
    for key in list(missing):
        near = next((k for k in extra[:1000] if _alike(key, k)), None)
        if near is not None:
            missing.remove(key)
            extra.remove(near)
            walk.part("key", path, key, near, _key_note(key, near))
    for key in missing:
        walk.part("missing", f"{path}[{_brief(key)}]", expected[key], ABSENT)
    for key in extra:
        walk.part("extra", f"{path}[{_brief(key)}]", ABSENT, actual[key])
    for key in keys:
        if key in actual:
            # Not by [], which would add a key to a defaultdict.
            walk.compare(f"{path}[{_brief(key)}]", expected.get(key), actual.get(key), depth)
    if not missing and not extra and type(expected) is type(actual) is collections.OrderedDict:
        _order(walk, path, keys, list(actual))


def _order(walk: Comparison, path: str, wanted: list[Any], got: list[Any]) -> None:
    place = next((i for i, (a, b) in enumerate(zip(wanted, got, strict=False)) if a != b), None)
    if place is not None:
        walk.note("order", path, f"the same keys in another order from number {place + 1} on")


def _plain(key: Any) -> bool:
    """Keys whose hash is not the student's to tell."""
    return type(key) in _COUNTABLE or (type(key) is tuple and all(map(_plain, key)))


def _alike(wanted: Any, got: Any) -> bool:
    """What was meant to be the same key: 3 and '3', 'Ana' and 'ana '."""
    if type(wanted) is str and type(got) is str:
        return wanted.strip().casefold() == got.strip().casefold()
    return {type(wanted), type(got)} == {int, str} and str(wanted)[:20] == str(got)[:20]


def _key_note(wanted: Any, got: Any) -> str:
    if type(wanted) is type(got):
        return f"the key is {_brief(got)}, not {_brief(wanted)}"
    return (
        f"the key is {_brief(got)} ({type(got).__name__}), "
        f"not {_brief(wanted)} ({type(wanted).__name__})"
    )


def _brief(key: Any) -> str:
    text = repr(key) if _plain(key) else f"<{type(key).__name__}>"
    return text if len(text) <= 60 else f"{text[:59]}…"
