"""Finds the tests in a test file and runs them one by one.

Three styles: plain asserts, pytest-style functions and classes, and unittest (its own machinery).
"""

from __future__ import annotations

import ast
import builtins
import collections
import functools
import linecache
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.smells import no_test
from grader.testing import frameworks, reading
from grader.testing.arranging import in_order
from grader.testing.asserting import SourceText, rewrite
from grader.testing.configuration import conftest
from grader.testing.examples import example_cases
from grader.testing.faults import BadTests, Guard, collected
from grader.testing.fixtures import Lasting
from grader.testing.functions import function_cases
from grader.testing.helpers import absolute
from grader.testing.scripts import has_check, statement_name, test_finder, with_main
from grader.testing.unittests import find_unittests, own_cases, run_unittests
from grader.verdicts.outcome import Listener, Outcome, attempt

_BUILTINS = frozenset(dir(builtins))
_NO_DOCTESTS = "doctests of the student's module cannot be run: they would find none"


@dataclass(frozen=True)
class Cell:
    """A test in one cell, ready to be run any number of times."""

    code: Any
    checks: bool
    structured: bool


@functools.lru_cache(maxsize=256)
def prepare(source: str, filename: str) -> Cell:
    """Raises BadTests. Kept, because each submission to a problem meets the same tests."""
    tree = _parse(source, filename)
    checks = any(isinstance(n, ast.Assert | ast.Raise | ast.Call) for n in ast.walk(tree))
    structured = reading.is_structured(tree)
    code = compile(rewrite(tree, SourceText(source)), filename, "exec", dont_inherit=True)
    return Cell(code, checks, structured)


def _parse(source: str, filename: str, *, whole: bool = False) -> ast.Module:
    try:
        tree = ast.parse(source, filename)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        reason = getattr(error, "msg", None) or error
        raise BadTests(filename, line, f"does not compile: {reason}") from None
    if "from ." in source:
        absolute(tree)
    line = reading.foreign_doctests(tree) if "doctest" in source and not whole else None
    if line is not None:
        raise BadTests(filename, line, _NO_DOCTESTS)
    return tree


@dataclass(frozen=True)
class Statement:
    """One top-level statement of a test file."""

    code: Any
    line: int
    name: str
    is_test: bool


