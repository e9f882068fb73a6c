"""What can be seen in a student's code without running it."""

from __future__ import annotations

import ast
import sys
from pathlib import PurePath

from grader.protocol import ErrorDetail, GradeRequest

_THIRD_PARTY = ("numpy", "pandas")
_MAX_TEXT = 300


def syntax_error(error: BaseException) -> ErrorDetail:
    line = getattr(error, "lineno", None)
    text = getattr(error, "text", None)
    return ErrorDetail(
        type=type(error).__name__ if isinstance(error, SyntaxError) else "SyntaxError",
        message=str(getattr(error, "msg", None) or error)[:_MAX_TEXT],
        line=line if type(line) is int else None,
        text=text.rstrip("\n")[:_MAX_TEXT] if type(text) is str else None,
    )


def refused_import(tree: ast.Module, request: GradeRequest) -> tuple[str, int] | None:
    local = {PurePath(name).stem for name in request.files}
    allowed: frozenset[str] | set[str] = frozenset(sys.stdlib_module_names) | set(_THIRD_PARTY)
    if request.allow_imports is not None:
        allowed = set(request.allow_imports)
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""] if not node.level else []
        for name in names:
            top = name.partition(".")[0]
            if (
                top not in allowed
                and top not in local
                and top not in ("__future__", request.module)
            ):
                return name, node.lineno  # type: ignore[attr-defined]
    return None


def defined(code: str) -> set[str]:
    tree = ast.parse(code)
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    names = {node.name for node in tree.body if isinstance(node, kinds)}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def entry(code: str, module: str) -> str | None:
    """The function that `check(candidate)` is meant for.

    It is named like the file, or it is the last one that no other function uses.
    """
    functions = [n for n in ast.parse(code).body if isinstance(n, ast.FunctionDef)]
    names = [function.name for function in functions]
    used = {
        node.id
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id != function.name
    }
    chosen = [name for name in names if name == module] or [n for n in names if n not in used]
    return next(reversed(chosen or names), None)


def makes_classes(*sources: str) -> bool:
    """Whether these sources make classes, so that tests may work with objects of them."""
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef):
                return True
            if isinstance(node, ast.Call) and _last_name(node.func) in _CLASS_MAKERS:
                return True
    return False


_CLASS_MAKERS = frozenset({"namedtuple", "NamedTuple", "make_dataclass", "Enum", "type"})


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
