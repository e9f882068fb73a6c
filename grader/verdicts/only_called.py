"""What a test hands over and the student's code may only call: that it has more is not theirs."""

from __future__ import annotations

import contextlib
import inspect
import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from unittest.mock import NonCallableMock

from grader.verdicts.outcome import trace_of
from grader.wire.codec import CodecError

if TYPE_CHECKING:
    from grader.remote.exports import Exports

_LACKS = re.compile(r"'callback' object has no attribute '(\w{1,60})'")
#: What Python says where an operation of a MagicMock would be asked for.
_OPERATIONS = {
    "object of type 'callback' has no len()": "__len__",
    "'callback' object is not subscriptable": "__getitem__",
    "'callback' object is not iterable": "__iter__",
    "'callback' object does not support item assignment": "__setitem__",
}


def why(error: BaseException, exports: Exports) -> str:
    """Of code that asks a Mock, say, for what it has beside the tests: mostly for its author, whose
    solution does so. It counts as a failure: any submission can choose to ask.
    """
    name = _asked(error)
    # What was handed over last comes first: earlier ones are mostly of other tests.
    things = [*_handed(exports)][::-1] if name else []
    kind = next((_kind(thing) for thing in things if _has(thing, name)), None)
    if kind is None:
        return ""
    return (
        f"the test hands over a {kind}, which can only be called here: whoever writes the test "
        "can let `given` define a class for it"
    )


def _asked(error: BaseException) -> str:
    """Nothing of the student's is asked: only Python's own exceptions with a plain text count."""
    if type(error) not in (AttributeError, TypeError) or trace_of(error) is None:
        return ""
    text = error.args[0] if len(error.args) == 1 else None
    if type(text) is not str:
        return ""
    found = _LACKS.match(text)
    return found[1] if found is not None else _OPERATIONS.get(text, "")


def _handed(exports: Exports) -> Iterator[Any]:
    with contextlib.suppress(CodecError):  # there are no more
        for number in itertools.count(1):
            yield exports.get(number)


def _has(thing: Any, name: str) -> bool:
    """Looked up in what it holds: nothing of the test runs for a name that a student chose."""
    if issubclass(type(thing), NonCallableMock) and not name.startswith("__"):
        known = vars(thing)["_mock_methods"]
        return known is None or name in known
    known = inspect.getattr_static(thing, name, _MISSING)
    return callable(thing) and known is not _MISSING


def _kind(thing: Any) -> str:
    return "class" if isinstance(thing, type) else type(thing).__name__


_MISSING = object()
