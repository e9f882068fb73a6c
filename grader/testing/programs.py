"""The student's file as a program that tests start, and as a text that they read.

It runs beside the student's code in the student's process; no other program is started.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from grader.remote import Trace
from grader.testing import own_file
from grader.testing.pipes import Shown, Talk, Typed

if TYPE_CHECKING:
    from grader.testing.importing import StudentModule

_POPEN: Any = subprocess.Popen
_OPEN = io.open
_PYTHON = re.compile(r"(python|pypy)[\d.]*(\.exe)?")
#: Of a command line for a shell: more than one program, or another file.
_OF_SHELL = frozenset("|&;<>$`*?()\n")
_QUOTED = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*\"""")
#: Options of Python that change nothing here.
_OPTIONS = frozenset({"-u", "-B", "-b", "-E", "-I", "-s", "-S", "-O"})
_TEXT = ("text", "universal_newlines", "encoding", "errors")


def follow(student: StudentModule) -> None:
    """`subprocess` and `open` find the student's file from now on."""

    class Popen(Program):
        file = student

    vars(subprocess)["Popen"] = Popen

    def opened(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        own = isinstance(file, str | os.PathLike) and not set(mode) & set("wax+")
        if not own or not student.is_at(file):
            return _OPEN(file, mode, *rest, **options)
        if "b" in mode:
            return io.BytesIO(student.code.encode())
        return io.StringIO(student.code)

    vars(io)["open"] = opened
    own_file.follow(student)


class Program(_POPEN):  # type: ignore[misc]
    """In the place of `subprocess.Popen`; what is not the student's file goes to that, as ever."""

    file: StudentModule

    def __init__(self, args: Any, *rest: Any, **options: Any) -> None:
        words = _words(self.file, args, options)
        if words is None:
            super().__init__(args, *rest, **options)
            return
        self.args, self._words, self._options = args, words, options
        self.pid = os.getpid()
        self.returncode: int | None = None
        self._is_text = any(options.get(name) for name in _TEXT)
        self._out = io.StringIO()
        merged = options.get("stderr") == subprocess.STDOUT
        self._err = self._out if merged else io.StringIO()
        self.stdin: Any = None
        self.stdout = self._pipe("stdout", self._out)
        self.stderr = None if merged else self._pipe("stderr", self._err)
        self._talk: Talk | None = None
        if options.get("stdin") == subprocess.PIPE:
            self.stdin = Typed(self._pause)  # runs when something is wanted of it
        else:
            self._run(io.StringIO(_read(options.get("stdin"))))

    def _pipe(self, name: str, source: io.StringIO) -> Any:
        if self._options.get(name) != subprocess.PIPE:
            return None
        return Shown(self._more, source, text=self._is_text)

    def _pause(self) -> None:
        if self._talk is not None:
            self._talk.pause()

    def _more(self) -> bool:
        """Let it go on; False where it has ended."""
        if self._go_on():
            return True
        if self.returncode is None:
            raise AssertionError("The program waits for input, and the test for its output.")
        return False

    def _go_on(self) -> bool:
        """Whether there was something for it to go on with."""
        if self.returncode is not None:
            return False
        if self._talk is None:
            self._talk = Talk(self.file.lock, lambda: self._run(self.stdin))
        elif not self.stdin.is_enough():
            return False
        self._talk.go_on()
        return True

    def communicate(self, input: Any = None, timeout: float | None = None) -> Any:  # noqa: A002
        if input and self.stdin is not None:
            self.stdin.write(input)
        self.wait()
        return tuple(s.read() if s is not None else None for s in (self.stdout, self.stderr))

    def wait(self, timeout: float | None = None) -> Any:
        if self.stdin is not None:
            self.stdin.close()
        if self.returncode is None and self._talk is None:
            self._run(self.stdin)
        while self._go_on():
            pass
        return self.returncode

    def poll(self) -> Any:
        self._go_on()
        return self.returncode

    def send_signal(self, sig: int) -> None:
        self.wait()

    def __exit__(self, *_: object) -> None:
        self.wait()

    def _run(self, typed: Any) -> None:
        wanted = {name: self._options.get(name) for name in ("stdout", "stderr")}
        if wanted["stderr"] == subprocess.STDOUT:
            wanted["stderr"] = wanted["stdout"]
        status = 0  # whatever happens, it runs once
        try:
            with contextlib.ExitStack() as around:
                if wanted["stdout"] is not None:
                    around.enter_context(contextlib.redirect_stdout(self._out))
                if wanted["stderr"] is not None:
                    around.enter_context(contextlib.redirect_stderr(self._err))
                around.enter_context(_given(self._words, typed, self._options.get("env")))
                status = self._status()
        finally:
            self.returncode = status
        places: list[tuple[Any, io.StringIO]]
        places = [(wanted["stdout"], self._out), (wanted["stderr"], self._err)]
        for stream, source in places:
            if hasattr(stream, "write"):
                text = source.getvalue()
                stream.write(text if isinstance(stream, io.TextIOBase) else text.encode())

    def _status(self) -> int:
        """Of its end, as the shell would tell it."""
        try:
            self.file.run("__main__")
        except SystemExit as end:
            if end.code is None or type(end.code) is int:
                return (end.code or 0) & 0xFF
            sys.stderr.write(f"{end.code}\n")
            return 1
        except Exception as error:
            trace = getattr(error, "__student__", None)
            if not isinstance(trace, Trace):
                raise
            said = f"Traceback (most recent call last):\n{trace.traceback}{type(error).__name__}"
            sys.stderr.write(f"{said}: {error}\n")
            return 1
        return 0


@contextlib.contextmanager
def _given(words: list[str], typed: Any, environment: Any) -> Iterator[None]:
    argv, stdin = sys.argv, sys.stdin
    sys.argv, sys.stdin = words, typed
    try:
        if environment is None:
            yield
        else:
            with mock.patch.dict(os.environ, environment, clear=True):
                yield
    finally:
        sys.argv, sys.stdin = argv, stdin


def _is_plain(line: str) -> bool:
    """Whether a shell finds nothing in it but words."""
    bare = _QUOTED.sub("", line)
    return not _OF_SHELL & set(bare) and not any(
        said[0] == '"' and {"$", "`"} & set(said) for said in _QUOTED.findall(line)
    )


def _words(student: StudentModule, args: Any, options: dict[str, Any]) -> list[str] | None:
    """`sys.argv` of the student's file; None for any other program."""
    if isinstance(args, str):
        if not options.get("shell") or not _is_plain(args):
            return None
        words = shlex.split(args)
    else:
        words = [os.fspath(word) for word in args]
    if not words:
        return None
    folder = Path(options.get("cwd") or "")
    # By its first line a file says what it is to be run with.
    if "/" in words[0] and student.code.startswith("#!") and student.is_at(folder / words[0]):
        return words
    if not _PYTHON.fullmatch(Path(words.pop(0)).name):
        return None
    while words and words[0] in _OPTIONS:
        del words[0]
    if words[:2] == ["-m", student.name]:
        return [f"{student.name}.py", *words[2:]]
    return words if words and student.is_at(folder / words[0]) else None


def _read(stdin: Any) -> str:
    return _text(stdin.read()) if hasattr(stdin, "read") else ""


def _text(data: Any) -> str:
    return data.decode() if isinstance(data, bytes) else str(data)
