"""Objects of the student that are let go over there once no test holds them.

That takes time with each call, and is not noticed where no class has a `__del__` and the tests ask
for nothing of the kind: there everything is held to the end.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from functools import partial
from typing import Any

from grader.remote.shown import type_dict

#: Words of tests that find out whether something is still there.
_NOTICING = ("weakref", "gc.collect")


class Going:
    def __init__(self) -> None:
        self._held: dict[int, weakref.ref[Any]] = {}
        #: No test holds these any more; their process does not know it yet.
        self.gone: list[int] = []
        self._noticed: bool | None = None

    def may_go(self, kind: type, sources: Iterable[str]) -> bool:
        """Whether the tests, or a class of the student's, find out that an object has gone."""
        if self._noticed is None:
            self._noticed = any(word in source for source in sources for word in _NOTICING)
        return self._noticed or any("__goes__" in type_dict(base) for base in type.mro(kind))

    def find(self, number: int) -> Any:
        held = self._held.get(number)
        return None if held is None else held()

    def keep(self, number: int, made: Any) -> None:
        if number in self.gone:
            self.gone.remove(number)
        self._held[number] = weakref.ref(made, partial(self._go, number))

    def _go(self, number: int, held: Any) -> None:
        if self._held.get(number) is held:
            del self._held[number]
            self.gone.append(number)
