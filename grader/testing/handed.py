"""Which paths a test file hands to the student's code by its own words.

As arguments of a call, as the words of a program, or to what calls a function of theirs.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from grader.testing.scopes import Scope, names
from grader.testing.sides import last_name
from grader.testing.wording import DEEPEST, MOST, OWNERS, Function, Wording

#: Functions of the tests that give one another what they are given.
_NESTED = 3
#: They call the function that they are given.
_CALLING = frozenset(
    {"raises", "assertRaises", "assertRaisesRegex", "partial", "submit", "to_thread", "invoke"}
)
#: Of `subprocess`.
_STARTING = frozenset({"run", "Popen", "call", "check_call", "check_output"})
_PATTERN = frozenset("*?[")


class Handed:
    """Paths, and patterns of them."""

    def __init__(self, paths: Iterable[str], folder: str) -> None:
        """`folder`: where one begins that does not at the root."""
        whole = (os.path.normpath(os.path.join(folder, path)) for path in paths)  # noqa: PTH118
        self._paths = frozenset(whole)
        self._patterns = [path for path in self._paths if not _PATTERN.isdisjoint(path)]

    def __contains__(self, path: str) -> bool:
        return path in self._paths or any(_fits(path, pattern) for pattern in self._patterns)


def _fits(path: str, pattern: str) -> bool:
    if "**" in pattern:
        return fnmatchcase(path, pattern) or fnmatchcase(path, pattern.replace("**/", ""))
    return fnmatchcase(path, pattern) and path.count("/") == pattern.count("/")


def paths(source: str, filename: str, module: str, shared: str = "") -> frozenset[str]:
    """`module`: the student's; `shared`: the text of the `conftest.py` beside it."""
    try:
        file = _File(filename, module)
        file.read(ast.parse(shared))
        file.read(ast.parse(source))
        return frozenset(itertools.islice(file.handed(), MOST))
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()


