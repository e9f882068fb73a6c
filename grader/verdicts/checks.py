"""What a check that did not hold had compared, whichever style of test it is written in.

The checks of unittest and pytest are asked by the frames in which they failed: so they cost
nothing where they hold, and stay as they are.
"""

from __future__ import annotations

import ast
import collections
import dataclasses
import itertools
import types
import unittest.case
from typing import Any

from grader.remote.proxies import Mirror
from grader.testing import case_checks, pytest_checks
from grader.testing.asserting import TURNED, Comparison, is_alike
from grader.testing.case_checks import Difference, said
from grader.testing.namespace import MissingName
from grader.testing.sides import is_literal, is_turned, last_name
from grader.verdicts.outcome import trace_of
from grader.verdicts.places import Place
from grader.verdicts.raising import another, unraised
from grader.verdicts.sentences import OF_TWO
from grader.verdicts.showing import show

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
_OF_MOCKS = ("assert_any_", "assert_await", "assert_called", "assert_has_", "assert_not_")
_CHANGEABLE = (list, dict, set, bytearray, collections.deque)
_FILES = (unittest.case.__file__, case_checks.__file__, pytest_checks.__file__)


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
            self.comparison = None if isinstance(error, MissingName) else another(error, place)
        elif place.inner is None or place.inner.f_code.co_filename not in _FILES:
            self.comparison = _of_table(place) or (_written(last, place) if last else None)
        else:
            self._of_library(place, place.inner.f_code.co_name, place.inner.f_locals)

    def _of_library(self, place: Place, name: str, names: dict[str, Any]) -> None:
        if name in _SIGNS or name in _FIXED:
            self.comparison = self._of_method(place, name, names)
            self.words = _words(self._error, names)
        elif name in ("__exit__", "assertRaises", "assertRaisesRegex", "raises", "match"):
            self.comparison = unraised(place, names, self._error)
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
            turned = Comparison(place.text(second), _TURNED[sign], values[1], values[0])
            return _of_two(turned, place, first)
        plain = Comparison(place.text(first), sign, values[0], values[1])
        return _of_two(_as_new(plain, place, first, second), place, second)


def _words(error: BaseException, names: dict[str, Any]) -> str:
    """The author's. Without any it is unittest that says "First argument is not a string"."""
    own = names.get("msg")
    # A check that asks another one has its own words for it.
    if not names or (own is not None and error.args[:1] and error.args[0] is own):
        return said(error)
    return getattr(own, "author", str(own)) if own is not None else ""


def _turned(place: Place, first: ast.expr, second: ast.expr | None) -> bool:
    if second is None or place.keeps(second, first):
        return False
    if place.keeps(first, second):
        return True
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
    if place.node is None and isinstance(place.statement, ast.For | ast.AsyncFor):
        return place.statement.iter
    if place.node is None and isinstance(place.statement, ast.With | ast.AsyncWith):
        return place.statement.items[0].context_expr
    return place.node


def _written(last: Comparison, place: Place) -> Comparison:
    told = Comparison(place.written(last.call), last.sign, last.actual, last.expected)
    test = _compared(place, last.call) if isinstance(place.statement, ast.Assert) else None
    if test is None:
        return told
    if len(test.ops) > 1:
        parts = itertools.pairwise((test.left, *test.comparators))
        after = (right for left, right in parts if place.source.of(left) == last.call)
        if last.sign == "==":
            return _of_chain(last, place, test) or told
        return _of_two(told, place, next(after, None))
    left, right = test.left, test.comparators[0]
    if last.sign in TURNED and place.keeps(left, right):
        return Comparison(place.text(right), TURNED[last.sign], last.expected, last.actual)
    if place.source.of(left) != last.call:
        left, right = right, left
    return _of_two(_as_new(told, place, left, right), place, right)


def _of_two(told: Comparison, place: Place, node: ast.expr | None) -> Comparison:
    """`assert rank(a) < rank(b)`: nobody knows which of the two is wrong."""
    if told.sign not in OF_TWO or node is None or not place.is_students(node):
        return told
    return dataclasses.replace(told, other=place.text(node))


def _compared(place: Place, text: str | None) -> ast.Compare | None:
    """The comparison of an `assert` that has this on one of its sides."""
    compared = (node for node in ast.walk(place.statement) if isinstance(node, ast.Compare))
    sides = ((node, side) for node in compared for side in (node.left, *node.comparators))
    return next((node for node, side in sides if place.source.of(side) == text), None)


def _of_chain(last: Comparison, place: Place, test: ast.Compare) -> Comparison | None:
    """`assert f(1) == f(2) == 3`: all of them should be what stands at the end."""
    parts = [test.left, *test.comparators]
    if not all(isinstance(sign, ast.Eq) for sign in test.ops) or not is_literal(parts[-1]):
        return None
    try:
        wanted = ast.literal_eval(parts[-1])
    except ValueError:
        return None
    for left, right in itertools.pairwise(parts[:-1]):
        if place.source.of(left) == last.call:
            sides = ((left, last.actual), (right, last.expected))
            wrong = ((node, value) for node, value in sides if show(value) != show(wanted))
            node, value = next(wrong, sides[0])
            return Comparison(place.text(node), "==", value, wanted)
    return None


def _as_new(
    told: Comparison, place: Place, first: ast.expr | None, second: ast.expr | None
) -> Comparison:
    """`assert grow(rows) is not rows`: a value that is equal would do."""
    changeable = isinstance(told.actual, _CHANGEABLE) or isinstance(type(told.actual), Mirror)
    if told.sign != "is not" or not changeable or first is None or second is None:
        return told
    call = place.source.of(place.resolved(first))
    return Comparison(call, "new", told.actual, place.source.of(second))


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
