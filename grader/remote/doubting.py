"""Asks an object that said yes a question to which only a liar says yes again.

For tests without a profile, where nobody knows what is right: an object may be equal to another,
but not to a bare `object()`; it may be unequal to or less than another, but not than itself. So
the plainest always-true comparisons gain nothing even there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.remote.session import Session

_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "gt": ">"}


class Doubts:
    def __init__(self, session: Session) -> None:
        self._session = session
        #: Class and comparison to whether it was caught lying; each is asked once.
        self._lies: dict[tuple[type, str], bool] = {}

    def about(self, name: str, operand: Any, answer: Any) -> Any:
        """The answer, if it may be believed; else AssertionError."""
        if answer is not True or name not in _SIGNS or not self._active:
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
    def _active(self) -> bool:
        watch = self._session.watch
        return watch is None or watch.profile is not None

    def _lies_about(self, name: str, operand: Any) -> bool:
        try:
            other = self._session.call(object, (), {}) if name == "eq" else operand
            return self._session.request("op", name, [operand, other]) is True
        except Exception:
            return False  # many a right comparison only knows its own class
