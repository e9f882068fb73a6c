"""How many runners wait for a suite that they know, which, and how long."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from grader import kept
from grader.kept import MOST, Kept, Runner


@pytest.fixture
def line() -> Iterator[socket.socket]:
    with socket.socket() as line:
        yield line


async def test_one_waits_for_each_suite_and_the_least_recently_used_goes_first(
    line: socket.socket,
) -> None:
    ended: list[int] = []
    runners = Kept(lambda runner: ended.append(runner.number))
    for number in range(MOST):
        runners.keep((number,), Runner(number, line))
    used = runners.take((0,))
    assert used is not None
    runners.keep((0,), used)

    runners.keep(("another",), Runner(99, line))

    assert ended == [1]
    assert runners.take((1,)) is None
    runners.clear()
    assert sorted(ended) == [*range(MOST), 99]


async def test_a_runner_is_given_to_one_submission_at_a_time(line: socket.socket) -> None:
    runners = Kept(lambda runner: None)
    runners.keep(("suite",), Runner(1, line))

    assert runners.take(("suite",)) is not None
    assert runners.take(("suite",)) is None


async def test_it_ends_when_it_has_served_often(
    line: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    runners = Kept(lambda runner: ended.append(runner.number))
    monkeypatch.setattr(kept, "_USES", 3)
    runner = Runner(1, line)

    for _ in range(3):
        runners.keep(("suite",), runner)
        runners.take(("suite",))

    assert ended == [1]


async def test_it_ends_when_nobody_wants_it_for_long(
    line: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = asyncio.Event()
    runners = Kept(lambda runner: ended.set())
    monkeypatch.setattr(kept, "_IDLE_SECONDS", 0.01)

    runners.keep(("suite",), Runner(1, line))

    async with asyncio.timeout(10):
        await ended.wait()
    assert runners.take(("suite",)) is None
