"""What a check that did not hold had compared, whichever style of test it is written in.

The checks of unittest and pytest are asked by the frames in which they failed: so they cost
nothing where they hold, and stay as they are.
"""

from __future__ import annotations

import ast
import types
import unittest.case
from collections.abc import Callable
from typing import Any

from grader.testing import pytest_checks
from grader.testing.asserting import TURNED, Comparison, is_alike
from grader.testing.sides import is_turned, last_name
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
_CONTEXT: Any = getattr(unittest.case, "_AssertRaisesContext")  # noqa: B009 - not in its stub
_MAX_BODY = 600
_OF_MOCKS = ("assert_any_", "assert_await", "assert_called", "assert_has_", "assert_not_")
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
        elif _is_inside(error, "doubting.py"):
            pass  # its own words say best what is wrong with a comparison of the student's
        elif place.inner is not None and _is_of_check(error, place.inner):
            self._of_library(place, place.inner.f_code.co_name, place.inner.f_locals)
        elif not isinstance(error, AssertionError) or trace_of(error) is not None:
            self.call = place.text(_asked(place))
            self.comparison = _another(error, place)
        elif place.inner is None or place.inner.f_code.co_filename not in _FILES:
            self.comparison = _of_table(place) or (_written(last, place) if last else None)
        else:
            self._of_library(place, place.inner.f_code.co_name, place.inner.f_locals)

    def _of_library(self, place: Place, name: str, names: dict[str, Any]) -> None:
        if name in _SIGNS or name in _FIXED:
            self.comparison = self._of_method(place, name, names)
            # Without one it is unittest that says "First argument is not a string".
            own = not names or names.get("msg") is not None
            self.words = said(self._error) if own else ""
        elif name in ("__exit__", "assertRaises", "assertRaisesRegex", "raises", "match"):
            self.comparison = _unraised(place, names, self._error)
            self.words = said(self._error)

    def _of_method(self, place: Place, name: str, names: dict[str, Any]) -> Comparison | None:
        first, values = place.argument(0), list(names.values())[1:3]
        if len(values) < (1 if name in _FIXED else 2):
            return None  # `assertRaises` around it has cleared the frame
        if name in _FIXED:
            told = name == "assertTrue" and isinstance(first, ast.Compare | ast.BoolOp | ast.Call)
            if self._last is not None and told and (type(first) is not ast.Call or is_alike(first)):
                return _written(self._last, place)
            return Comparison(place.text(first), _FIXED[name][0], values[0], _FIXED[name][1])
        sign, second = _SIGNS[name], place.argument(1)
        if sign == "items":
            values = [names.get("first_seq", values[0]), names.get("second_seq", values[1])]
        if sign in _TURNED and first is not None and _turned(place, first, second):
            return Comparison(place.text(second), _TURNED[sign], values[1], values[0])
        return Comparison(place.text(first), sign, values[0], values[1])


def _turned(place: Place, first: ast.expr, second: ast.expr | None) -> bool:
    if second is None:
        return False
    made = place.resolved(first), place.resolved(second)
    return is_turned(first, second) or (made[1] is not second and is_turned(*made))


def _is_inside(error: BaseException, file: str) -> bool:
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return step is not None and step.tb_frame.f_code.co_filename.endswith(f"/{file}")


def _is_of_check(error: BaseException, inner: types.FrameType) -> bool:
    """`assertGreater(None, 3)` raises TypeError by itself: what came is of the wrong type."""
    wrong = isinstance(error, TypeError | KeyError) and trace_of(error) is None
    return wrong and inner.f_code.co_filename in _FILES and inner.f_code.co_name in _SIGNS


def _asked(place: Place) -> ast.expr | None:
    """Where values were unpacked, what gave them."""
    unpacks = isinstance(place.node, ast.Tuple | ast.List) and isinstance(place.node.ctx, ast.Store)
    if unpacks and isinstance(place.statement, ast.Assign):
        return place.statement.value
    return place.node


def _written(last: Comparison, place: Place) -> Comparison:
    return Comparison(place.written(last.call), last.sign, last.actual, last.expected)


def _of_table(place: Place) -> Comparison | None:
    """Of `assert_array_equal` and `assert_frame_equal`, whose own words are told, too."""
    node = place.node
    if place.inner is None or not isinstance(node, ast.Call) or len(node.args) < 2:
        return None
    names = place.inner.f_locals
    values = list(names.get("args") or names.values())
    name = last_name(node.func)
    if not name.startswith("assert_") or name.startswith(_OF_MOCKS) or len(values) < 2:
        return None
    return Comparison(place.text(node.args[0]), "==", values[0], values[1])


def _another(error: BaseException, place: Place) -> Comparison | None:
    """Something was raised where another exception was wanted."""
    block, call = _with(place, lambda call: last_name(call.func) in _RAISES and bool(call.args))
    if block is not None:
        kinds = place.source.of(call.args[0])
        if isinstance(error, AttributeError) and isinstance(error.obj, _CONTEXT):
            # The block goes on to look at an error that did not come.
            first = block.body[0]
            return Comparison(place.text(getattr(first, "value", first)), "raises", None, kinds)
        return Comparison(_body(place, block), "raises", error, kinds)
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
    lines = (_body(place, inner) or place.text(_gist(inner)) for inner in node.body)
    return "; ".join(filter(None, lines))[:_MAX_BODY] or None


def _gist(node: ast.stmt) -> ast.AST:
    """Of a statement that should raise an error: what it asks for."""
    if isinstance(node, ast.Assert):
        return node.test.left if isinstance(node.test, ast.Compare) else node.test
    gist: ast.AST = node if _changes(node) else getattr(node, "value", node)
    return gist


def _changes(node: ast.stmt) -> bool:
    """`jar.capacity = 5`: it is that which should be refused."""
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    return any(isinstance(target, ast.Attribute | ast.Subscript) for target in targets)


def _handed(place: Place, node: ast.Call) -> str | None:
    """Of `assertRaises(ValueError, add, 1, 2)`."""
    regex = last_name(node.func).endswith("Regex")
    function, *args = node.args[2 if regex and len(node.args) > 2 else 1 :]
    if isinstance(function, ast.Lambda):
        return place.text(function.body)
    return place.text(ast.Call(function, args, node.keywords))
