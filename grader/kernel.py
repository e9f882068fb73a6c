"""The grader as a Jupyter kernel: a request goes in as code, a verdict comes out as display data.

`python -m grader.kernel MODE … -f CONNECTION_FILE`, where MODE says who looked for the walls:
`walls LEVEL drop|stay`: whoever started it; `probe MINIMUM [LEVEL]`: it does so itself, where it
runs; `notebook MODULE`: a person opened it, and MODULE reads their test files.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel
from tornado.ioloop import PeriodicCallback

from grader.converting import plain
from grader.protocol import MIME, GradeRequest, ProtocolError, Verdict
from grader.requests import QUIET, Requests
from grader.verdicts.report import summary
from grader.walls import sandbox
from grader.walls.sandbox import SandboxUnavailable, Walls
from grader.workers import Workers

#: A kernel that was asked to end is gone after this, whatever it still waits for.
_ENDING_SECONDS = 5.0
#: Milliseconds between looks at whether whoever started us is there.
_LOOK_FOR_PARENT = 2000


def _end_without_parent() -> None:
    """ipykernel sees its parent go; not one that went before it began to look."""
    parent = int(os.environ.get("JPY_PARENT_PID", "0"))
    try:
        if parent > 1:
            os.kill(parent, 0)
    except ProcessLookupError:
        os._exit(1)
    except PermissionError:
        pass  # It is there, under another account.


class GraderKernel(Kernel):
    implementation = "pythonmastery-grader"
    implementation_version = "1"
    banner = "Grades Python code against hidden tests."
    language_info = {  # noqa: RUF012 - the form that ipykernel asks for
        "name": "grade-request",
        "mimetype": "application/json",
        "file_extension": ".json",
    }
    walls: Walls
    msg_types = [*Kernel.msg_types, "comm_open", "comm_msg", "comm_close"]  # noqa: RUF012
    #: ipykernel sleeps before a reply for the sake of what was printed; nothing is printed here.
    _execute_sleep = 0

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        # Else four messages are made of each request that the handler then drops.
        self.log.setLevel(getattr(self.parent, "log_level", logging.WARNING))
        self._workers = Workers(self.walls)
        self._requests = Requests()
        #: Of the submission that is being answered.
        self._verdict: Verdict | None = None

    def start(self) -> None:
        super().start()  # type: ignore[no-untyped-call]
        signal.signal(signal.SIGINT, lambda *_: self._workers.interrupt())
        self.io_loop.add_callback(self._workers.prepare)
        PeriodicCallback(_end_without_parent, _LOOK_FOR_PARENT).start()

    @property
    def kernel_info(self) -> dict[str, Any]:
        """Whatever is installed beside us, there is no debugger for student's code here."""
        return {**super().kernel_info, "supported_features": []}

    def _publish_status(self, status: str, channel: str, parent: Any = None) -> None:
        """Unless whoever asks does not listen: of what Jupyter does this is the larger part."""
        asked = parent or self.get_parent(channel)  # type: ignore[no-untyped-call]
        if not asked.get("metadata", {}).get(QUIET):
            super()._publish_status(status, channel, parent)  # type: ignore[no-untyped-call]

    def pre_handler_hook(self) -> None:
        """An interrupt stops the submission, not the kernel: our own handler stays."""

    def post_handler_hook(self) -> None:
        """See `pre_handler_hook`."""

    def _send_interrupt_children(self) -> None:
        """The control channel's interrupt; it arrives in a thread of its own."""
        self.io_loop.add_callback(self._workers.interrupt)

    def comm_open(self, _stream: Any, _ident: Any, parent: dict[str, Any]) -> None:
        """Nobody here speaks with widgets; Jupyter's protocol wants that to be told."""
        self._publish("comm_close", {"comm_id": parent["content"].get("comm_id", ""), "data": {}})

    def comm_msg(self, *_: Any) -> None:
        """On its way when the line was closed."""

    comm_close = comm_msg

    async def do_debug_request(self, msg: dict[str, Any]) -> dict[str, Any]:
        """Nobody looks into a student's process; in the form of the Debug Adapter Protocol."""
        return {
            "type": "response",
            "request_seq": msg.get("seq", 0),
            "success": False,
            "command": msg.get("command", ""),
            "message": "This kernel has no debugger.",
            "seq": 0,
        }

    async def do_execute(
        self,
        code: str,
        silent: bool,
        store_history: bool = True,
        user_expressions: dict[str, Any] | None = None,
        allow_stdin: bool = False,
        **_: Any,
    ) -> dict[str, Any]:
        self._verdict = None
        refusal = await self._execute(code, silent) if code else None
        reply: dict[str, Any] = {"status": "ok", "execution_count": self.execution_count}
        if refusal is not None:
            return {**reply, "status": "error", **refusal}
        asked = user_expressions if isinstance(user_expressions, dict) else {}
        told = {name: self._tell(what) for name, what in asked.items()}
        return {**reply, "payload": [], "user_expressions": told}

    async def _execute(self, code: str, silent: bool) -> dict[str, Any] | None:
        """What was wrong, in the form of a Jupyter error."""
        try:
            if type(code) is not str:
                raise ProtocolError("The code is no text.")
            if not code.strip():
                return None
            request = self._requests.read(code)
        except ProtocolError as error:
            return self._refuse(type(error).__name__, str(error))
        verdict = await self._grade(request)
        if not silent:
            self._publish("display_data", {"data": _shown(verdict), "metadata": {}})
        return None

    def _tell(self, what: str) -> dict[str, Any]:
        """`verdict`; `level` and `why` for whoever left looking for the walls to the kernel.

        And `tables` has numpy and pandas loaded before a submission needs them.
        """
        if what == "verdict" and self._verdict is not None:
            data = _shown(self._verdict)
        elif what in ("level", "why"):
            data = {"text/plain": str(getattr(self.walls, what))}
        elif what == "tables":
            self.io_loop.add_callback(self._workers.prepare, "tables")
            data = {"text/plain": "loading"}
        else:
            text = "Only level, why and tables can be asked for, and verdict with a submission."
            return {"status": "error", "ename": "NameError", "evalue": text, "traceback": []}
        return {"status": "ok", "data": data, "metadata": {}}

    async def _grade(self, request: GradeRequest) -> Verdict:
        start = time.perf_counter()
        verdict = await self._workers.grade(request)
        spent = round((time.perf_counter() - start) * 1000, 3)
        self._verdict = dataclasses.replace(verdict, grader_ms=spent, level=self.walls.level)
        return self._verdict

    def _refuse(self, name: str, text: str) -> dict[str, Any]:
        error = {"ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}
        self._publish("error", error)
        return error

    def _publish(self, kind: str, content: dict[str, Any]) -> None:
        self.send_response(self.iopub_socket, kind, content)  # type: ignore[no-untyped-call]

    async def do_is_complete(self, code: str) -> dict[str, Any]:
        try:
            json.loads(code or "0")  # nothing to run is no mistake
        except (TypeError, ValueError, RecursionError):
            return {"status": "invalid"}
        return {"status": "complete"}

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:
        # Asked in the control channel's thread, while the workers belong to the main one.
        await self._in_main_thread(self._workers.close)
        # What ipykernel tidies up at its end waits for other threads; nobody waits for it for ever.
        last = threading.Timer(_ENDING_SECONDS, os._exit, (0,))
        last.daemon = True
        last.start()
        return {"status": "ok", "restart": restart}

    async def _in_main_thread(self, work: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            await work()

        loop = self.io_loop.asyncio_loop  # type: ignore[attr-defined]
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(run(), loop))


def _shown(verdict: Verdict) -> dict[str, Any]:
    return {MIME: plain(verdict), "text/plain": summary(verdict)}


class GraderApp(IPKernelApp):
    def init_control(self, context: Any) -> None:
        """Without subshells: one submission at a time, and a thread less on the way of each."""
        super().init_control(context)  # type: ignore[no-untyped-call]
        self.shell_channel_thread.io_loop.close()
        self.shell_channel_thread = None


def _kernel_class() -> type[GraderKernel]:
    """The kernel that the command line asks for; takes its own words from it."""
    mode = sys.argv.pop(1)
    if mode == "notebook":
        from grader.notebook import notebook_kernel

        return notebook_kernel(sys.argv.pop(1))
    words: list[Any] = []
    while len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        words.append(sys.argv.pop(1))
    if mode == "probe":
        GraderKernel.walls = sandbox.probe(*words)
    else:
        GraderKernel.walls = Walls(level=words[0], drop=words[1] == "drop", why="")
    return GraderKernel


def main() -> None:
    try:
        kernel_class = _kernel_class()
    except SandboxUnavailable as error:
        sys.exit(str(error))
    # Nothing is printed here, so there is nothing to wait for before each reply.
    GraderApp.launch_instance(kernel_class=kernel_class, outstream_class=None)


if __name__ == "__main__":
    main()
