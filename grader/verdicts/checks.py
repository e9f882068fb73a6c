"""What a check that did not hold had compared, whichever style of test it is written in.

The checks of unittest and pytest are asked by the frames in which they failed: so they cost
nothing where they hold, and stay as they are.
"""

from __future__ import annotations

import ast
import unittest.case
from collections.abc import Callable
from typing import Any

from grader.testing import pytest_checks
from grader.testing.asserting import TURNED, Comparison, calls, is_alike, last_name
from grader.testing.unittests import Difference, said
from grader.verdicts.outcome import trace_of
from grader.verdicts.places import Place

_SIGNS = {
    "assertEqual": "==",
    "assertListEqual": "==",
    "assertTupleEqual": "==",
    "assertSetEqual": "==",
    "assertDictEqual": "==",
    "assertSequenceEqual": "==",
    "assertMultiLineEqual": "==",
    "assertCountEqual": "items",
    "assertAlmostEqual": "near",
    "assertNotAlmostEqual": "not near",
    "assertNotEqual": "!=",
    "assertIs": "is",
    "assertIsNot": "is not",
    "assertIn": "in",
    "assertNotIn": "not in",
    "assertGreater": ">",
    "assertGreaterEqual": ">=",
    "assertLess": "<",
    "assertLessEqual": "<=",
    "assertIsInstance": "instance",
    "assertNotIsInstance": "not instance",
    "assertRegex": "match",
    "assertNotRegex": "not match",
}
#: They take one value.
_FIXED = {
    "assertTrue": ("is", True),
    "assertFalse": ("is", False),
    "assertIsNone": ("is", None),
    "assertIsNotNone": ("is not", None),
}
_TURNED = {**TURNED, "items": "items", "near": "near", "not near": "not near"}
_RAISES = frozenset({"raises", "assertRaises", "assertRaisesRegex"})
_MAX_BODY = 600
_FILES = (unittest.case.__file__, pytest_checks.__file__)


class Failure:
    """Why a test failed, as far as its own text and frames tell it."""

    def __init__(self, error: BaseException, last: Comparison | None, place: Place | None) -> None:
        """`last`: the `assert` that did not hold last."""
        self.comparison: Comparison | None = None
        #: What the author says of it.
        self.words = str(error) if isinstance(error, AssertionError) and error.args else ""
        #: In which another exception came up, or the time ran out.
        self.call: str | None = None
        self._error, self._last = error, last
        if isinstance(error, Difference):
            call = place.text(place.argument(0)) if place is not None else None
            self.comparison = Comparison(call, "==", error.actual, error.expected)
            self.words = ""
        elif place is None:
            own = isinstance(error, AssertionError) and trace_of(error) is None
            self.comparison = last if own else None
        elif not isinstance(error, AssertionError) or trace_of(error) is not None:
            self.call = place.text(place.node)
            self.comparison = _another(error, place)
        elif place.inner is None or place.inner.f_code.co_filename not in _FILES:
            self.comparison = _of_table(place) or (_written(last, place) if last else None)
        else:
            self._of_library(place, place.inner.f_code.co_name, place.inner.f_locals)

    def _of_library(self, place: Place, name: str, names: dict[str, Any]) -> None:
        if name in _SIGNS or name in _FIXED:
            self.comparison = self._of_method(place, name, names)
            self.words = said(self._error)
        elif name in ("__exit__", "assertRaises", "assertRaisesRegex", "raises", "match"):
            self.comparison = _unraised(place, names, self._error)
            self.words = said(self._error)

    def _of_method(self, place: Place, name: str, names: dict[str, Any]) -> Comparison:
        first, values = place.argument(0), list(names.values())[1:3]
        if name in _FIXED:
            told = name == "assertTrue" and isinstance(first, ast.Compare | ast.BoolOp | ast.Call)
            if self._last is not None and told and (type(first) is not ast.Call or is_alike(first)):
                return _written(self._last, place)
            return Comparison(place.text(first), _FIXED[name][0], values[0], _FIXED[name][1])
        sign, second = _SIGNS[name], place.argument(1)
        if sign == "items":
            values = [names.get("first_seq", values[0]), names.get("second_seq", values[1])]
        if sign in _TURNED and not _asks(place, first) and _asks(place, second):
            return Comparison(place.text(second), _TURNED[sign], values[1], values[0])
        return Comparison(place.text(first), sign, values[0], values[1])


