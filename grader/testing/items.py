"""A test as `request.node` and the hooks of a `conftest.py` see it: pytest's `Item`."""

from __future__ import annotations

import pathlib
import types
from typing import TYPE_CHECKING, Any

from grader.testing.fixture_request import module_of, wanted
from grader.testing.local_path import LocalPath
from grader.testing.pytest_shim import Mark, mark

if TYPE_CHECKING:
    from grader.testing.fixtures import Lasting
    from grader.testing.parameters import Choice


class Item:
    def __init__(
        self,
        test: str,
        function: Any,
        owner: type | None,
        lasting: Lasting,
        marks: tuple[Mark, ...] = (),
        choice: Choice | None = None,
    ) -> None:
        """`marks`: those of the function come last."""
        name, bracket, label = test.partition("[")
        self.nodeid = test
        self.originalname = name.rpartition(".")[2]
        self.name = f"{self.originalname}{bracket}{label}"
        self.function = self.obj = function
        self.cls = owner
        self.own_markers = list(marks)
        self.user_properties: list[Any] = []
        self._lasting = lasting
        if bracket and choice is not None:
            self.callspec = types.SimpleNamespace(
                id=label.removesuffix("]"), params=choice.direct | choice.params, indices={}
            )

    def iter_markers(self, name: str | None = None) -> list[Mark]:
        return [mark for mark in reversed(self.own_markers) if name in (None, mark.name)]

    def get_closest_marker(self, name: str, default: Any = None) -> Any:
        return next(iter(self.iter_markers(name)), default)

    def add_marker(self, marker: Any, append: bool = True) -> None:
        added = getattr(mark, marker) if isinstance(marker, str) else marker
        self.own_markers.insert(len(self.own_markers) if append else 0, added)

    @property
    def keywords(self) -> dict[str, Any]:
        """What `-k` would find it by."""
        words = [self.name, self.originalname, self.module.__name__]
        words += [] if self.cls is None else [self.cls.__name__]
        return dict.fromkeys(words, True) | {mark.name: mark for mark in self.own_markers}

    @property
    def parent(self) -> Any:
        """The class, or the file: one for all of its tests, which find there what is noted."""
        owner = self.cls or self.module
        parents = self._lasting.parents
        if owner not in parents:
            parents[owner] = types.SimpleNamespace(
                name=owner.__name__, obj=owner, config=self.config, nodeid=owner.__name__
            )
        return parents[owner]

    @property
    def fixturenames(self) -> list[str]:
        return wanted(self.function) if self.function is not None else []

    @property
    def config(self) -> Any:
        return self._lasting.config

    @property
    def module(self) -> Any:
        return module_of(self._lasting.space)

    @property
    def path(self) -> pathlib.Path:
        return pathlib.Path(str(self._lasting.space.get("__file__")))

    @property
    def fspath(self) -> LocalPath:
        return LocalPath(self.path)

    @property
    def location(self) -> tuple[str, int, str]:
        code = getattr(self.function, "__code__", None)
        return self.path.name, getattr(code, "co_firstlineno", 1) - 1, self.nodeid
