"""`otter.test_files`: functions whose parameters are names of the student's code."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


class _Environment(dict[str, Any]):
    """The student's names, asked for when they are used."""

    def __init__(self, names: Any) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, name: str) -> Any:
        return self._names[name]

    def __contains__(self, name: object) -> bool:
        try:
            self._names[name]
        except (KeyError, NameError):
            return False
        return True


def test_case(*_: Any, **__: Any) -> Callable[[Any], Any]:
    def decorate(test: Any) -> Any:
        names = test.__globals__["__builtins__"]

        def run() -> Any:
            environment = _Environment(names)
            wanted = inspect.signature(test).parameters
            return test(**{n: environment if n == "env" else names[n] for n in wanted})

        run.__name__ = test.__name__
        return run

    return decorate


test_case.__test__ = False  # type: ignore[attr-defined]
