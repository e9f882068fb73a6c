"""Of errors that a test wants to be raised: what should raise which, and what came."""

from __future__ import annotations

import ast
import unittest.case
from collections.abc import Callable
from typing import Any

from grader.testing.asserting import Comparison
from grader.testing.sides import last_name
from grader.verdicts.places import Place

_RAISES = frozenset({"raises", "assertRaises", "assertRaisesRegex"})
_CONTEXT: Any = getattr(unittest.case, "_AssertRaisesContext")  # noqa: B009 - not in its stub
_MAX_BODY = 600


def another(error: BaseException, place: Place) -> Comparison | None:
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


def unraised(place: Place, names: dict[str, Any], error: BaseException) -> Comparison | None:
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
    seen = getattr(context, "_seen", None) or getattr(context, "warnings", None)
    warned = [f"{type(w.message).__name__}: {w.message}" for w in seen or ()]
    return "; ".join(warned) or error.__context__


def _body(place: Place, node: ast.AST) -> str | None:
    if not isinstance(node, ast.With | ast.AsyncWith):
        return None
    if all(isinstance(inner, ast.Raise) for inner in node.body):
        # It raises the error itself, to see what becomes of it.
        return " ".join(map(str.strip, (place.source.of(node) or "").splitlines()))[:_MAX_BODY]
    lines = (_told(place, inner) for inner in node.body)
    return "; ".join(filter(None, lines))[:_MAX_BODY] or None


def _told(place: Place, node: ast.stmt) -> str | None:
    if isinstance(node, ast.With | ast.AsyncWith):
        return _body(place, node)
    if isinstance(node, ast.ClassDef):
        return (place.source.of(node) or "").partition("\n")[0].rstrip(": ")
    return place.text(_gist(node))


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
