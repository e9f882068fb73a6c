"""Things of the standard library that both sides have: named instead of carried."""

from __future__ import annotations

import importlib
import sys
import types
import typing
from datetime import date, datetime
from typing import Any

_NAMED = frozenset({"type", "function", "builtin_function_or_method", "method_descriptor"})
#: Importing these does something by itself.
_NEVER = frozenset({"antigravity", "this", "idlelib", "turtle", "turtledemo", "test", "__main__"})
#: What tests replace to choose the day, and put back.
_DAYS = {(k.__module__, k.__name__): k for k in (date, datetime)}
_ALIASES = {"_collections_abc": "collections.abc", "_io": "io", "_decimal": "decimal"}


def standard(module: Any) -> bool:
    if type(module) is not str:
        return False
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names and top not in _NEVER


def on_both_sides(module: str) -> bool:
    return standard(module) or _of_tables(module)


def reference(value: Any) -> list[str] | None:
    """`[module, qualified name]` if that finds this very object in the standard library."""
    if type(value).__name__ not in _NAMED and not isinstance(value, type):
        return None
    module = getattr(value, "__module__", None)
    owner = getattr(value, "__objclass__", None)
    if module is None and isinstance(owner, type):
        module = owner.__module__
    name = getattr(value, "__qualname__", None)
    if type(name) is not str or type(module) is not str:
        return None
    if module != "builtins" and not standard(module) and not _is_table_error(value):
        return None
    module = _ALIASES.get(module, module)
    found = _DAYS.get((module, name)) or _walk(_own(module), name)
    return [module, name] if found is value else None


def form(value: Any) -> str | None:
    """The name of `typing.Any`, `typing.List` and their like."""
    return _FORMS.get(id(value))


_FORMS = {id(vars(typing)[name]): name for name in typing.__all__ if name in vars(typing)}


def load(module: Any, name: Any) -> Any:
    """Raises LookupError if there is no such thing in the standard library."""
    if type(name) is not str or not (module == "builtins" or standard(module)):
        raise LookupError("not part of the standard library")
    try:
        found = _DAYS.get((module, name)) or _walk(importlib.import_module(module), name)
    except ImportError as error:
        raise LookupError(str(error)) from None
    if found is None:
        raise LookupError(f"no {name} in {module}")
    return found


def loaded(module: Any, name: Any) -> Any:
    """Like `load`, for names that come from a stranger: nothing new is imported. Or None."""
    known = module == "builtins" or standard(module) or _of_tables(module)
    if type(name) is not str or not known:
        return None
    return _walk(_own(module), name)


def _own(module: str) -> Any:
    """None where what has its name stands for the student's `queue.py`."""
    found = sys.modules.get(module)
    return found if type(found) is types.ModuleType else None


def _of_tables(module: Any) -> bool:
    return type(module) is str and module.partition(".")[0] in ("numpy", "pandas")


def of_tables(kind: type) -> list[str] | None:
    """The place of a class of numpy or pandas."""
    module, name = kind.__module__, kind.__qualname__
    known = _of_tables(module) and _walk(_own(module), name) is kind
    return [module, name] if known else None


def _is_table_error(value: Any) -> bool:
    """Exceptions of numpy and pandas are the same on both sides, too."""
    return isinstance(value, type) and issubclass(value, Exception) and _of_tables(value.__module__)


def _walk(found: Any, name: str) -> Any:
    for part in name.split("."):
        if found is None or (part.startswith("__") and not isinstance(found, type)):
            return None
        found = getattr(found, part, None)
    return found
