"""Lets a test await the student's coroutines: the test's event loop pumps the student's.

Several coroutines make progress together, and the test's own timers keep running, because each
request to the student's process only runs it for a short slice.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from grader.remote.starting import Helper
from grader.remote.turn import Turn

if TYPE_CHECKING:
    from grader.remote.session import Session

_SLICE_SECONDS = 0.01
#: A test may put something in its place.
_sleep = asyncio.sleep


class Awaiting:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._pump: asyncio.Task[None] | None = None
        #: The student's coroutines are making progress: the test's loop goes on between the slices.
        self.pumping = False

    async def wait(self, awaitable: Any) -> Any:
        number, ended = self._ask("start", awaitable)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self._settle(ended)
        if not future.done() and (self._pump is None or self._pump.done()):
            self._pump = asyncio.get_running_loop().create_task(self._run())
        try:
            value, error = await future
        except asyncio.CancelledError:
            self._waiting.pop(number, None)
            self._session.request("cancel", number)
            raise
        if error is not None:
            raise error
        return value

    async def _run(self) -> None:
        try:
            while self._waiting:
                await _sleep(0)
                self._settle(self._ask("advance", _SLICE_SECONDS))
        except BaseException as error:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(error)
            self._waiting.clear()

    def _settle(self, ended: Any) -> None:
        for number, value, error in ended:
            future = self._waiting.pop(number, None)
            if future is not None and not future.done():
                # As a pair: a future refuses to hold StopIteration.
                future.set_result((value, error))

    def _ask(self, *message: Any) -> Any:
        with self._session.channel.lock:  # of several threads each has this for itself
            outer, self.pumping = self.pumping, True
            try:
                return self._session.request(*message)
            finally:
                self.pumping = outer


async def coroutine(awaiting: Awaiting, awaitable: Any) -> Any:
    return await awaiting.wait(awaitable)


def run_apart(awaitable: Any, turn: Turn) -> Any:
    """Drive a test's coroutine to its end, whatever event loop is running in this thread."""
    outcome: list[Any] = []
    me = threading.get_ident()

    async def drive() -> Any:
        return await awaitable

    def work() -> None:
        turn.hand_over(threading.get_ident(), me)
        try:
            outcome.extend([asyncio.run(drive()), None])
        except BaseException as error:
            outcome.extend([None, error])
        finally:
            turn.hand_over(me)

    thread = Helper(target=work)
    thread.start()
    thread.join()
    if outcome[1] is not None:
        raise outcome[1]
    return outcome[0]
