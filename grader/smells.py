"""What a test file seems to check and does not: told to its author, never to a student.

Seen without running it. Each of these passes with any solution, so no failure would ever tell.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeGuard

from grader.testing.scripts import asserts
from grader.testing.sides import last_name

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
_CASE = "TestCase"
#: In these a comparison may be there for the error that it raises.
_RAISING = ("raises", "Raises", "warns", "Warns", "suppress")


@dataclass(frozen=True, order=True)
class Smell:
    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


def smells(source: str) -> list[Smell]:
    """By line; none in a file that does not compile, which is told elsewhere."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    rules: list[Callable[[ast.Module], Iterator[Smell]]]
    rules = [_twice, _always_true, _unseen, _returning, _uncalled, _uncollected, _unawaited]
    return sorted({smell for rule in rules for smell in rule(tree)})


def no_test(source: str) -> str:
    """Of a file in which none was found, with what may have been meant for one."""
    near = next(iter(smells(source)), None)
    return f"defines no test ({near})" if near is not None else "defines no test"


def _twice(tree: ast.Module) -> Iterator[Smell]:
    for body in (tree.body, *(node.body for node in ast.walk(tree) if _is_class(node))):
        last: dict[str, int] = {}
        for node in reversed(body):
            if not isinstance(node, _Function | ast.ClassDef):
                continue
            if node.name in last and _is_named_as_test(node.name):
                text = f"{node.name} is defined again in line {last[node.name]}, "
                yield Smell(node.lineno, f"{text}so this one never runs")
            last[node.name] = node.lineno


def _always_true(tree: ast.Module) -> Iterator[Smell]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Tuple) and node.test.elts:
            text = "this assert is always true: write `assert x, message` without the brackets"
            yield Smell(node.lineno, text)
        if isinstance(node, ast.Call) and last_name(node.func) in ("assertTrue", "assertFalse"):
            second = node.args[1] if len(node.args) > 1 else None
            if second is not None and _is_value(second):
                text = f"{last_name(node.func)} takes its second value for a message"
                yield Smell(node.lineno, f"{text}: compare with assertEqual")


def _is_value(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, str) and node.value is not None
    return isinstance(node, ast.List | ast.Tuple | ast.Dict | ast.Set | ast.UnaryOp)


def _unseen(tree: ast.Module) -> Iterator[Smell]:
    bodies = [tree.body, *(function.body for _, function in _tests(tree))]
    for node in (node for body in bodies for node in _plain(body)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Compare):
            text = "nobody looks at what this comparison gives: write `assert` before it"
            yield Smell(node.lineno, text)


def _plain(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements with those inside of them, but where an error may be wanted."""
    for node in body:
        raising = isinstance(node, ast.With | ast.AsyncWith) and any(
            last_name(getattr(item.context_expr, "func", None)).endswith(_RAISING)
            for item in node.items
        )
        if raising or isinstance(node, ast.Try | ast.TryStar | _SCOPES):
            continue
        yield node
        for name in ("body", "orelse"):
            yield from _plain(getattr(node, name, []))


def _returning(tree: ast.Module) -> Iterator[Smell]:
    for _, function in _tests(tree):
        for node in _own(function):
            if isinstance(node, ast.Return) and _gives(node.value):
                text = f"{function.name} returns a value, at which nobody looks"
                yield Smell(node.lineno, f"{text}: write `assert` instead of `return`")


def _gives(value: ast.expr | None) -> bool:
    return value is not None and not (isinstance(value, ast.Constant) and value.value is None)


def _uncalled(tree: ast.Module) -> Iterator[Smell]:
    """Functions that check something, that nobody calls, and that are no tests by their name."""
    owners: list[ast.Module | ast.ClassDef] = [tree]
    owners += [node for node in tree.body if _is_class(node) and _is_collected(node)]
    for owner in owners:
        for node in owner.body:
            if not isinstance(node, _Function) or node.name.startswith(("test", "_")):
                continue
            few = 0 if owner is tree else 1
            if _required(node) > few or not _may_be_collected(node) or not _checks(node):
                continue
            if node.name not in _mentioned(tree):
                text = f"{node.name} checks something, but its name does not begin with “test”"
                yield Smell(node.lineno, f"{text}, so it never runs")


def _uncollected(tree: ast.Module) -> Iterator[Smell]:
    for node in tree.body:
        if not _is_class(node) or _has_case(node) or not any(map(_is_test, node.body)):
            continue
        if node.name.startswith("Test"):
            if any(isinstance(n, _Function) and n.name == "__init__" for n in node.body):
                text = f"{node.name} has an __init__, so its tests never run: use setup_method"
                yield Smell(node.lineno, text)
        elif not node.bases and not node.decorator_list and node.name not in _mentioned(tree):
            text = f"{node.name} holds tests, but its name does not begin with “Test”"
            yield Smell(node.lineno, f"{text}, so they never run")


def _unawaited(tree: ast.Module) -> Iterator[Smell]:
    for owner, function in _tests(tree):
        bases = {ast.unparse(base) for base in owner.bases} if owner is not None else set()
        plain = bases & {"TestCase", "unittest.TestCase"}
        if plain and isinstance(function, ast.AsyncFunctionDef):
            text = f"nobody awaits {function.name}: its class must be an IsolatedAsyncioTestCase"
            yield Smell(function.lineno, text)


def _tests(tree: ast.Module) -> Iterator[tuple[ast.ClassDef | None, _Function]]:
    for node in tree.body:
        if _is_test(node):
            yield None, node
        elif _is_class(node) and _is_collected(node):
            yield from ((node, inner) for inner in node.body if _is_test(inner))


def _is_test(node: ast.AST) -> TypeGuard[_Function]:
    return isinstance(node, _Function) and node.name.startswith("test")


def _is_class(node: ast.AST) -> TypeGuard[ast.ClassDef]:
    return isinstance(node, ast.ClassDef)


def _is_collected(node: ast.ClassDef) -> bool:
    return _has_case(node) or node.name.startswith("Test")


def _has_case(node: ast.ClassDef) -> bool:
    return any(_CASE in ast.unparse(base) for base in node.bases)


def _is_named_as_test(name: str) -> bool:
    return name.startswith(("test", "Test")) or name.endswith(("Test", "Tests"))


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """Without what the functions inside of it do."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, _SCOPES):
            yield child
            yield from _own(child)


def _required(function: _Function) -> int:
    args = function.args
    return len(args.posonlyargs) + len(args.args) - len(args.defaults)


def _may_be_collected(function: _Function) -> bool:
    """Not a fixture, a property or a hook; marks leave it a test."""
    if function.name.lower().startswith(("setup", "teardown", "asyncsetup", "asyncteardown")):
        return False
    told = (ast.unparse(decorator) for decorator in function.decorator_list)
    return function.name != "runTest" and all("mark." in text for text in told)


def _checks(function: _Function) -> bool:
    calls = (n for n in ast.walk(function) if isinstance(n, ast.Call))
    return any(map(_asserts, function.body)) or any(
        last_name(call.func).startswith(("assert", "fail")) for call in calls
    )


def _asserts(node: ast.AST) -> bool:
    return next(asserts(node), None) is not None


def _mentioned(tree: ast.Module) -> set[str]:
    """Names that anything else in the file may mean."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.update(node.value.split())
    return found
