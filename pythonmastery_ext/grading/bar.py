"""How far a long job is: a bar on a terminal, a line now and then elsewhere; always on stderr."""

from __future__ import annotations

import sys
import time
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

#: Between lines where there is no terminal.
SECONDS = 5.0


class Bar:
    """`with Bar(300, "graded") as bar: bar.reach(1)`."""

    def __init__(self, total: int, what: str, *, quiet: bool = False) -> None:
        self._total = total
        self._what = what
        self._quiet = quiet
        self._done = 0
        self._told = time.monotonic()
        self._rich: Progress | None = None
        self._task: TaskID | None = None
        if sys.stderr.isatty() and not quiet:
            self._rich = _rich()
            self._task = self._rich.add_task(what, total=total)

    def __enter__(self) -> Bar:
        self._around().__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._around().__exit__(kind, error, trace)
        if kind is None and self._rich is None:
            self._say()

    def _around(self) -> AbstractContextManager[Any]:
        return self._rich or nullcontext()

    def step(self) -> None:
        self.reach(self._done + 1)

    def reach(self, done: int) -> None:
        self._done = done
        if self._rich is not None and self._task is not None:
            self._rich.update(self._task, completed=done)
        elif done < self._total and time.monotonic() - self._told >= SECONDS:
            self._say()

    def _say(self) -> None:
        if not self._quiet:
            self._told = time.monotonic()
            sys.stderr.write(f"{self._what} {self._done} of {self._total}\n")
            sys.stderr.flush()


def _rich() -> Progress:
    # Imported where it is needed: most commands never show a bar.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
