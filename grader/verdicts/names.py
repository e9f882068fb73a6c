"""What a beginner may make of a name that Python does not know."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

from grader import static

_USUAL = frozenset(
    [
        *("asyncio", "bisect", "collections", "csv", "datetime", "decimal", "fractions"),
        *("functools", "heapq", "itertools", "json", "math", "operator", "os", "pathlib"),
        *("random", "re", "statistics", "sys", "time", "typing"),
    ]
)
_ALIASES = {"np": ("numpy", "import numpy as np"), "pd": ("pandas", "import pandas as pd")}
_MODULES = _USUAL.union(_ALIASES)
_OF_MODULES = {
    "abc": "ABC abstractmethod",
    "collections": "Counter defaultdict deque namedtuple OrderedDict",
    "dataclasses": "dataclass field",
    "datetime": "date timedelta",
    "decimal": "Decimal",
    "enum": "Enum",
    "fractions": "Fraction",
    "functools": "reduce",
    "math": "sqrt ceil floor pi",
    "random": "randint choice shuffle",
    "typing": "Any Callable Dict List Optional",
}
_WHERE = {name: module for module, names in _OF_MODULES.items() for name in names.split()}


def unknown(name: str, code: str, local: Collection[str], allowed: tuple[str, ...] | None) -> str:
    """`local`: names of the function that was running; `allowed`: what may be imported."""
    defined = static.defined(code)
    if name in defined:
        return "the line that defines it comes later"
    meant = static.similar(name, defined.union(local)) if name not in _MODULES else None
    module, line = _import(name)
    if meant is None and module and (allowed is None or module in allowed):
        return f"is `{line}` missing?"
    meant = meant or static.similar(name, static.BUILTINS)
    return f"did you mean {meant!r}?" if meant else ""


def _import(name: str) -> tuple[str, str]:
    if name in _USUAL:
        return name, f"import {name}"
    if name in _WHERE:
        return _WHERE[name], f"from {_WHERE[name]} import {name}"
    return _ALIASES.get(name, ("", ""))


def attribute(name: str | None, text: str, code: str) -> str:
    """Of an object that has none of this name."""
    meant = static.similar(name, _attributes(code) - {name}) if name else None
    if meant is not None:
        return f"did you mean {meant!r}?"
    found = _OF_OBJECT.match(text)
    owner = _class(ast.parse(code), found[1]) if found and f"self.{name}" in code else None
    if owner is None or "setattr" in code or "__dict__" in code:
        return ""
    if name not in set(_set(ast.parse(code))):
        return f"no line says `self.{name} = ...`"
    inherits = name not in set(_set(owner)) and bool(owner.bases)
    begins = any(getattr(part, "name", "") == "__init__" for part in owner.body)
    above = any(isinstance(part, ast.Name) and part.id == "super" for part in ast.walk(owner))
    if inherits and begins and not above:
        return "is `super().__init__(...)` missing?"
    return ""


def _class(tree: ast.Module, name: str) -> ast.ClassDef | None:
    return next((n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name), None)


def _set(tree: ast.AST) -> list[str]:
    """Attributes that get a value; `self.n += 1` needs one that is there."""
    nodes = list(ast.walk(tree))
    added = {id(node.target) for node in nodes if isinstance(node, ast.AugAssign)}
    found = (n for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store))
    return [node.attr for node in found if id(node) not in added]


def _attributes(code: str) -> set[str]:
    """Names that objects of the student's classes may have."""
    return {name for pair in _ATTRIBUTE.findall(code) for name in pair if name}


def holder(name: str, code: str) -> tuple[str, int] | None:
    """The function or class in which it is defined, and the line, where it should be outside."""
    for outer in ast.walk(ast.parse(code)):
        for inner in outer.body if isinstance(outer, _SCOPES) else ():
            if isinstance(inner, _SCOPES) and inner.name == name:
                return getattr(outer, "name", ""), inner.lineno
    return None


_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_OF_OBJECT = re.compile(r"'(\w+)' object has no attribute '")
_ATTRIBUTE = re.compile(r"\bself\.(\w++)|^\s+(?:async )?def (\w++)", re.MULTILINE)
