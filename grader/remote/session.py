"""One student's process, as the tests use it: requests out, callbacks in."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import socket
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

from grader.codec import Codec, CodecError
from grader.remote.awaiting import Awaiting
from grader.remote.channel import Channel, Output, Trace, Turn, WireError
from grader.remote.exports import Exports
from grader.remote.mirrors import Mirrors
from grader.remote.mutation import restore
from grader.remote.surroundings import Surroundings

_MAX_OUT = 8 << 20
_Index = int | str


class Session:
    def __init__(
        self,
        sock: socket.socket,
        output: Output,
        *,
        deadline: float,
        open_tests: bool = False,
        objects: bool = True,
        folder: Path | None = None,
    ) -> None:
        #: Whether objects of the student's own classes come back as more than opaque things.
        self.objects = objects
        self.mirrors = Mirrors(self)
        self.exports = Exports(self, open_tests=open_tests)
        codec = Codec(self.exports.export, self.mirrors.resolve, max_encode=_MAX_OUT)
        self.channel = Channel(sock, output, codec, deadline)
        self.awaiting = Awaiting(self)
        self.surroundings = Surroundings(self, folder)
        #: Called with text that the student's code printed, as soon as its call is answered.
        self.printed: list[str] = []
        self._input = builtins.input
        self._stdin = sys.stdin
        self._streams = (sys.stdout, sys.stderr)

    def request(self, *message: Any) -> Any:
        return self._request(list(message), [], {})

    def call(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self._request(["call", target, list(args), kwargs], args, kwargs)

    def method(
        self, owner: Any, name: str, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        message = ["method", owner, name, instance, list(args), kwargs]
        return self._request(message, args, kwargs)

    def _request(self, message: list[Any], args: Any, kwargs: dict[str, Any]) -> Any:
        with self.channel.lock:
            self.surroundings.before()
            try:
                self.channel.send(message)
            except CodecError as error:
                raise TypeError(f"cannot be handed to the student's code: {error}") from None
            while True:
                reply = self.channel.receive()
                if reply[0] in ("ok", "exc"):
                    self._print()
                    self.surroundings.after()
                    return self._finish(reply, args, kwargs)
                self._answer(reply)

    def _finish(self, reply: list[Any], args: Any, kwargs: dict[str, Any]) -> Any:
        changes = reply[-1]
        if type(changes) is dict:
            for key, new in changes.items():
                old = _argument(args, kwargs, key)
                if old is not None:
                    restore(old, new)
        if reply[0] == "exc":
            self._raise(reply)
        if len(reply) != 4:
            raise WireError("malformed answer")
        same = _argument(args, kwargs, reply[2])
        if same is not None:
            return same
        # So that `assertIs(kind(6), "perfect")` means what it does where all is one process.
        return sys.intern(reply[1]) if type(reply[1]) is str else reply[1]

    def _raise(self, reply: list[Any]) -> None:
        if len(reply) != 6 or not isinstance(reply[1], BaseException):
            raise WireError("malformed exception")
        error: Any
        _, error, line, text, trace, _ = reply
        error.__student__ = Trace(
            line if type(line) is int else None,
            text if type(text) is str else None,
            trace if type(trace) is str else "",
        )
        raise error from error.__cause__

    def _print(self, prompt: str = "") -> None:
        new = self.channel.drain()
        if not new.text and not prompt:
            return
        self.printed.append(new.text + prompt)
        pairs = ((sys.stdout, new.out + prompt), (sys.stderr, new.err))
        for (stream, text), own in zip(pairs, self._streams, strict=True):
            if text and stream is not own:
                with contextlib.suppress(Exception):  # the test's own stream
                    stream.write(text)

    def take_printed(self) -> str:
        self.printed.append(self.channel.drain().text)
        text = "".join(self.printed)
        self.printed.clear()
        return text

    def _answer(self, message: list[Any]) -> None:
        """The student's code asks for something of the tests."""
        self._print()
        try:
            kind, *rest = message
            if kind == "input":
                value: Any = self._line_of_input(*rest)
            elif kind == "stdin":
                value = self._standard_input(*rest)
            elif kind == "warn":
                value = None
                self._warn(*rest)
            elif kind == "back":
                value = self.exports.answer(*rest)
            else:
                raise WireError("unknown question")
            self.channel.send(["ret", value])
        except WireError:
            raise
        except CodecError as error:
            self.channel.send(["raise", TypeError(str(error))])
        except Exception as error:
            self.channel.send(["raise", error])

    def _warn(self, message: Any) -> None:
        if isinstance(message, Warning):
            warnings.warn(message, stacklevel=2)

    def _line_of_input(self, prompt: str) -> Any:
        if builtins.input is not self._input:
            return builtins.input(prompt)
        self._print(prompt)
        line = self._standard_input("line")
        if not line:
            raise EOFError("EOF when reading a line")
        return line.rstrip("\n")

    def _standard_input(self, what: str) -> Any:
        if sys.stdin is self._stdin:
            return ""
        return sys.stdin.readline() if what == "line" else sys.stdin.read()


def _argument(args: Any, kwargs: dict[str, Any], key: Any) -> Any:
    if type(key) is int and 0 <= key < len(args):
        return args[key]
    return kwargs.get(key) if type(key) is str else None


def run_apart(awaitable: Any, turn: Turn) -> Any:
    """Drive a test's coroutine to its end, whatever event loop is running in this thread."""
    outcome: list[Any] = []
    me = threading.get_ident()

    async def drive() -> Any:
        return await awaitable

    def work() -> None:
        turn.hand_over(threading.get_ident())
        try:
            outcome.extend([asyncio.run(drive()), None])
        except BaseException as error:
            outcome.extend([None, error])
        finally:
            turn.hand_over(me)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if outcome[1] is not None:
        raise outcome[1]
    return outcome[0]