class _File(Wording):
    def __init__(self, filename: str, module: str) -> None:
        super().__init__(filename)
        self._module = module
        self._calls: list[tuple[ast.Call, Scope]] = []
        #: Of a program.
        self._words: list[tuple[ast.expr, Scope]] = []
        self._known: set[ast.expr] = set()

    def read(self, tree: ast.Module) -> None:
        self._visit(tree, Scope(None))

    def handed(self) -> Iterator[str]:
        for call, scope in self._calls * _NESTED:
            self._follow(call, scope)
        for call, scope in self._calls:
            if self._hands_over(call, scope):
                for arg in [*call.args, *(keyword.value for keyword in call.keywords)]:
                    yield from self._said_by(arg, scope)
        for words, scope in self._words:
            yield from self._said_by(words, scope)

    def _said_by(self, arg: ast.expr, scope: Scope) -> Iterator[str]:
        for value in [arg, *scope.items(arg)]:
            yield from self.texts(value, scope)

    def _hands_over(self, call: ast.Call, scope: Scope) -> bool:
        name = last_name(call.func)
        if name in _CALLING and any(self._is_students(arg, scope) for arg in call.args):
            return True
        if any(isinstance(a, ast.Constant) and a.value in ("argv", "sys.argv") for a in call.args):
            return True
        if name in _STARTING and isinstance(call.func, ast.Attribute):
            return last_name(call.func.value) == "subprocess"
        return self._is_students(call.func, scope)

    def _visit(self, node: ast.AST, scope: Scope, owner: ast.AST | None = None) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                own = self._module in (alias.name, getattr(node, "module", None))
                self._imported[(alias.asname or alias.name).partition(".")[0]] = own
        elif isinstance(node, Function):
            scope.bound.setdefault(node.name, []).append(None)
            scope = Scope(scope)
            self._functions[node.name] = node, scope
            self._parameters(node, scope)
        elif isinstance(node, ast.ClassDef):
            scope.bound.setdefault(node.name, []).append(None)
        elif isinstance(node, ast.Call):
            self._calls.append((node, scope))
        self._binding(node, scope, of_class=isinstance(owner, ast.ClassDef))
        for child in ast.iter_child_nodes(node):
            self._visit(child, scope, node)

    def _binding(self, node: ast.AST, scope: Scope, of_class: bool) -> None:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                self._assigned(target, node.value, scope, of_class)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            self._assigned(node.optional_vars, node.context_expr, scope, of_class)
        elif isinstance(node, ast.For | ast.comprehension):
            scope.bind_each(node.target, scope.items(node.iter))
            self._known.update(names(node.target))
        elif isinstance(node, ast.Name) and node not in self._known:
            if not isinstance(node.ctx, ast.Load):
                scope.bind(node, None)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            scope.bound.setdefault(node.name, []).append(None)

    def _assigned(self, target: ast.expr, value: ast.expr, scope: Scope, of_class: bool) -> None:
        scope.bind(target, value)
        self._known.update(names(target))
        if isinstance(target, ast.Attribute) and target.attr == "argv":
            self._words.append((value, scope))
        elif isinstance(target, ast.Attribute) or of_class:
            self._members.setdefault(last_name(target), []).append((value, scope))

    def _parameters(self, node: Function, scope: Scope) -> None:
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                scope.each[argument.arg] = []
        for marked in node.decorator_list:
            if not isinstance(marked, ast.Call):
                continue
            given = {keyword.arg: keyword.value for keyword in marked.keywords}
            if last_name(marked.func) == "parametrize":
                named, cases = [*marked.args, None, None][:2]
                cases = cases or given.get("argvalues")
                scope.bind_each(_target(named or given.get("argnames")), scope.items(cases))
            elif last_name(marked.func) == "fixture" and "params" in given:
                target = ast.Name("request.param", ast.Store())
                scope.bind_each(target, scope.items(given["params"]))

    def _follow(self, call: ast.Call, scope: Scope) -> None:
        """What a function of the tests is given stands for its parameters, where they can tell."""
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if owner is not None and last_name(owner) not in OWNERS:
            return
        if last_name(call.func) not in self._functions:
            return
        if any(isinstance(arg, ast.Starred) for arg in call.args):
            return
        node, inner = self._functions[last_name(call.func)]
        arguments = node.args.args[owner is not None :]
        given = {argument.arg: value for argument, value in zip(arguments, call.args, strict=False)}
        given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
        for name, value in given.items():
            known = inner.each.setdefault(name, [])
            before = {one.value for one in known if isinstance(one, ast.Constant)}
            told = sorted(self.texts(value, scope) - before)
            known.extend(map(ast.Constant, told[: MOST - len(known)]))

    def _is_students(self, node: ast.AST, scope: Scope, depth: int = 0) -> bool:
        """Whether it is a function of theirs, or of something that one of them gave."""
        member = None
        while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
            member = node.attr if isinstance(node, ast.Attribute) else member
            node = node.func if isinstance(node, ast.Call) else node.value
        if not isinstance(node, ast.Name) or depth > DEEPEST:
            return False
        if node.id in OWNERS and member is not None:
            return self._are_students(self._members.get(member, []), depth)
        if node.id in self._imported:
            return self._imported[node.id]
        place = scope.of(node.id)
        if place is None:
            return node.id not in vars(builtins)
        if self.is_fixture(node.id, place):
            return self._are_students(self.ends(node.id), depth)
        told = [*place.bound.get(node.id, []), *place.each.get(node.id, [])]
        return self._are_students([(value, place) for value in told], depth)

    def _are_students(self, told: list[tuple[ast.expr | None, Scope]], depth: int) -> bool:
        return bool(told) and all(
            value is not None and self._is_students(value, place, depth + 1)
            for value, place in told
        )


def _target(named: ast.expr | None) -> ast.expr:
    """`"path, want"`, or `("path", "want")`."""
    listed = named.elts if isinstance(named, ast.List | ast.Tuple) else []
    parts = [getattr(part, "value", "") for part in listed]
    if isinstance(named, ast.Constant):
        parts = str(named.value).split(",")
    targets: list[ast.expr] = [ast.Name(str(part).strip(), ast.Store()) for part in parts]
    return targets[0] if len(targets) == 1 else ast.Tuple(targets, ast.Store())