class Suite:
    def __init__(self, source: str, filename: str, finished: Sequence[str] = ()) -> None:
        """`finished`: names of tests that have been run; they are left out."""
        self.filename = filename
        self._text = source
        #: How many of each name.
        self._finished = dict(collections.Counter(finished)) if finished else {}
        #: The whole file asked to be skipped, or what it checks before its tests did not hold.
        self._over = False
        lines = source.splitlines(keepends=True)
        linecache.cache[filename] = (len(source), None, lines, filename)

    def compile(self, *, whole: bool) -> None:
        """Raises BadTests where it does not compile."""
        if whole:
            self._tree = _parse(self._text, self.filename, whole=True)
        else:
            prepare(self._text, self.filename)

    @functools.cached_property
    def _tree(self) -> ast.Module:
        return _parse(self._text, self.filename)

    @functools.cached_property
    def _source(self) -> SourceText:
        return SourceText(self._text)

    def _wants(self, name: str) -> bool:
        if not self._finished.get(name):
            return True
        self._finished[name] -= 1
        return False

    def run_cell(self, name: str, space: dict[str, Any], listener: Listener) -> None:
        """One test in one cell: a script, or functions and classes that belong together."""
        cell = prepare(self._text, self.filename)
        if not cell.checks:
            raise BadTests(self.filename, None, f"the test {name!r} checks nothing")
        guard = Guard(listener, self.filename, space["__builtins__"])
        guard.begin(name)
        outcome = attempt(name, lambda: exec(cell.code, space))  # noqa: S102 - the author's test
        guard.end(outcome)
        if outcome.error is None and outcome.skipped is None and cell.structured:
            guard.only_its_functions()
            self._run_structured(space, conftest(), guard)
        guard.finish()

    def names_used(self) -> set[str]:
        """Names that the file reads and neither binds nor imports."""
        nodes = list(ast.walk(self._tree))
        read = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        return read - reading.bound(nodes)

    def student_builtins(self, defined: set[str]) -> set[str]:
        """Builtin names that must mean the student's function, as in `assert sum(10, 15) == 6`.

        Only where the tests use no other name of the student: so a student who defines `sorted`
        changes nothing in a test of another function.
        """
        if defined.isdisjoint(_BUILTINS):
            return set()
        used = self.names_used()
        imports = any(isinstance(n, ast.Import | ast.ImportFrom) for n in ast.walk(self._tree))
        if imports or used & (defined - _BUILTINS):
            return set()
        return used & defined & _BUILTINS

    def run(self, space: dict[str, Any], entry: str | None, listener: Listener) -> None:
        """Raises BadTests where the file holds no test."""
        if "doctest" in self._text:
            from grader.testing import doctests

            doctests.follow()
        space["__builtins__"].update(frameworks.given(self._text, self.names_used))
        structured = reading.is_structured(self._tree)
        shared = conftest() if structured else {}  # before the first line of the tests
        guard = Guard(listener, self.filename, space["__builtins__"])
        statements = self._statements(asserts=not structured, entry=entry)
        if not structured and not any(statement.is_test for statement in statements):
            raise BadTests(self.filename, None, no_test(self._text))
        if not structured:
            guard.announce([s.name for s in statements if s.is_test])
        for statement in statements:
            done = statement.is_test and not self._wants(statement.name)
            if not guard.fatal and not done:
                self._run_statement(statement, space, guard, structured)
            if self._over:
                return
        if structured:
            self._run_structured(space, shared, guard)
        guard.finish()

    def _run_statement(
        self, statement: Statement, space: dict[str, Any], listener: Guard, structured: bool
    ) -> None:
        if statement.is_test:
            listener.begin(statement.name)
        outcome = attempt(statement.name, lambda: exec(statement.code, space))  # noqa: S102
        if statement.is_test:
            listener.end(outcome)
        elif outcome.skipped is not None:
            self._end_with(Outcome(self.filename, skipped=outcome.skipped), listener)
        elif outcome.error is not None:
            listener.check(outcome)
            if structured and listener.is_students(outcome.error):
                # Its text is not told: the tests may be hidden ones.
                self._end_with(Outcome(f"line {statement.line}", outcome.error), listener)
            elif structured or outcome.fatal:
                raise SetupFailed(self.filename, statement.line, outcome.error)
            elif self._wants(statement.name):
                listener.begin(statement.name)
                listener.end(outcome)

    def _end_with(self, outcome: Outcome, listener: Listener) -> None:
        self._over = True
        if self._wants(outcome.name):
            listener.begin(outcome.name)
            listener.end(outcome)

    def _run_structured(self, space: dict[str, Any], shared: dict[str, Any], to: Listener) -> None:
        """`shared`: the names of the `conftest.py` beside the tests."""
        for name in reading.helpers(self._tree) & space.keys():
            space[name].__test__ = False
        functions = collected(self.filename, lambda: list(function_cases(space, shared)))
        functions += example_cases(self._tree, space)
        tests = collected(self.filename, lambda: find_unittests(own_cases(space), space))
        if not functions and not tests:
            raise BadTests(self.filename, None, no_test(self._text))
        lasting = Lasting(space, shared)
        functions, tests = in_order(functions, tests, lasting)
        to.announce([function.name for function in functions])
        run_unittests(tests, lasting, to, self._wants)
        for function in functions:
            if not to.fatal and self._wants(function.name):
                to.begin(function.name)
                to.end(function.run())
        for function in functions[-1:]:
            function.finish()

    def _statements(self, *, asserts: bool, entry: str | None) -> list[Statement]:
        source = self._source
        body = list(self._tree.body)
        if asserts and not has_check(body):
            body = with_main(body)
        is_test = test_finder(body) if asserts else lambda _: False
        names = [statement_name(node, source) for node in body]
        marked = [is_test(node) for node in body]
        if asserts and not any(marked) and entry and has_check(body):
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
        flags = reading.future_flags(self._tree)
        return compile(ast.Module([node], []), self.filename, "exec", flags, dont_inherit=True)


class SetupFailed(Exception):
    """A statement of the test file failed before its tests could run."""

    def __init__(self, filename: str, line: int, error: BaseException) -> None:
        super().__init__(f"{filename}, line {line}: {type(error).__name__}: {error}")
        self.error = error
        self.line = line
