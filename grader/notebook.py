"""The grader opened in a notebook: each cell is somebody's code, graded as a student's would be.

A magic line at the beginning of a cell says against what, for this cell and all later ones:
`%problem problem.ipynb` (an authored notebook) or `%tests test_file.py`.
"""

from __future__ import annotations

import codeop
import dataclasses
import json
import uuid
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from grader.converting import plain
from grader.kernel import GraderKernel
from grader.protocol import (
    MIME,
    ErrorDetail,
    GradeRequest,
    ProtocolError,
    Verdict,
    request_from_json,
    to_json,
)
from grader.verdicts.report import as_html, as_text, hidden_keys
from grader.walls import sandbox

_MAGICS = ("%problem", "%tests")
_USE = "Begin a cell with %problem followed by an authored notebook, or %tests by a test file."
_REQUEST = {"id", "code", "tests"}


class Reader(Protocol):
    """Makes a request without code of a person's file; ValueError says what is wrong with it."""

    def __call__(self, magic: str, path: Path) -> GradeRequest: ...


class Refused(Exception):
    """A cell that cannot be graded, as its author is to read it."""


class NotebookKernel(GraderKernel):
    banner = f"Grades each cell as a student's code. {_USE}"
    language_info = {  # noqa: RUF012 - the form that ipykernel asks for
        "name": "python",
        "mimetype": "text/x-python",
        "codemirror_mode": {"name": "ipython", "version": 3},
        "pygments_lexer": "ipython3",
        "file_extension": ".py",
    }
    read: Reader

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._template: GradeRequest | None = None
        self._named = ""

    async def _execute(self, code: str, silent: bool) -> dict[str, Any] | None:
        if _is_request(code):
            return await super()._execute(code, silent)
        try:
            first, _, rest = code.lstrip("\n").partition("\n")
            if first.startswith("%"):
                self._choose(first)
                code = rest
                if not rest.strip():
                    self._show(silent, {"text/plain": self._named})
                    return None
            return await self._grade_cell(code, silent)
        except (Refused, ProtocolError) as error:
            return self._refuse("CannotGrade", str(error))

    def _choose(self, line: str) -> None:
        magic, _, name = line.partition(" ")
        name = name.strip().strip("\"'")
        if magic not in _MAGICS:
            raise Refused(f"There is no {magic} here. {_USE}")
        if not name:
            raise Refused(f"{magic} needs the name of a file. {_USE}")
        path = Path(name).expanduser()
        try:
            template = self.read(magic, path)
        except (ValueError, OSError) as error:
            raise Refused(str(error)) from None
        hidden = len(hidden_keys(template.tests))
        many = "1 test" if len(template.tests) == 1 else f"{len(template.tests)} tests"
        if template.tests[0].suite:
            many = "the tests"
        secret = f", {hidden} of them hidden from students" if hidden else ""
        self._template, self._named = template, f"Graded against {many} of {path}{secret}."

    async def _grade_cell(self, code: str, silent: bool) -> dict[str, Any] | None:
        if self._template is None:
            raise Refused(f"There are no tests yet. {_USE}")
        hidden = hidden_keys(self._template.tests)
        request = dataclasses.replace(
            self._template,
            id=str(uuid.uuid4()),
            code=code,
            # Whoever opened the tests may see what they say.
            tests=tuple(dataclasses.replace(t, visible="sample") for t in self._template.tests),
        )
        verdict = await self._grade(request_from_json(to_json(request)))
        if verdict.status == "error":
            return self._refuse("CannotGrade", verdict.message or "The grader failed.")
        if verdict.stdout and not silent:
            self._publish("stream", {"name": "stdout", "text": verdict.stdout})
        text = {"text/plain": as_text(verdict), "text/html": as_html(verdict, hidden)}
        self._show(silent, {MIME: plain(verdict), **text})
        started = any(test.status != "not_run" for test in verdict.tests)
        return None if started else self._not_started(verdict)

    def _not_started(self, verdict: Verdict) -> dict[str, Any] | None:
        """Code that does not even load is an error of the cell, as in any other kernel."""
        name = (verdict.reason or "failed").replace("_", " ")
        error = verdict.error or ErrorDetail(type=name, message=verdict.message)
        told = [*error.traceback.splitlines(), f"{error.type}: {error.message}"]
        content = {"ename": error.type, "evalue": error.message, "traceback": told}
        self._publish("error", content)
        return content

    def _show(self, silent: bool, data: dict[str, Any]) -> None:
        if not silent:
            content = {"data": data, "metadata": {}, "execution_count": self.execution_count}
            self._publish("execute_result", content)

    async def do_is_complete(self, code: str) -> dict[str, Any]:
        first, _, rest = code.lstrip("\n").partition("\n")
        try:
            whole = codeop.compile_command(rest if first.startswith("%") else code, symbol="exec")
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
            return {"status": "invalid"}
        if whole is None:
            return {"status": "incomplete", "indent": "    "}
        return {"status": "complete"}


def _is_request(code: str) -> bool:
    if not code.lstrip().startswith("{"):
        return False
    try:
        value = json.loads(code)
    except ValueError:
        return False
    return isinstance(value, dict) and value.keys() >= _REQUEST


def notebook_kernel(reader: str) -> type[NotebookKernel]:
    """`reader`: the module whose `read` knows the forms of test files."""
    NotebookKernel.walls = sandbox.probe("own")
    NotebookKernel.read = staticmethod(import_module(reader).read)
    return NotebookKernel
