"""What stands behind an expression of a test file, as its text tells: a backward slice.

By names, and no value is worked out: of an expression only what it says is known, and whether more
than that plays a part in it.
"""

from __future__ import annotations

import ast
import os.path
from pathlib import PurePath

from grader.testing.bindings import SAME, Bindings, Place, Scope, owner
from grader.testing.sides import is_literal, last_name

PATTERNS = frozenset({"glob", "iglob", "rglob"})
#: They put names together.
MAKING = frozenset({*dir(str), "str", "with_stem", "with_suffix"})
LISTING = frozenset({"iterdir", "listdir", "scandir", "walk"})
#: What they give is made of what they are given, and of nothing else.
_PLAIN = (
    frozenset({*dir(str), *dir(dict), *dir(PurePath), *dir(os.path), *PATTERNS, *LISTING, *SAME})
    | {"Path", "PurePath", "PosixPath", "fspath", "resolve", "absolute", "str", "int", "len"}
    | {"range", "next", "enumerate", "zip", "map", "filter", "chain", "product", "param"}
)
_VALUES = (ast.Constant, ast.Dict, ast.List, ast.Set, ast.Tuple)


class Slice:
    def __init__(self) -> None:
        self.strings: set[str] = set()
        self.called: list[str] = []
        self.has_file = False
        #: More stands behind it than the text tells: an answer of the student's, a file's text.
        self.is_open = False


class Slicer:
    def __init__(self, bindings: Bindings) -> None:
        self._bindings = bindings
        self._literals: dict[ast.AST, set[str]] = {}

    def behind(self, node: ast.AST, scope: Scope) -> Slice:
        found, seen = Slice(), set[Place]()
        todo: list[Place] = [(node, scope)]
        while todo:
            place = todo.pop()
            if place not in seen:
                seen.add(place)
                todo += self._next(*place, found)
        return found

    def _next(self, node: ast.AST, scope: Scope, found: Slice) -> list[Place]:
        if isinstance(node, ast.Name):
            return self._behind_name(node.id, scope, found)
        if isinstance(node, ast.Attribute):
            return self._behind_attribute(node, scope, found)
        if isinstance(node, _VALUES) and (node in self._literals or is_literal(node)):
            found.strings |= self._said_by(node)
            return []
        if isinstance(node, ast.comprehension):
            return [(node.iter, scope)]  # what is left out says nothing
        if isinstance(node, ast.Call):
            own, name = self._bindings.own(node, scope), last_name(node.func)
            if own:
                whose = owner(node.func)
                return [*self._bindings.values(own, scope), *([(whose, scope)] if whose else [])]
            found.called.append(name)
            found.is_open |= name not in _PLAIN and name not in self._bindings.classes
        is_sum = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod)
        if is_sum or isinstance(node, ast.JoinedStr):
            found.called.append("format")
        found.is_open |= isinstance(node, ast.Lambda | ast.Await)
        return [(child, scope) for child in ast.iter_child_nodes(node)]

    def _behind_name(self, name: str, scope: Scope, found: Slice) -> list[Place]:
        values = self._bindings.values(name, scope)
        if name == "__file__":
            found.has_file = True
        elif not values:
            found.is_open |= self._bindings.is_unknown(name, scope)
        return values

    def _behind_attribute(self, node: ast.Attribute, scope: Scope, found: Slice) -> list[Place]:
        values = self._bindings.values(f".{node.attr}", scope)
        whose = owner(node)
        found.is_open |= whose is None and not values
        if whose is None or last_name(whose) == "request":
            return values
        return [*values, (whose, scope)]

    def _said_by(self, literal: ast.AST) -> set[str]:
        """Tables are looked at again and again."""
        if literal not in self._literals:
            told = (getattr(node, "value", None) for node in ast.walk(literal))
            self._literals[literal] = {text for text in told if type(text) is str}
        return self._literals[literal]
