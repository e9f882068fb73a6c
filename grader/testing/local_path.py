"""pytest's `tmpdir`: a path with the methods that it had before `pathlib`, beside today's."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PosixPath
from typing import Any

from grader.wire import values


class LocalPath(PosixPath):
    @property
    def strpath(self) -> str:
        return str(self)

    @property
    def basename(self) -> str:
        return self.name

    @property
    def dirname(self) -> str:
        return str(self.parent)

    @property
    def purebasename(self) -> str:
        return self.stem

    @property
    def ext(self) -> str:
        return self.suffix

    def join(self, *parts: Any) -> LocalPath:
        return self.joinpath(*parts)

    def mkdir(self, *parts: Any, **options: Any) -> LocalPath:  # type: ignore[override]
        # `pathlib` itself calls it with a mode.
        folder = self.join(*(part for part in parts if type(part) is not int))
        Path(folder).mkdir(**options)
        return folder

    def ensure(self, *parts: Any, dir: bool = False) -> LocalPath:  # noqa: A002
        made = self.join(*parts)
        Path(made if dir else made.parent).mkdir(parents=True, exist_ok=True)
        if not dir:
            made.touch()
        return made

    def check(self, *, file: bool = False, dir: bool = False, exists: bool = True) -> bool:  # noqa: A002
        found = self.is_file() if file else self.is_dir() if dir else self.exists()
        return found is bool(exists)

    def write(self, data: Any, mode: str = "w", ensure: bool = False) -> None:
        if ensure:
            self.ensure()
        binary = isinstance(data, bytes) and "b" not in mode
        with self.open(f"{mode}b" if binary else mode) as file:
            file.write(data if isinstance(data, bytes) else str(data))

    def read(self, mode: str = "r") -> Any:
        with self.open(mode) as file:
            return file.read()

    def readlines(self, cr: int = 1) -> list[str]:
        return self.read_text().splitlines(keepends=bool(cr))

    def read_binary(self) -> bytes:
        return self.read_bytes()

    def listdir(self) -> list[LocalPath]:
        return sorted(self.iterdir())

    def size(self) -> int:
        return self.stat().st_size

    def remove(self, rec: int = 1) -> None:
        if self.is_dir():
            shutil.rmtree(self)
        else:
            self.unlink()

    def copy(self, target: Any) -> None:
        shutil.copy(self, target)

    def chdir(self) -> LocalPath:
        before = LocalPath.cwd()
        os.chdir(self)
        return before

    @contextlib.contextmanager
    def as_cwd(self) -> Iterator[LocalPath]:
        before = self.chdir()
        try:
            yield before
        finally:
            before.chdir()


values.send_as(LocalPath, PosixPath)
