"""What the names of a test file and its helpers stand for: all that is bound to each, anywhere.

Of a function, or else of the file. To a parameter is bound what the tests give that function.
"""

from __future__ import annotations

import ast
import builtins
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from grader.testing.sides import last_name

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
#: The outermost function that it lies in.
Scope = Function | None
Place = tuple[ast.AST, Scope]

#: Of their attributes and methods the class is here.
_OWNERS = frozenset({"self", "cls"})
#: They give the same items, in whatever order.
SAME = frozenset({"sorted", "list", "tuple", "set", "iter", "reversed"})
_ADDING = frozenset({"add", "append", "appendleft", "extend", "insert", "setdefault", "update"})
#: Of a table that is taken apart.
_LONGEST = 200


class Bindings:
    def __init__(self, source: str, shared: Iterable[str], theirs: Iterable[str]) -> None:
        """`shared`: helper modules of the tests; `theirs`: modules of the student's."""
        self.calls: list[tuple[ast.Call, Scope]] = []
        #: What is bound to a name, or to an attribute: by its name with a dot before it.
        self._bound: dict[tuple[Scope, str], list[Place]] = {}
        self._functions: dict[str, tuple[Function, Scope]] = {}
        self._theirs = frozenset(theirs)
        self.classes: set[str] = set()
        #: Names that are no student's though nothing is bound to them here.
        self._known = set(dir(builtins))
        for helper in shared:
            for node in ast.parse(helper).body:
                self._visit(node, None)
                self._visit(node, None, of_class=True)  # `helpers.data`
        self._visit(ast.parse(source), None)
        for call, scope in self.calls:
            self._pass(call, scope)

    def own(self, call: ast.Call, scope: Scope) -> str:
        """The name of the function of the tests that is called, if it is one."""
        name = "." * isinstance(call.func, ast.Attribute) + last_name(call.func)
        if self._is_bound(name, scope):
            values = self.values(name, scope)
            name = next((node.id for node, _ in values if isinstance(node, ast.Name)), "")
        return name if name in self._functions else ""

    def values(self, name: str, scope: Scope) -> list[Place]:
        """What a name is bound to; what a function of it, a fixture, gives."""
        bound = self._bound.get((scope, name)) or self._bound.get((None, name))
        if bound or name not in self._functions:
            return bound or []
        function, inner = self._functions[name]
        if isinstance(function, ast.Lambda):
            return [(function.body, inner)]
        ends = (n for n in ast.walk(function) if isinstance(n, ast.Return | ast.Yield))
        return [(end.value, inner) for end in ends if end.value is not None]

    def is_unknown(self, name: str, scope: Scope) -> bool:
        """Whether it may be the student's, where no values are known."""
        is_ours = name in self._functions or name in self.classes or name in self._known
        return not is_ours or self._is_bound(name, scope)

    def _is_bound(self, name: str, scope: Scope) -> bool:
        return (scope, name) in self._bound or (None, name) in self._bound

    def _visit(self, node: ast.AST, scope: Scope, of_class: bool = False) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            scope = scope or node
            self._functions["." * of_class + node.name] = node, scope
            self._defaults(node.args, scope)
        elif isinstance(node, ast.Call):
            self._call(node, scope)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            self._bind(scope, node.target, self._each(node.iter, scope), scope)
        else:
            self._declare(node, scope)
            self._assign(node, scope, of_class)
        for child in ast.iter_child_nodes(node):
            self._visit(child, scope, isinstance(node, ast.ClassDef))

    def _declare(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node)
        elif isinstance(node, ast.Global):
            for name in node.names:
                self._bound[scope, name] = self._bound.setdefault((None, name), [])
        elif isinstance(node, ast.ClassDef):
            self.classes.add(node.name)
            if node.bases:  # one of them may be the student's
                self._bind(None, ast.Name(node.name), node.bases, scope)
        elif isinstance(node, ast.arg | ast.ExceptHandler):
            name = node.arg if isinstance(node, ast.arg) else node.name or ""
            self._bound.setdefault((scope, name), [])

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            module = f"{getattr(node, 'module', '')}.{alias.name}"
            if self._theirs.isdisjoint(module.split(".")):
                self._known.add((alias.asname or alias.name).partition(".")[0])

    def _assign(self, node: ast.AST, scope: Scope, of_class: bool) -> None:
        value = getattr(node, "value", None) or getattr(node, "context_expr", None)
        target = getattr(node, "target", None) or getattr(node, "optional_vars", None)
        for each in getattr(node, "targets", [target]):
            if isinstance(value, ast.Lambda) and isinstance(each, ast.Name):
                self._functions[each.id] = value, scope
            elif value is not None and each is not None:
                self._bind(scope, each, [value], scope)
                if of_class:
                    self._bind(None, ast.Name(f".{last_name(each)}"), [value], scope)

    def _call(self, node: ast.Call, scope: Scope) -> None:
        self.calls.append((node, scope))
        name, given = last_name(node.func), [*node.args, *(k.value for k in node.keywords)]
        if name in _ADDING and isinstance(node.func, ast.Attribute):
            self._bind(scope, node.func.value, given, scope)
        elif name == "parametrize" and len(given) > 1:
            self._bind(scope, _target(given[0]), self._each(given[1], scope), scope)
        elif name == "fixture":
            self._bind(scope, ast.Name(".param"), given, scope)

    def _defaults(self, args: ast.arguments, scope: Scope) -> None:
        named = [*args.posonlyargs, *args.args]
        named = [*named[len(named) - len(args.defaults) :], *args.kwonlyargs]
        for arg, value in zip(named, [*args.defaults, *args.kw_defaults], strict=True):
            if value is not None:
                self._bind(scope, ast.Name(arg.arg), [value], None)

    def _pass(self, call: ast.Call, scope: Scope) -> None:
        """What a function of the tests is given stands behind its parameters."""
        own = self.own(call, scope)
        if not own:
            return
        function, inner = self._functions[own]
        args = function.args
        names = [a.arg for a in (*args.posonlyargs, *args.args) if a.arg not in _OWNERS]
        spread = [arg.value for arg in call.args if isinstance(arg, ast.Starred)]
        self._bind(inner, _row(*map(ast.Name, names)), spread or [_row(*call.args)], scope)
        if args.vararg is not None:
            self._bind(inner, ast.Name(args.vararg.arg), call.args, scope)
        for keyword in call.keywords:
            self._bind(inner, ast.Name(keyword.arg or ""), [keyword.value], scope)

    def _bind(self, into: Scope, target: ast.AST, values: Sequence[ast.AST], scope: Scope) -> None:
        """`scope`: of the values."""
        if isinstance(target, ast.Tuple | ast.List):
            rows = [self._display(value, scope) for value in values]
            for place, one in enumerate(target.elts):
                # What the text does not take apart stands behind all of them.
                parts = (_items(row)[place : place + 1] if _items(row) else [row] for row in rows)
                self._bind(into, one, [*itertools.chain(*parts)], scope)
        elif isinstance(target, ast.Starred | ast.Subscript):
            self._bind(into, target.value, values, scope)
        else:
            is_name = isinstance(target, ast.Name)
            key = (into, last_name(target)) if is_name else (None, f".{last_name(target)}")
            self._bound.setdefault(key, []).extend((value, scope) for value in values)

    def _display(self, node: ast.AST, scope: Scope) -> ast.AST:
        """The one that a name is bound to."""
        known = self.values(node.id, scope) if isinstance(node, ast.Name) else []
        return known[0][0] if len(known) == 1 and _items(known[0][0]) else node

    def _each(self, node: ast.AST, scope: Scope) -> list[ast.AST]:
        """What a loop over it gives; itself where the text does not take it apart."""
        if isinstance(node, ast.Call):
            name = last_name(node.func)
            columns = [self._each(arg, scope) for arg in node.args]
            if name in SAME and columns:
                return columns[0]
            if name == "enumerate" and columns:
                return [_row(ast.Constant(0), item) for item in columns[0]]
            if name == "zip" and len({len(column) for column in columns}) == 1:
                return [_row(*row) for row in zip(*columns, strict=True)]
            table = self._display(getattr(node.func, "value", node), scope)
            if name == "items" and isinstance(table, ast.Dict):
                return [_row(*pair) for pair in zip(table.keys, table.values, strict=True)]
        return _items(self._display(node, scope)) or [node]


def owner(node: ast.AST) -> ast.expr | None:
    """Whose attribute it is, if that is not the test's own `self`."""
    if isinstance(node, ast.Attribute) and last_name(node.value) not in _OWNERS:
        return node.value
    return None


def _items(node: ast.AST) -> list[ast.AST]:
    """Of a display, or of a case: `pytest.param("a.csv", 3)`."""
    if isinstance(node, ast.Call) and last_name(node.func) == "param":
        return [*node.args]
    keys = node.keys if isinstance(node, ast.Dict) else []
    items = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else keys
    return [item for item in items if item is not None] if len(items) <= _LONGEST else []


def _row(*items: Any) -> ast.Tuple:
    return ast.Tuple([*items])


def _target(named: ast.AST) -> ast.AST:
    """`"path, want"`, or `("path", "want")`."""
    words = [str(getattr(word, "value", "")) for word in _items(named) or [named]]
    names = [ast.Name(name.strip()) for name in ",".join(words).split(",")]
    return names[0] if len(names) == 1 else _row(*names)
