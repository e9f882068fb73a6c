"""Asks more of an `assert` than yes or no: what was called, what came out, what was wanted.

`assert call == value` becomes `assert <compare>("==", call, value, "call"), …`; each side is still
evaluated once and in the same order.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeGuard

from grader.testing.closeness import close, same_items
from grader.testing.sides import is_turned, last_name

COMPARE = "__pm_compare__"
TRUTH = "__pm_truth__"
ALIKE = "__pm_alike__"
#: Functions and methods that compare two values and say yes or no.
_ALIKE = frozenset({"isclose", "allclose", "array_equal", "array_equiv", "equals", "isinstance"})

_OPERATORS: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
    ast.Is: ("is", operator.is_),
    ast.IsNot: ("is not", operator.is_not),
    ast.In: ("in", lambda a, b: a in b),
    ast.NotIn: ("not in", lambda a, b: a not in b),
}
_BY_SIGN = dict(_OPERATORS.values())
#: What each says of its right side.
TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
TURNED |= {"is": "is", "is not": "is not", "in": "holds", "not in": "lacks"}
#: Names of what stands in the middle of `a < b < c`.
_KEPT = "__pm_link_"


@dataclass(frozen=True)
class Comparison:
    """The comparison that failed last."""

    call: str | None
    sign: str
    actual: Any
    expected: Any
    #: What was wanted came from the student's code, too: this was asked for it.
    other: str | None = None


class Recorder:
    def __init__(self, tolerance: float | None = None, ordered: bool = True) -> None:
        self.last: Comparison | None = None
        self._tolerance = tolerance
        self._ordered = ordered

    def compare(
        self, sign: str, left: Any, right: Any, call: str | None, turned: bool = False
    ) -> Any:
        """`turned`: what was wanted stands on the left."""
        result = self._equal(left, right) if sign == "==" else _BY_SIGN[sign](left, right)
        try:
            if result:
                return result
        except ValueError:
            # An array where a list was wanted, say; two arrays are for the test's author to mend.
            if type(left) is type(right):
                raise
            result = False
        sides = (TURNED[sign], right, left) if turned else (sign, left, right)
        self.last = Comparison(call, *sides)
        return result

    def alike(self, call: str | None, function: Any, *args: Any, **kwargs: Any) -> Any:
        """`math.isclose(a, b)`, or `frame.equals(other)` with the method already looked up."""
        result = function(*args, **kwargs)
        if not result and type(result) is bool:
            owner = (getattr(function, "__self__", None),) if len(args) == 1 else ()
            pair = (*owner, *args)
            if len(pair) == 2:
                self.last = Comparison(call, "instance" if function is isinstance else "==", *pair)
        return result

    def truth(self, value: Any, wanted: bool, call: str | None) -> bool:
        result = bool(value) is wanted
        if not result:
            self.last = Comparison(call, "is", value, wanted)
        return result

    def _equal(self, left: Any, right: Any) -> Any:
        result = left == right
        if result is False or result is NotImplemented:
            if not self._ordered and same_items(left, right):
                return True
            if self._tolerance is not None:
                return close(left, right, self._tolerance)
        return result


class SourceText:
    """Source segments of syntax nodes; `ast`'s own function splits the whole text each time."""

    def __init__(self, source: str) -> None:
        text = source.replace("\r\n", "\n").replace("\r", "\n")
        self._lines = [line.encode("utf-8", "surrogatepass") for line in text.split("\n")]

    def of(self, node: ast.AST) -> str | None:
        first, last = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
        if first is None or last is None or last > len(self._lines):
            return None
        lines = self._lines[first - 1 : last]
        lines[-1] = lines[-1][: node.end_col_offset]  # type: ignore[attr-defined]
        lines[0] = lines[0][node.col_offset :]  # type: ignore[attr-defined]
        return b"\n".join(lines).decode("utf-8", "replace")


_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


class _Rewriter(ast.NodeTransformer):
    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._kept = 0

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Statements only: no expression holds an assert."""
        for name in _BLOCKS:
            for statement in getattr(node, name, ()):
                self.visit(statement)
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        node.test = self._checked(node.test)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """`self.assertTrue(add(1, 2) == 3)`: by itself it knows of yes and no only."""
        call = node.value
        if isinstance(call, ast.Call) and last_name(call.func) == "assertTrue" and call.args:
            first = call.args[0]
            told = isinstance(first, ast.Compare | ast.BoolOp) or is_alike(first)
            call.args[0] = self._checked(first) if told else first
        return node

    def _checked(self, test: ast.expr) -> ast.expr:
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            # The first that does not hold is the last that is looked at.
            test.values = [self._checked(value) for value in test.values]
        elif isinstance(test, ast.Compare):
            return self._links(test)
        elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = test.operand
            return self._call(TRUTH, test, inner, ast.Constant(False), self._text(inner))
        elif is_alike(test):
            of = test.args[0] if len(test.args) > 1 else getattr(test.func, "value", test)
            call = self._call(ALIKE, test, self._text(of), test.func, *test.args)
            call.keywords = test.keywords
            return call
        elif not isinstance(test, ast.Constant):
            return self._call(TRUTH, test, test, ast.Constant(True), self._text(test))
        return test

    def _links(self, test: ast.Compare) -> ast.expr:
        """`0 < f(3) < 10` becomes two checks joined by `and`; `f(3)` is still evaluated once."""
        checks: list[ast.expr] = []
        left, shown = test.left, test.left
        for number, (sign, right) in enumerate(zip(test.ops, test.comparators, strict=True)):
            kept: ast.expr = right
            if number < len(test.ops) - 1:
                self._kept += 1
                name = f"{_KEPT}{self._kept}"
                kept = ast.NamedExpr(ast.Name(name, ast.Store()), right)
            checks.append(self._compared(test, sign, (left, kept), (shown, right)))
            if kept is not right:
                left, shown = ast.Name(name, ast.Load()), right
        if len(checks) == 1:
            return checks[0]
        joined = ast.BoolOp(ast.And(), checks)
        return ast.fix_missing_locations(ast.copy_location(joined, test))

    def _compared(
        self,
        test: ast.Compare,
        operator: ast.cmpop,
        sides: tuple[ast.expr, ast.expr],
        written: tuple[ast.expr, ast.expr],
    ) -> ast.expr:
        sign = ast.Constant(_OPERATORS[type(operator)][0])
        turned = sign.value in TURNED and is_turned(*written)
        call = self._text(written[1] if turned else written[0])
        return self._call(COMPARE, test, sign, *sides, call, ast.Constant(turned))

    def _text(self, node: ast.expr) -> ast.Constant:
        text = self._source.of(node)
        return ast.Constant(text if text is None else text[:600])

    def _call(self, name: str, place: ast.expr, *args: ast.expr) -> ast.Call:
        call = ast.Call(ast.Name(name, ast.Load()), list(args), [])
        return ast.fix_missing_locations(ast.copy_location(call, place))


def is_alike(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and last_name(node.func) in _ALIKE and bool(node.args)


def rewrite(tree: ast.Module, source: SourceText) -> ast.Module:
    return _Rewriter(source).visit(tree)  # type: ignore[no-any-return]
