"""A live tests' side and a live agent are fed damaged frames: each comes to a tidy end."""

from __future__ import annotations

import contextlib
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.seeds import messages
from fuzz.wires import frame, handle, packed, session, tidy, use
from grader.verdicts.outcome import FINAL

ROOT = Path(__file__).resolve().parents[2]
_AGENT = """
import socket, sys
from grader.agent import Agent, main
main(socket.socket(fileno=int(sys.argv[1])), Agent())
"""
_FEW = settings(max_examples=12)
#: What the tests' side sends that is harmless however it is damaged.
_QUESTIONS = [
    ["names", "math"],
    ["usage"],
    ["get", handle("module", "math"), "pi"],
    ["op", "len", [[1, 2]]],
    ["environment", {"A": "b"}],
    ["describe", 1],
]


@st.composite
def damaged(draw: Callable[..., Any], whole: list[bytes]) -> bytes:
    data = bytearray(draw(st.sampled_from(whole)))
    for _ in range(draw(st.integers(0, 4))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.none() | st.integers(0, len(data)))])


sizes = st.none() | st.sampled_from([0, 1, 1 << 20, (1 << 20) + 1, 1 << 31, (1 << 32) - 1])


@given(st.lists(st.tuples(damaged(messages()), sizes), min_size=1, max_size=4), st.booleans())
def test_damaged_answers_end_a_call_in_a_way_that_a_verdict_can_tell(
    answers: list[tuple[bytes, int | None]], objects: bool
) -> None:
    sent = b"".join(frame(body, size) for body, size in answers)
    with session(sent, objects=objects) as tests:
        for _ in range(len(answers) + 1):
            found = tidy(lambda: tests.call(len, ([1], {2: 3}), {"key": [4]}))
            with contextlib.suppress(Exception, *FINAL):
                use(found)


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_for_answers_end_a_call_too(sent: bytes, objects: bool) -> None:
    with session(sent, objects=objects) as tests:
        tidy(lambda: tests.call(len, ([],), {}))


class LiveAgent:
    """An agent in a process of its own; started again whenever it has ended."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self.sock, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _AGENT, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self.sock.settimeout(20)
        assert self.sock.recv(1) == b"+"

    def ask(self, body: bytes) -> list[Any] | None:
        """Its answer, or None after it has ended and a new one stands in its place."""
        with contextlib.suppress(ConnectionError):
            self.sock.sendall(frame(body))
            head = self.sock.recv(4, socket.MSG_WAITALL)
            if len(head) == 4:
                (size,) = struct.unpack("<I", head)
                answer: list[Any] = msgpack.unpackb(
                    self.sock.recv(size, socket.MSG_WAITALL),
                    strict_map_key=False,
                    unicode_errors="surrogatepass",
                )
                return answer
        self.close()
        assert self.process.returncode in (0, 97)
        self._start()
        return None

    def close(self) -> None:
        self.sock.close()
        self.process.wait(20)


@pytest.fixture(scope="module")
def agent() -> Iterator[LiveAgent]:
    agent = LiveAgent()
    yield agent
    agent.close()


@_FEW
@given(damaged([packed(question) for question in _QUESTIONS]))
def test_a_damaged_question_is_answered_or_ends_the_agent(agent: LiveAgent, body: bytes) -> None:
    answer = agent.ask(body)

    assert answer is None or answer[0] in ("ok", "exc")
    assert agent.ask(packed(["op", "len", [[1, 2, 3]]])) == ["ok", 3, None, {}]
