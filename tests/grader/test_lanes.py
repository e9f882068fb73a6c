"""Conversations in lanes: what a hostile process sends there, and when a test's functions run."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fuzz.wires import frame, packed, session, tidy
from grader.remote.channel import Output
from grader.remote.final import StudentGone, WireError
from grader.remote.functions import RemoteModule
from grader.remote.session import Session
from grader.wire.lanes import MARK, MOST

ROOT = Path(__file__).resolve().parents[2]
_AGENT = """
import socket, sys
from grader.agent import Agent, main
main(socket.socket(fileno=int(sys.argv[1])), Agent())
"""
_CODE = """
import threading, time
def every(f):
    def run():
        while True:
            f()
            time.sleep(0.001)
    threading.Thread(target=run, daemon=True).start()
def three(): return 3
def wait(f=None):
    if f is not None: f()
    threading.Event().wait()
"""
_ANSWER = packed(["ok", 3, None, {}])
_QUESTION = packed(["input", "?"])


def _in_lane(number: int, body: bytes) -> bytes:
    return frame(struct.pack("<i", number) + body)


@pytest.mark.parametrize(
    "sent",
    [
        _in_lane(5, _ANSWER),
        _in_lane(0, _ANSWER) * 2,
        _in_lane(-1 - MOST, _QUESTION),
        _in_lane(0, packed(["lanes"])),
        frame(b"\0\0"),
        frame(b"", 1 << 31),
        _in_lane(-1, b"\xc1"),
        _in_lane(-1, packed(["eval", "1"])),
    ],
    ids=["no such lane", "twice", "too many", "again", "short", "large", "no value", "unknown"],
)
def test_what_nobody_waits_for_ends_the_conversation_for_all(sent: bytes) -> None:
    with session(frame(MARK) + sent, objects=True) as tests:
        calls = [lambda: tidy(lambda: tests.call(len, ([1],), {}))] * 3
        calls[0]()
        threads = [threading.Thread(target=call) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)

        assert not any(thread.is_alive() for thread in threads)
        assert type(tests.channel.closed) in (WireError, StudentGone)
        calls[0]()


def test_a_flood_of_questions_is_answered_in_no_more_lanes_than_there_are() -> None:
    flood = b"".join(_in_lane(number, _QUESTION) for number in range(-1, -1 - MOST, -1)) * 20
    with session(frame(MARK) + flood, objects=False) as tests:
        tidy(lambda: tests.call(len, ([1],), {}))

        lanes = tests.channel.lock.lanes
        assert lanes is not None
        assert len(lanes.table) <= MOST + 1
        assert tests.channel.closed is not None


@pytest.fixture
def live() -> Iterator[tuple[Session, RemoteModule]]:
    """A session with an agent in a process of its own."""
    ours, theirs = socket.socketpair()
    pipe, pipe_end = os.pipe()
    os.set_blocking(pipe, False)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", _AGENT, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=pipe_end,
            stderr=pipe_end,
        )
    assert ours.recv(1) == b"+"
    tests = Session(ours, Output([pipe], 1000), deadline=time.monotonic() + 20)
    config = {"module": "answer", "given": "", "code": _CODE, "functions": [], "files": {}}
    limits = {"cpu_seconds": 10, "memory": None, "processes": None}
    tests.request("load", {**config, "allow_imports": None, "limits": limits, "result_kb": 64})
    yield tests, RemoteModule(tests, "answer")
    tests.channel.leave()
    ours.close()
    process.kill()
    process.wait(20)
    for end in (pipe, pipe_end):
        os.close(end)


def test_no_function_of_a_test_runs_between_two_tests(live: tuple[Session, RemoteModule]) -> None:
    tests, module = live
    turn, called, calls = tests.channel.lock, threading.Event(), []

    def note() -> None:
        calls.append(1)
        called.set()

    module.every(note)
    assert called.wait(20)
    turn.hush()
    assert module.three() == 3
    turn.rest()
    time.sleep(0.05)  # for a call that was under way
    before = len(calls)
    time.sleep(0.05)
    assert len(calls) == before
    called.clear()
    assert module.three() == 3
    assert called.wait(20)
    turn.hush()
    turn.resume()
    called.clear()
    assert called.wait(20)


def test_all_who_wait_hear_of_the_end(live: tuple[Session, RemoteModule]) -> None:
    tests, module = live
    ended = []

    def wait() -> None:
        try:
            module.wait()
        except StudentGone as error:
            ended.append(error)

    tests.channel.lock.part()
    threads = [threading.Thread(target=wait) for _ in range(4)]
    for thread in threads:
        thread.start()
    while tests.touched < len(threads):
        time.sleep(0.001)
    tests.channel.leave()
    for thread in threads:
        thread.join(20)

    assert len(ended) == len(threads)


def test_a_call_that_a_signal_ends_leaves_the_next_alone(
    live: tuple[Session, RemoteModule],
) -> None:
    tests, module = live

    def late(*_: object) -> None:
        raise TimeoutError

    def wait(function: object) -> None:
        threading.Timer(0.1, signal.pthread_kill, (main, signal.SIGUSR1)).start()
        module.wait(function)

    tests.channel.lock.part()
    main, before = threading.get_ident(), signal.signal(signal.SIGUSR1, late)
    try:
        for function in (None, module.three, module.wait):
            with pytest.raises(TimeoutError):
                wait(function)
            assert module.three() == 3
    finally:
        signal.signal(signal.SIGUSR1, before)
