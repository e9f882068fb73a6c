"""Finds the tests in a test file and runs them one by one.

Three styles: plain asserts, pytest-style functions and classes, and unittest (its own machinery).
"""

from __future__ import annotations

import ast
import builtins
import linecache
import unittest
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.asserting import SourceText, rewrite
from grader.functions import function_cases
from grader.outcome import Listener, attempt
from grader.unittests import run_unittests


class BadTests(Exception):
    """The tests themselves cannot be used."""

    def __init__(self, filename: str, line: int | None, reason: str) -> None:
        super().__init__(f"{filename}, line {line}: {reason}" if line else f"{filename}: {reason}")
        self.line = line


@dataclass(frozen=True)
class Statement:
    """One top-level statement of a test file."""

    code: Any
    line: int
    name: str
    is_test: bool


class Suite:
    def __init__(self, source: str, filename: str) -> None:
        self.filename = filename
        try:
            self._tree = ast.parse(source, filename)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            raise BadTests(filename, line, f"does not compile: {error}") from None
        self._source = SourceText(source)
        lines = source.splitlines(keepends=True)
        linecache.cache[filename] = (len(source), None, lines, filename)

    def run_cell(self, name: str, space: dict[str, Any], listener: Listener) -> None:
        """One test in one cell: a script, or functions and classes that belong together."""
        if not any(isinstance(n, ast.Assert | ast.Raise | ast.Call) for n in ast.walk(self._tree)):
            raise BadTests(self.filename, None, f"the test {name!r} checks nothing")
        tree = rewrite(self._tree, self._source)
        code = compile(tree, self.filename, "exec", dont_inherit=True)
        listener.begin(name)
        outcome = attempt(name, lambda: exec(code, space))  # noqa: S102 - the author's test
        listener.end(outcome)
        if outcome.error is None and _is_structured(self._tree):
            self._run_structured(space, listener)

    def names_used(self) -> set[str]:
        """Names that the file reads and neither binds nor imports."""
        nodes = list(ast.walk(self._tree))
        read = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        return read - _bound(nodes)

    def student_builtins(self, defined: set[str]) -> set[str]:
        """Builtin names that must mean the student's function, as in `assert sum(10, 15) == 6`.

        Only where the tests use no other name of the student: so a student who defines `sorted`
        changes nothing in a test of another function.
        """
        used = self.names_used()
        imports = any(isinstance(n, ast.Import | ast.ImportFrom) for n in ast.walk(self._tree))
        if imports or used & (defined - set(dir(builtins))):
            return set()
        return used & defined & set(dir(builtins))

    def run(self, space: dict[str, Any], entry: str | None, listener: Listener) -> None:
        """Raises BadTests where the file holds no test."""
        structured = _is_structured(self._tree)
        statements = self._statements(asserts=not structured, entry=entry)
        if not structured and not any(statement.is_test for statement in statements):
            raise BadTests(self.filename, None, "defines no test")
        if not structured:
            listener.announce([s.name for s in statements if s.is_test])
        for statement in statements:
            if not listener.fatal:
                self._run_statement(statement, space, listener, structured)
        if structured:
            self._run_structured(space, listener)

    def _run_statement(
        self, statement: Statement, space: dict[str, Any], listener: Listener, structured: bool
    ) -> None:
        if statement.is_test:
            listener.begin(statement.name)
        outcome = attempt(statement.name, lambda: exec(statement.code, space))  # noqa: S102
        if statement.is_test:
            listener.end(outcome)
        elif outcome.error is not None:
            if structured or outcome.fatal:
                raise SetupFailed(self.filename, statement.line, outcome.error)
            listener.begin(statement.name)
            listener.end(outcome)

    def _run_structured(self, space: dict[str, Any], listener: Listener) -> None:
        cases = [v for v in space.values() if _is_own_case(v)]
        functions = list(function_cases(space))
        if not functions and not any(unittest.defaultTestLoader.getTestCaseNames(c) for c in cases):
            raise BadTests(self.filename, None, "defines no test")
        listener.announce([function.name for function in functions])
        run_unittests(cases, space, listener)
        for function in functions:
            if not listener.fatal:
                listener.begin(function.name)
                listener.end(function.run())
        for function in functions[-1:]:
            function.finish()

    def _statements(self, *, asserts: bool, entry: str | None) -> list[Statement]:
        source = self._source
        body = list(self._tree.body)
        if asserts and not _has_check(body):
            body = _with_main(body)
        is_test = _test_finder(body) if asserts else lambda _: False
        names = [_name(node, source) for node in body]
        marked = [is_test(node) for node in body]
        if asserts and not any(marked) and entry and _has_check(body):
            call = ast.parse(f"check({entry})").body[0]
            for node in ast.walk(call):
                ast.copy_location(node, body[-1])
            body.append(call)
            names.append(f"check({entry})")
            marked.append(True)
        tree = rewrite(ast.Module(body, []), source)
        return [
            Statement(self._compile(node), node.lineno, name, test)
            for node, name, test in zip(tree.body, names, marked, strict=True)
        ]

    def _compile(self, node: ast.stmt) -> Any:
        return compile(ast.Module([node], []), self.filename, "exec", dont_inherit=True)


class SetupFailed(Exception):
    """A statement of the test file failed before its tests could run."""

    def __init__(self, filename: str, line: int, error: BaseException) -> None:
        super().__init__(f"{filename}, line {line}: {type(error).__name__}: {error}")
        self.error = error
        self.line = line


def _bound(nodes: list[ast.AST]) -> set[str]:
    bound = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return bound


def _is_own_case(value: Any) -> bool:
    return (
        isinstance(value, type)
        and issubclass(value, unittest.TestCase)
        and not value.__module__.startswith("unittest")
    )


def _is_structured(tree: ast.Module) -> bool:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("test"):
                return True
        elif isinstance(node, ast.ClassDef) and (
            node.name.startswith("Test")
            or any("TestCase" in ast.unparse(base) for base in node.bases)
            or any(isinstance(m, ast.FunctionDef) and m.name.startswith("test") for m in node.body)
        ):
            return True
    return False


def _asserts(node: ast.AST) -> Iterator[ast.Assert]:
    """Asserts that run when the statement runs, not those inside functions it defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
        return
    if isinstance(node, ast.Assert):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _asserts(child)


def _is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def _test_finder(body: list[ast.stmt]) -> Any:
    candidates = [node for node in body if not _is_main_guard(node)]
    if any(True for node in candidates for _ in _asserts(node)):
        return lambda node: not _is_main_guard(node) and any(True for _ in _asserts(node))
    return lambda node: isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def _with_main(body: list[ast.stmt]) -> list[ast.stmt]:
    """A script that does all its checking under `if __name__ == "__main__"` is run as one."""
    if any(map(_test_finder(body), body)):
        return body
    opened: list[ast.stmt] = []
    for node in body:
        opened += node.body if isinstance(node, ast.If) and _is_main_guard(node) else [node]
    return opened


def _has_check(body: list[ast.stmt]) -> bool:
    return any(
        isinstance(node, ast.FunctionDef) and node.name == "check" and len(node.args.args) == 1
        for node in body
    )


def _name(node: ast.stmt, source: SourceText) -> str:
    found = next(_asserts(node), None)
    text = source.of(found.test if found else node) or ""
    first = " ".join(text.split())
    return f"line {node.lineno}: {first[:100]}"
