"""The grader as a Jupyter kernel: a request goes in as code, a verdict comes out as display data.

`python -m grader.kernel -f CONNECTION_FILE`. Its kernelspec is made in a private folder, so that a
student's Lab never offers it.
"""

from __future__ import annotations

import dataclasses
import json
import signal
import sys
import time
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

from grader.protocol import (
    MIME,
    GradeRequest,
    ProtocolError,
    Verdict,
    request_from_json,
    to_json,
)
from grader.sandbox import Walls
from grader.workers import Workers


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

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self._workers = Workers(self.walls)

    def start(self) -> None:
        super().start()  # type: ignore[no-untyped-call]
        signal.signal(signal.SIGINT, lambda *_: self._workers.interrupt())
        self.io_loop.add_callback(self._workers.prepare)

    def pre_handler_hook(self) -> None:
        """An interrupt stops the submission, not the kernel: our own handler stays."""

    def post_handler_hook(self) -> None:
        """See `pre_handler_hook`."""

    async def do_execute(
        self,
        code: str,
        silent: bool,
        store_history: bool = True,
        user_expressions: dict[str, Any] | None = None,
        allow_stdin: bool = False,
        **_: Any,
    ) -> dict[str, Any]:
        reply: dict[str, Any] = {"status": "ok", "execution_count": self.execution_count}
        reply |= {"payload": [], "user_expressions": {}}
        if not code.strip():
            return reply
        try:
            request = request_from_json(code)
        except ProtocolError as error:
            return self._refuse(type(error).__name__, str(error))
        verdict = await self._grade(request)
        if not silent:
            data = {MIME: json.loads(to_json(verdict)), "text/plain": _line(verdict)}
            self._publish("display_data", {"data": data, "metadata": {}})
        return reply

    async def _grade(self, request: GradeRequest) -> Verdict:
        start = time.perf_counter()
        verdict = await self._workers.grade(request)
        spent = round((time.perf_counter() - start) * 1000, 3)
        return dataclasses.replace(verdict, grader_ms=spent, level=self.walls.level)

    def _refuse(self, name: str, text: str) -> dict[str, Any]:
        error = {"ename": name, "evalue": text, "traceback": [text]}
        self._publish("error", error)
        return {"status": "error", "execution_count": self.execution_count, **error}

    def _publish(self, kind: str, content: dict[str, Any]) -> None:
        self.send_response(self.iopub_socket, kind, content)  # type: ignore[no-untyped-call]

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:
        await self._workers.close()
        return {"status": "ok", "restart": restart}


def _line(verdict: Verdict) -> str:
    return f"{verdict.status}: {verdict.points:g} of {verdict.max_points:g} points"


def main() -> None:
    level: Any = sys.argv.pop(1)
    drop = sys.argv.pop(1) == "drop"
    GraderKernel.walls = Walls(level=level, drop=drop, why="")
    # Tests must not find the kernel's own output machinery in their way.
    IPKernelApp.launch_instance(
        kernel_class=GraderKernel, no_stdout=False, no_stderr=False, capture_fd_output=False
    )


if __name__ == "__main__":
    main()
