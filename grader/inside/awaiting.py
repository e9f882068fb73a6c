"""Runs the student's coroutines: the tests' event loop asks for a little progress at a time."""

from __future__ import annotations

import asyncio
from typing import Any


class Awaiting:
    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: dict[int, asyncio.Task[Any]] = {}
        self._count = 0

    def start(self, awaitable: Any) -> int:
        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.new_event_loop()
        self._count += 1
        self._tasks[self._count] = self._loop.create_task(_result(awaitable))
        return self._count

    def advance(self, seconds: float) -> list[Any]:
        """Run until a coroutine is done or the time is up; `[number, result, error]` of each."""
        if self._loop is None or not self._tasks:
            return []
        self._loop.run_until_complete(
            asyncio.wait(self._tasks.values(), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        )
        done = [number for number, task in self._tasks.items() if task.done()]
        return [[number, *_outcome(self._tasks.pop(number))] for number in done]

    def cancel(self, number: int) -> None:
        task = self._tasks.pop(number, None)
        if task is not None and self._loop is not None:
            task.cancel()
            self._loop.run_until_complete(asyncio.wait([task], timeout=1))


async def _result(awaitable: Any) -> Any:
    try:
        return [await awaitable]
    except StopAsyncIteration as error:
        # A task cannot end with it; the tests' side raises it again.
        return [None, error]


def _outcome(task: asyncio.Task[Any]) -> list[Any]:
    if task.cancelled():
        return [None, asyncio.CancelledError()]
    error = task.exception()
    if error is not None:
        return [None, error]
    result = task.result()
    return [result[0], result[1] if len(result) > 1 else None]
