"""What tests ask about the student's code, and what must be worked out beside it."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from typing import Any

from grader.wire import shapes


class Looking:
    def do_signature(self, function: Any) -> list[Any]:
        return shapes.of_signature(inspect.signature(function))

    def do_names(self, module: str, whole: bool = False) -> list[str]:
        """Those that a star import binds; `whole`: all of them."""
        if whole:
            return dir(sys.modules[module])
        space = vars(sys.modules[module])
        if isinstance(space.get("__all__"), list | tuple):
            return [str(name) for name in space["__all__"]]
        # A star import must not replace the tests' own modules by the student's.
        return [k for k, v in space.items() if k[0] != "_" and type(v) is not types.ModuleType]

    def do_doctests(self, module: str) -> list[int]:
        import doctest

        return list(doctest.testmod(sys.modules[module]))

    def do_pickled(self, value: Any) -> bytes:
        import pickle

        return pickle.dumps(value)

    def do_unpickled(self, data: bytes) -> Any:
        import pickle

        return pickle.loads(data)  # noqa: S301 - in the sandbox

    def do_run(
        self, module: str, how: str, text: str, names: dict[str, Any], apart: bool
    ) -> list[Any]:
        """What `eval` gives, and the names that the text has bound."""
        space = dict(names) if apart else {**vars(sys.modules[module]), **names}
        before = dict(space)
        run: Any = eval if how == "eval" else exec
        found = run(text, space)
        bound = {k: v for k, v in space.items() if before.get(k, space) is not v}
        bound.pop("__builtins__", None)
        return [found, bound]

    def do_hints(self, target: Any, extras: bool) -> Any:
        return typing.get_type_hints(target, include_extras=extras)

    def do_annotations(self, target: Any, evaluate: bool) -> dict[str, Any]:
        return inspect.get_annotations(target, eval_str=evaluate)
