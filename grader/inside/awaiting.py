"""Runs the student's coroutines: the tests' event loop asks for a little progress at a time."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio


class Awaiting:
    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: dict[int, asyncio.Task[Any]] = {}
        self._count = 0

    def start(self, awaitable: Any) -> list[Any]:
        """Its number, and what has ended: it runs until it waits, as a task does."""
        import asyncio

        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.new_event_loop()
        self._count += 1
        number = self._count
        loop: Any = self._loop
        # Its first step and no other's: those of the tasks before it come when all have begun.
        others, loop._ready = loop._ready, collections.deque()
        self._tasks[number] = loop.create_task(_result(awaitable))
        loop.call_soon(loop.stop)
        loop.run_forever()
        others.extend(loop._ready)
        loop._ready = others
        return [number, self._ended()]

    def advance(self, seconds: float) -> list[Any]:
        """Run until a coroutine is done or the time is up; `[number, result, error]` of each."""
        if self._loop is None or not self._tasks:
            return []
        import asyncio

        self._loop.run_until_complete(
            asyncio.wait(self._tasks.values(), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        )
        return self._ended()

    def _ended(self) -> list[Any]:
        done = [number for number, task in self._tasks.items() if task.done()]
        return [[number, *_outcome(self._tasks.pop(number))] for number in done]

    def cancel(self, number: int) -> None:
        task = self._tasks.pop(number, None)
        if task is not None and self._loop is not None:
            import asyncio

            task.cancel()
            self._loop.run_until_complete(asyncio.wait([task], timeout=1))


async def _result(awaitable: Any) -> Any:
    try:
        return [await awaitable]
    except StopAsyncIteration as error:
        # A task cannot end with it; the tests' side raises it again.
        return [None, error]


def _outcome(task: asyncio.Task[Any]) -> list[Any]:
    import asyncio

    if task.cancelled():
        return [None, asyncio.CancelledError()]
    error = task.exception()
    if error is not None:
        return [None, error]
    result = task.result()
    return [result[0], result[1] if len(result) > 1 else None]
