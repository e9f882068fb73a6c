"""Asks an object that said yes a question to which only a liar says yes again.

For tests without a profile, where nobody knows what is right: an object may be equal to another,
but not to a bare `object()`; it may be unequal to or less than another, but not than itself. So
the plainest always-true comparisons gain nothing even there.

With a plain value an object is compared only where the tests are open, and among decoys: it is
asked about all of them in a random order, each at least once, and has to know the right one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.remote.decoys import decoys, shuffled

if TYPE_CHECKING:
    from grader.remote.session import Session

_PLAIN = (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset)
_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "gt": ">"}


class Doubts:
    def __init__(self, session: Session) -> None:
        self._session = session
        #: Class and comparison to whether it was caught lying; each is asked once.
        self._lies: dict[tuple[type, str], bool] = {}

    def about(self, name: str, operand: Any, answer: Any) -> Any:
        """The answer, if it may be believed; else AssertionError."""
        if name not in _SIGNS or not _truth(answer, operand) or not self._active:
            return answer
        key = (type(operand), name)
        if key not in self._lies:
            self._lies[key] = False  # what the question itself leads to is not asked again
            self._lies[key] = self._lies_about(name, operand)
        if self._lies[key]:
            other = "anything at all" if name == "eq" else "itself"
            raise AssertionError(
                f"{key[0].__name__} says that it is {_SIGNS[name]} {other}; "
                "its comparisons do not look at what it holds."
            )
        return answer

    @property
    def compares_plain(self) -> bool:
        return self._session.open_tests and self._session.watch is None

    def compared_with_plain(self, name: str, operand: Any, other: Any) -> Any:
        """What `==` or `!=` says of an object and a plain value."""
        if not self.compares_plain or type(other) in (bool, type(None)):
            return NotImplemented
        others = decoys(other)
        if not others:
            return NotImplemented
        found, equal, wrong = None, name == "eq", False
        for asked in shuffled([other, *others]):
            if asked is other:
                found = self._session.request("op", f"_{name}", [operand, asked])
            else:
                wrong = _truth(self._says(name, operand, asked), operand) is equal or wrong
        said = _truth(found, operand)
        if said is equal and wrong:
            raise AssertionError(
                f"{type(operand).__name__} says that it is equal to other values, too; "
                "its comparisons do not look at what it holds."
            )
        return found if said is not None else NotImplemented

    @property
    def _active(self) -> bool:
        watch = self._session.watch
        return watch is None or watch.profile is not None

    def _lies_about(self, name: str, operand: Any) -> bool:
        other = self._session.aside("call", object, [], {}) if name == "eq" else operand
        return _truth(self._says(name, operand, other), operand) is True

    def _says(self, name: str, operand: Any, other: Any) -> Any:
        try:
            return self._session.aside("op", name, [operand, other])
        except Exception:
            return None  # many a right comparison only knows its own class


def _truth(answer: Any, operand: Any) -> bool | None:
    """What a test makes of it, as `==` may say 1, "yes" or `self`; None if that is not known."""
    if answer is operand:
        return True
    return bool(answer) if answer is None or type(answer) in _PLAIN else None
