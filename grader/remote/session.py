"""One student's process, as the tests use it: requests out, callbacks in."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from grader.remote.awaiting import Awaiting
from grader.remote.channel import Channel, Output
from grader.remote.doubting import Doubts
from grader.remote.exports import Exports, NotForStudents
from grader.remote.final import STOPPED, Trace, WireError
from grader.remote.functions import RemoteFunction
from grader.remote.mirrors import Mirrors
from grader.remote.naming import named
from grader.remote.proxies import Mirror
from grader.remote.questions import Questions
from grader.remote.sharing import Sharing, argument
from grader.remote.surroundings import Surroundings
from grader.wire.codec import MAX_FRAME, Codec, CodecError
from grader.wire.lanes import Own

if TYPE_CHECKING:
    from grader.remote.watching import Watch

_MAX_OUT = 8 << 20
#: What a message holds beside the value.
_AROUND = 1 << 16
_TOUCHING = frozenset({"call", "method", "op", "run", "program"})
_PUTTING = frozenset({"set", "op"})
_PUTTING_OPS = frozenset({"setitem", "iadd", "ior", "lshift", "ilshift"})
_UNCHANGING = frozenset({int, float, complex, range})
_MAY_STOP = frozenset({"__next__", "send", "throw"})


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
        watch: Watch | None = None,
        most_bytes: int = MAX_FRAME,
    ) -> None:
        #: Present where a profile is enforced or recorded.
        self.watch = watch
        self._request = partial(self._watched, watch) if watch else self._exchange
        #: Whether objects of the student's own classes come back as more than opaque things.
        self.objects = objects
        #: Published ones: there is nothing to keep secret.
        self.open_tests = open_tests
        #: The process is gone. Abstract classes still know those that were registered with them.
        self.is_over = False
        #: The text of the tests.
        self.sources: tuple[str, ...] = ()
        self.mirrors = Mirrors(self)
        self.exports = Exports(self, open_tests=open_tests)
        codec = self._codec = Codec(
            self.exports.export,
            self.mirrors.resolve,
            max_encode=_MAX_OUT,
            max_decode=most_bytes + _AROUND,
        )
        self.encode = codec.encode
        self.sharing = Sharing(codec, self._exchange)
        self.tell = self.sharing.tell
        #: How often the student's code has run for a test, or has handed one a value.
        self.touched = 0
        #: What a thread of the test could not hand over; nobody else hears of it.
        self.refused: Exception | None = None
        #: What comes before the student's code.
        self.given_ran = False
        self.channel = Channel(sock, output, codec, deadline)
        self.channel.own = self._own
        self._questions = Questions(self)
        self.channel.answer = self._questions.answer
        self.awaiting = Awaiting(self)
        self.surroundings = Surroundings(self, folder)
        self.doubts = Doubts(self)
        #: What the student's code printed, call by call.
        self.printed: list[str] = []
        self._streams = (sys.stdout, sys.stderr)

    def lend(self, value: Any) -> Any:
        """What an object of the test holds: a container is changed there, too."""
        return self.sharing.twins.lend(value)

    def request(self, *message: Any) -> Any:
        return self._request(list(message), [], {})

    def aside(self, *message: Any) -> Any:
        """No call of the test: nothing that a control counts or changes."""
        return self._exchange(list(message), [], {})

    def meet(self, message: list[Any]) -> None:
        """A comparison of the test that is made on this side."""
        if self.watch is not None:
            self.watch.meet(message)

    def call(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            return self._request(["call", target, list(args), kwargs], args, kwargs)
        except StopIteration as stop:
            self._end_no_loop(stop)

    def resume(self, target: Any, *args: Any) -> Any:
        """Call what tells its own end by StopIteration."""
        return self._request(["call", target, list(args), {}], args, {})

    def method(
        self, owner: Any, name: str, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        message = ["method", owner, name, instance, list(args), kwargs]
        if name in _MAY_STOP:
            return self._request(message, args, kwargs)
        try:
            return self._request(message, args, kwargs)
        except StopIteration as stop:
            self._end_no_loop(stop)

    def _end_no_loop(self, stop: StopIteration) -> NoReturn:
        """Out of `map(f, rows)` a StopIteration would end the test's own loop, unchecked."""
        if self.open_tests:
            raise stop
        error: Any = RuntimeError(STOPPED)
        error.__student__ = getattr(stop, "__student__", None)
        raise error from None

    def _watched(self, watch: Watch, message: list[Any], args: Any, kwargs: dict[str, Any]) -> Any:
        with self.channel.lock:
            return watch.ask(self._exchange, message, args, kwargs)

    def _own(self) -> Own:
        """What changes from call to call, and back: of calls at one time each has its own."""
        self.sharing.at_once = True
        own: Own = [(self.sharing, "_telling", bool), (self.awaiting, "pumping", bool)]
        own += [(self.surroundings, "_busy", bool), (self._codec, "_depth", int)]
        own += self.sharing.twins.own()
        return own + (self.watch.own() if self.watch is not None else [])

    def _exchange(self, message: list[Any], args: Any, kwargs: dict[str, Any]) -> Any:
        twins = self.sharing.twins
        with self.channel.lock:
            self.surroundings.before()
            self.sharing.tell()
            if args or kwargs:
                message = self.sharing.named(message, args, kwargs)
            elif message[0] in _PUTTING and (message[0] == "set" or message[1] in _PUTTING_OPS):
                message = self.sharing.lent(message)
            self.touched += message[0] in _TOUCHING
            outer = twins.look_inside(args, kwargs)
            try:
                return self._converse(message, args, kwargs)
            finally:
                twins.look_again(outer)

    def _converse(self, message: list[Any], args: Any, kwargs: dict[str, Any]) -> Any:
        try:
            self.channel.send(named(message))
        except CodecError as error:
            told: Exception = error
            if self.open_tests or not isinstance(error, NotForStudents):
                told = TypeError(f"cannot be handed to the student's code: {error}")
            if threading.current_thread() is not threading.main_thread():
                self.refused = told
            raise told from None
        while True:
            reply = self.channel.receive()
            if reply[0] in ("ok", "exc"):
                self.touched += reply[0] == "exc"
                self.show()
                if self.surroundings.shares_files:
                    self.surroundings.after()
                value = self._finish(reply, args, kwargs)
                if message[0] == "get" and not isinstance(value, RemoteFunction | Mirror):
                    self.touched += 1
                return value
            self._told(reply)

    def _told(self, message: list[Any]) -> None:
        """No answer, but a word by the way, or a question."""
        if message[0] == "given":
            self.given_ran = True
        elif message[0] == "lanes" and self.channel.lock.lanes is None:
            self.channel.part()
        else:
            self._questions.answer(message)

    def _finish(self, reply: list[Any], args: Any, kwargs: dict[str, Any]) -> Any:
        if reply[-1] and type(reply[-1]) is dict:
            self.sharing.take(reply[-1], args, kwargs)
        if reply[0] == "exc":
            self._raise(reply)
        if len(reply) != 4:
            raise WireError("malformed answer")
        if reply[2] is not None:
            same = argument(args, kwargs, reply[2])
            if same is not None:
                return same
        value = self.sharing.one_of(reply[1])
        if type(value) in _UNCHANGING:
            # Nothing tells it from a copy but `is`.
            given = (*args, *kwargs.values())
            return next((g for g in given if type(g) is type(value) and g == value), value)
        return value

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
        raise error

    def show(self, prompt: str = "") -> None:
        new = self.channel.drain(up_to_now=False)
        if not new.text and not prompt:
            return
        self.printed.append(new.text + prompt)
        pairs = ((sys.stdout, new.out + prompt), (sys.stderr, new.err))
        for (stream, text), own in zip(pairs, self._streams, strict=True):
            if text and stream is not own:
                with contextlib.suppress(Exception):  # the test's own stream
                    stream.write(text)

    def take_printed(self, *, up_to_now: bool = True) -> str:
        """Up to now, which threads of the student's make a difference; or to the last answer."""
        text = self.channel.drain(up_to_now=up_to_now).text
        if self.printed:
            printed, self.printed = self.printed, []
            text = "".join(printed) + text
        return text
