"""What an expression of a test may say as a path, worked out from the text of the test alone.

Strings, `__file__`, and what puts them together. What that does not tell for certain counts as not
said. What a folder holds becomes a pattern: `*.csv`.
"""

from __future__ import annotations

import ast
import itertools
import os
from collections.abc import Callable

from grader.testing.scopes import LISTING, Scope
from grader.testing.sides import last_name

MOST = 500
DEEPEST = 12
Function = ast.FunctionDef | ast.AsyncFunctionDef
#: They put parts together, or leave a path as it is.
_JOINING = frozenset(
    {"Path", "PurePath", "PosixPath", "str", "fspath", "abspath", "realpath", "normpath", "join"}
    | {"joinpath", "resolve", "absolute", "as_posix"}
)
OWNERS = frozenset({"self", "cls"})


class Wording:
    def __init__(self, filename: str) -> None:
        self._file = filename
        #: Names that are imported, and whether that is from the student's file.
        self._imported: dict[str, bool] = {}
        self._functions: dict[str, tuple[Function, Scope]] = {}
        #: To what attributes are bound, of a class or of its objects, and where.
        self._members: dict[str, list[tuple[ast.expr | None, Scope]]] = {}

    def texts(self, node: ast.AST | None, scope: Scope, depth: int = 0) -> set[str]:
        """What it may say; nothing where that is not certain."""
        depth += 1
        if depth > DEEPEST:
            return set()
        if isinstance(node, ast.Constant):
            return {str(node.value)} if type(node.value) in (str, int) else set()
        if isinstance(node, ast.Name):
            return {self._file} if node.id == "__file__" else self._named(node.id, scope, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Add):
            sides = [self.texts(side, scope, depth) for side in (node.left, node.right)]
            return _together(_join if isinstance(node.op, ast.Div) else _add, sides)
        if isinstance(node, ast.JoinedStr):
            return _together(_add, [self.texts(part, scope, depth) for part in node.values])
        if isinstance(node, ast.FormattedValue) and node.format_spec is None:
            return self.texts(node.value, scope, depth)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, scope, depth)
        return self._called(node, scope, depth) if isinstance(node, ast.Call) else set()

    def _attribute(self, node: ast.Attribute, scope: Scope, depth: int) -> set[str]:
        if node.attr in ("parent", "name"):
            part = _folder if node.attr == "parent" else os.path.basename
            return set(map(part, self.texts(node.value, scope, depth)))
        owner = last_name(node.value)
        if owner == "request":
            return self._named(f"{owner}.{node.attr}", scope, depth)
        bound = self._members.get(node.attr, []) if owner in OWNERS else []
        return _all_of([self.texts(value, place, depth) for value, place in bound])

    def _named(self, name: str, scope: Scope, depth: int) -> set[str]:
        place = scope.of(name)
        if place is None:
            return set()
        each = place.each.get(name)
        if each is None:
            return _all_of([self.texts(value, place, depth) for value in place.bound[name]])
        if name in place.bound:  # and to something else, too
            return set()
        if self.is_fixture(name, place):
            return self._returned(name, depth)
        return set().union(*(self.texts(value, place, depth) for value in each))

    def _called(self, node: ast.Call, scope: Scope, depth: int) -> set[str]:
        name, func = last_name(node.func), node.func
        if isinstance(func, ast.Name) and name in self._functions:
            return self._returned(name, depth)
        args = list(node.args)
        is_method = isinstance(func, ast.Attribute) and not self._is_module(func.value)
        if isinstance(func, ast.Attribute) and is_method:
            args.insert(0, func.value)
        parts = [self.texts(arg, scope, depth) for arg in args]
        if name in _JOINING:
            return _together(_join, parts)
        if name in LISTING:
            return _listed(name, parts, is_method)
        if name == "dirname":
            return _together(_folder, parts)
        return _together(_beside, parts) if name == "with_name" else set()

    def _returned(self, name: str, depth: int) -> set[str]:
        return _all_of([self.texts(value, place, depth) for value, place in self.ends(name)])

    def is_fixture(self, name: str, place: Scope) -> bool:
        """Whether a parameter, bound in `place`, is what a function of this name gives."""
        function = self._functions.get(name)
        return function is not None and name in place.each and place is not function[1].outer

    def ends(self, name: str) -> list[tuple[ast.expr | None, Scope]]:
        """What the function may return, or yield."""
        function, scope = self._functions[name]
        nodes = list(ast.walk(function))
        ends = [node for node in nodes if isinstance(node, ast.Return | ast.Yield)]
        return [(end.value, scope) for end in ends]

    def _is_module(self, node: ast.expr) -> bool:
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self._imported


def _all_of(told: list[set[str]]) -> set[str]:
    return set().union(*told) if all(told) else set()


def _together(put: Callable[..., str], parts: list[set[str]]) -> set[str]:
    if not parts or not all(parts):
        return set()
    try:
        return {put(*few) for few in itertools.islice(itertools.product(*parts), MOST)}
    except TypeError:  # another number of parts
        return set()


def _listed(name: str, parts: list[set[str]], is_method: bool) -> set[str]:
    """What a folder holds: `folder.glob("*.csv")`, `glob.glob("data/*.csv")`, `os.listdir()`."""
    if name == "listdir":
        return {"*"}
    if not is_method:
        return parts[0] if parts else set()
    inside = {"iterdir": [{"*"}], "rglob": [{"**"}]}.get(name, [])
    return _together(_join, [*parts[:1], *inside, *parts[1:]])


def _join(*parts: str) -> str:
    return os.path.join(*parts)  # noqa: PTH118 - of texts


def _add(*parts: str) -> str:
    return "".join(parts)


def _folder(path: str) -> str:
    return os.path.dirname(path)  # noqa: PTH120 - of texts


def _beside(path: str, name: str) -> str:
    return _join(_folder(path), name)
