"""Runs inside the sandbox, beside the student's code, and is trusted for nothing.

It knows the student's code and the arguments of each call; it never sees a test, an expected value
or anything of another submission.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
from _thread import _count as count_threads
from typing import Any, NoReturn

from grader.inside import operations
from grader.inside.handles import Handles
from grader.inside.lanes import Conversations, LaneEnded
from grader.wire.codec import Codec, CodecError
from grader.wire.lanes import MARK
from grader.wire.turn import Turn

_SIZE = struct.Struct("<I")
_MAX_FROM_TESTS = 16 << 20


class Agent:
    """Made before the processes of submissions are forked, so that none of them has to."""

    _sock: socket.socket

    def __init__(self) -> None:
        self._received = bytearray()
        #: The tests have more than one thread.
        self._both = False
        self._turn: Turn[Conversations] = Turn(self._lanes, self._tell_of_lanes)
        self.handles = Handles(self.ask)
        self.codec = Codec(self.handles.export, self.handles.resolve, max_decode=_MAX_FROM_TESTS)
        self.operations = operations.Operations(self.codec, self.handles, self.ask, self.tell)
        self.operations.outside = self._turn.outside
        self.handles.stubs.turn = self._turn

    def settle(self) -> None:
        """Take the place of what a program usually finds around it, for good."""
        self.operations.loader.settle()

    def connect(self, sock: socket.socket) -> None:
        self._sock = sock

    def serve(self) -> None:
        with self._turn:
            while True:
                self.answer_one()

    def answer_one(self) -> None:
        try:
            message = self._receive()
        except CodecError as error:
            refused = TypeError(f"cannot be handed to the student's code: {error}")
            self._send(self.codec.encode(["exc", refused, None, None, "", {}]))
        else:
            self._answer(message)

    def ask(self, *message: Any) -> Any:
        """Ask the tests' side for something: a callback, the next item, a line of input."""
        with self._turn:
            self._send(self.codec.encode(list(message)))
            while True:
                reply = self._receive()
                if reply[0] == "ret":
                    return reply[1]
                if reply[0] == "raise":
                    raise reply[1]
                self._answer(reply)

    def tell(self, *message: Any) -> None:
        """Something that is not answered."""
        with self._turn:
            self._send(self.codec.encode(list(message)))

    def _answer(self, message: list[Any]) -> None:
        self._send(self.operations.run(message))

    def _lanes(self) -> Conversations:
        own = self.operations.own()
        made = Conversations(self._sock, self._received, own, lambda: self._both)
        made.serve, made.refuse = self.answer_one, self._refuse
        return made

    def _refuse(self) -> None:
        """Where no thread can be started for one of the tests."""
        refused = RuntimeError("can't start new thread")
        self._send(self.codec.encode(["exc", refused, None, None, "", {}]))

    def _tell_of_lanes(self, _: Conversations) -> None:
        self._sock.sendall(framed(MARK))

    def _send(self, data: bytes) -> None:
        # What was printed so far must be in the pipe before the answer.
        try:
            sys.stdout.flush()
            sys.stderr.flush()
            if sys.__stdout__ is not sys.stdout:
                self._flush_all()
        except Exception:
            self._flush_all()
        lanes = self._turn.lanes
        if lanes is None and count_threads():
            with contextlib.suppress(RuntimeError):  # no thread can be started
                lanes = self._turn.part()
        if lanes is None:
            self._sock.sendall(framed(data))
        else:
            lanes.send(data, kept=False)

    def _flush_all(self) -> None:
        for stream in (sys.stdout, sys.stderr, sys.__stdout__):
            # The student may have replaced or closed it.
            with contextlib.suppress(Exception):
                stream.flush()  # type: ignore[union-attr]

    def _receive(self) -> Any:
        received = self._received
        while self._turn.lanes is None:
            if len(received) >= _SIZE.size:
                whole = _SIZE.size + _SIZE.unpack_from(received)[0]
                if len(received) >= whole:
                    data = bytes(received[_SIZE.size : whole])
                    del received[:whole]
                    if data != MARK:
                        return self.codec.decode(data)
                    self._both = True
                    self._turn.part()
                    break
            chunk = self._sock.recv(1 << 16)
            if not chunk:
                os._exit(0)
            received += chunk
        data = self._turn.part().receive()
        if not data:
            raise LaneEnded
        return self.codec.decode(data)


def framed(data: bytes) -> bytes:
    return _SIZE.pack(len(data)) + data


def main(sock: socket.socket, agent: Agent) -> NoReturn:
    """In a process of its own, which is shut in already."""
    # Without its standard library a student's code would fail in ways nobody understands.
    os.close(os.open(os.__file__, os.O_RDONLY))
    agent.connect(sock)
    sock.sendall(b"+")
    try:
        agent.serve()
    finally:
        os._exit(97)