def _asks(place: Place, node: ast.expr | None) -> bool:
    return node is not None and calls(place.resolved(node))


def _written(last: Comparison, place: Place) -> Comparison:
    return Comparison(place.written(last.call), last.sign, last.actual, last.expected)


def _of_table(place: Place) -> Comparison | None:
    """Of `assert_array_equal` and `assert_frame_equal`, whose own words are told, too."""
    node = place.node
    if place.inner is None or not isinstance(node, ast.Call) or len(node.args) < 2:
        return None
    names = place.inner.f_locals
    values = list(names.get("args") or names.values())
    if not last_name(node.func).startswith("assert_") or len(values) < 2:
        return None
    return Comparison(place.text(node.args[0]), "==", values[0], values[1])


def _another(error: BaseException, place: Place) -> Comparison | None:
    """Something was raised where another exception was wanted."""
    block, call = _with(place, lambda call: last_name(call.func) in _RAISES and bool(call.args))
    if block is not None:
        return Comparison(_body(place, block), "raises", error, place.source.of(call.args[0]))
    node = place.node
    if isinstance(node, ast.Call) and last_name(node.func) in _RAISES and len(node.args) > 1:
        kinds = place.source.of(node.args[0])
        return Comparison(_handed(place, node), "raises", error, kinds)
    return None


def _with(place: Place, wanted: Callable[[ast.Call], bool]) -> tuple[Any, Any]:
    """The innermost `with` around it that has such an item."""
    for block in reversed(place.path):
        for item in getattr(block, "items", ()):
            if isinstance(item.context_expr, ast.Call) and wanted(item.context_expr):
                return block, item.context_expr
    return None, None


def _unraised(place: Place, names: dict[str, Any], error: BaseException) -> Comparison | None:
    """`raises` and its likes: what they keep tells what they wanted, and what they got."""
    context: Any = names.get("self")
    kinds = getattr(context, "expected", None) or getattr(context, "_kinds", None)
    kinds = kinds or names.get("expected_exception")
    pattern = getattr(context, "expected_regex", None) or getattr(context, "_match", None)
    if kinds is None:
        return None
    many = kinds if isinstance(kinds, tuple) else (kinds,)
    wanted = " or ".join(getattr(kind, "__name__", str(kind)) for kind in many)
    if pattern is not None:
        wanted += f" with a text that matches {getattr(pattern, 'pattern', pattern)!r}"
    node = place.node
    if isinstance(node, ast.Call) and len(node.args) > 1:
        call = _handed(place, node)
    else:
        call = _body(place, place.statement)
    sign = "warns" if "Warn" in type(context).__name__ else "raises"
    return Comparison(call, sign, _seen(context, error), wanted)


def _seen(context: Any, error: BaseException) -> Any:
    """The exception whose text was not the one that was wanted; the warnings, if there were any."""
    warned = [str(w.message) for w in getattr(context, "_seen", None) or ()]
    return ", ".join(warned) or error.__context__


def _body(place: Place, node: ast.AST) -> str | None:
    if not isinstance(node, ast.With | ast.AsyncWith):
        return None
    lines = [getattr(inner, "value", inner) for inner in node.body]
    return "; ".join(filter(None, map(place.text, lines)))[:_MAX_BODY] or None


def _handed(place: Place, node: ast.Call) -> str | None:
    """Of `assertRaises(ValueError, add, 1, 2)`."""
    function, *args = node.args[1:]
    if isinstance(function, ast.Lambda):
        return place.text(function.body)
    return place.text(ast.Call(function, args, node.keywords))
