"""What the student's code may ask of the tests, while it runs."""

from __future__ import annotations

import builtins
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader.remote.final import FINAL, WireError
from grader.remote.logs import Records
from grader.wire.codec import CodecError

if TYPE_CHECKING:
    from grader.remote.session import Session


class Questions:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._records = Records()
        self._input = builtins.input
        self._stdin = sys.stdin

    def answer(self, message: list[Any]) -> None:
        session = self._session
        _ = session.sharing.twins.inside  # they may change what they have handed over
        session.show()
        try:
            kind, *rest = message
            answers: dict[str, Any] = {
                "input": self._line_of_input,
                "stdin": self._standard_input,
                "warn": self._warn,
                "log": self._records.take,
                "back": session.exports.answer,
                "twins": session.sharing.take_changed,
            }
            if kind not in answers:
                raise WireError("unknown question")
            value = answers[kind](*rest)
            session.channel.send(["ret", value])
        except FINAL:
            raise
        except CodecError as error:
            session.channel.send(["raise", TypeError(str(error))])
        except BaseException as error:  # goes on through the student's code, as in one process
            session.channel.send(["raise", error])

    def _warn(self, message: Any) -> None:
        if isinstance(message, Warning):
            warnings.warn(message, stacklevel=2)

    def _line_of_input(self, prompt: str) -> Any:
        if builtins.input is not self._input:
            return self._outside(builtins.input, prompt)
        self._session.show(prompt)
        if not (line := self._standard_input("line")):
            raise EOFError("EOF when reading a line")
        return line.rstrip("\n")

    def _standard_input(self, what: str) -> Any:
        if sys.stdin is self._stdin:
            return ""
        return self._outside(sys.stdin.readline if what == "line" else sys.stdin.read)

    def _outside(self, work: Callable[..., Any], *args: Any) -> Any:
        return self._session.channel.lock.outside(work, *args)
