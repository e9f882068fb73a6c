"""pytest's `monkeypatch`; what it changes is changed beside the student's code too."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

_NOT_GIVEN: Any = object()


class MonkeyPatch:
    def __init__(self) -> None:
        self._undo: list[Callable[[], Any]] = []

    @classmethod
    def context(cls) -> Any:
        import contextlib

        @contextlib.contextmanager
        def manage() -> Iterator[MonkeyPatch]:
            patch = cls()
            try:
                yield patch
            finally:
                patch.undo()

        return manage()

    def _patch(self, patcher: Any) -> None:
        patcher.start()
        self._undo.append(patcher.stop)

    def setattr(
        self, target: Any, name: Any, value: Any = _NOT_GIVEN, raising: bool = True
    ) -> None:
        from unittest import mock

        if isinstance(target, str):
            self._patch(mock.patch(target, name, create=not raising))
        else:
            self._patch(mock.patch.object(target, name, value, create=not raising))

    def delattr(self, target: Any, name: Any = _NOT_GIVEN, raising: bool = True) -> None:
        if isinstance(target, str):
            place, _, name = target.rpartition(".")
            target = importlib.import_module(place)
        if not hasattr(target, name):
            if raising:
                raise AttributeError(name)
            return
        old = vars(target).get(name, getattr(target, name))
        delattr(target, name)
        self._undo.append(lambda: setattr(target, name, old))

    def setitem(self, mapping: Any, key: Any, value: Any) -> None:
        from unittest import mock

        self._patch(mock.patch.dict(mapping, {key: value}))

    def delitem(self, mapping: Any, key: Any, raising: bool = True) -> None:
        if key not in mapping:
            if raising:
                raise KeyError(key)
            return
        old = mapping.pop(key)
        self._undo.append(lambda: mapping.__setitem__(key, old))

    def delenv(self, name: str, raising: bool = True) -> None:
        self.delitem(os.environ, name, raising)

    def chdir(self, path: Any) -> None:
        before = os.getcwd()  # noqa: PTH109 - what os.chdir takes
        os.chdir(path)
        self._undo.append(lambda: os.chdir(before))

    def setenv(self, name: str, value: Any, prepend: str | None = None) -> None:
        if prepend and name in os.environ:
            value = f"{value}{prepend}{os.environ[name]}"
        self.setitem(os.environ, name, str(value))

    def syspath_prepend(self, path: Any) -> None:
        sys.path.insert(0, str(path))
        self._undo.append(lambda: sys.path.remove(str(path)))

    def undo(self) -> None:
        while self._undo:
            self._undo.pop()()
