"""`tmc.utils`: the student's module and what it prints.

While such a test runs, `sys.stdout` is kept for it (`grader.testing.unittests`).
"""

from __future__ import annotations

import ast
import importlib
import linecache
import sys
import types
import unicodedata
from collections.abc import Callable
from typing import Any
from unittest import mock

from grader.testing.pytest_shim import UsageError


class _Broken(types.SimpleNamespace):
    """In the place of a module that could not be loaded; the test that uses it learns why."""

    def __init__(self, name: str, error: Exception) -> None:
        super().__init__(__name__=name)
        self._error = error

    def __getattr__(self, name: str) -> Any:
        loaded = sys.modules.get(self.__name__)
        if loaded is not None:
            return getattr(loaded, name)
        if name.startswith("__"):
            raise AttributeError(name)
        raise self._error


def load_module(pkg: str, lang: str = "en") -> Any:
    try:
        return importlib.import_module(pkg)
    except Exception as error:
        return _Broken(pkg, error)


def reload_module(module: Any) -> None:
    """Runs it again; where it could not be loaded before, it may be now."""
    loaded = sys.modules.get(module.__name__)
    if loaded is None:
        importlib.import_module(module.__name__)
    else:
        importlib.reload(loaded)


def load(pkg: str, method: str, lang: str = "en", err: str | None = None) -> Any:
    """A name of the module; what is wrong with it is told where it is called."""
    try:
        return getattr(importlib.import_module(pkg), method)
    except Exception as error:
        reason = error

    def missing(*_: Any, **__: Any) -> Any:
        if isinstance(reason, AttributeError):
            raise AssertionError(err or f"{pkg} does not define {method}.") from None
        raise reason

    return missing


def get_stdout() -> str:
    return _printed(sys.stdout)


def get_stderr() -> str:
    return _printed(sys.stderr)


def _printed(stream: Any) -> str:
    return str(stream.getvalue()).strip() if hasattr(stream, "getvalue") else ""


_HARMLESS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def check_source(module: Any) -> tuple[bool, str]:
    """Whether all that it does stands in functions or below `if __name__`; else the first line."""
    name = str(module.__file__)
    lines = linecache.getlines(name.replace("/", ".")) or linecache.getlines(name)
    if not lines:
        raise UsageError(f"check_source({module.__name__}): its source is not at hand")
    for node in ast.parse("".join(lines)).body:
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        main = isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)
        if not (text or main or isinstance(node, _HARMLESS)):
            return False, lines[node.lineno - 1]
    return True, ""


def sanitize(text: str) -> str:
    """Letters without what stands above or below them."""
    # Each by itself: putting many marks in order takes time that grows with their square.
    parts = (part for letter in text for part in unicodedata.normalize("NFD", letter))
    return "".join(part for part in parts if not unicodedata.combining(part))


def any_contains(needle: str, haystacks: list[str]) -> bool:
    return any(needle in text for text in haystacks)


def patch_helper(module_name: str) -> Callable[[str], Any]:
    return lambda name: mock.patch(f"{module_name}.{name}")


def spy_decorator(method: Callable[..., Any], name: str = "") -> Any:
    """Calls it, and keeps in `.mock` with what."""
    seen = mock.MagicMock(name=name)

    def spy(*args: Any, **kwargs: Any) -> Any:
        seen(*args, **kwargs)
        return method(*args, **kwargs)

    vars(spy)["mock"] = seen
    return spy
