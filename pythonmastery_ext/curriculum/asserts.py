"""Takes `assert call(…) == value` apart, for search, display and feedback.

Only for these: tests are always run from their source.
"""

import ast
from typing import Any

Parts = tuple[dict[str, Any], dict[str, Any]]


def split(source: str, entry: list[str]) -> Parts | None:
    """`{call, args, kwargs}` and `{value}` of a cell that is one such assert; else None.

    What JSON has no form for (a tuple, a date, a Decimal) stands as `{"$python": its source}`.
    """
    match ast.parse(source).body:
        case [
            ast.Assert(
                test=ast.Compare(
                    left=ast.Call(func=ast.Name(id=name), args=args, keywords=keywords),
                    ops=[ast.Eq()],
                    comparators=[value],
                )
            )
        ] if name in entry and _plain(args, keywords):
            call = {
                "call": name,
                "args": [_json(arg) for arg in args],
                "kwargs": {str(keyword.arg): _json(keyword.value) for keyword in keywords},
            }
            return call, {"value": _json(value)}
        case _:
            return None


def stored(expression: str) -> Any:
    """The form in which an expression stands in `args`; SyntaxError for what is none."""
    return _json(ast.parse(expression.strip(), mode="eval").body)


def _plain(args: list[ast.expr], keywords: list[ast.keyword]) -> bool:
    return not any(isinstance(arg, ast.Starred) for arg in args) and all(
        keyword.arg is not None for keyword in keywords
    )


def _json(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=bool() | int() | float() | None as value):
            return value
        case ast.Constant(value=str() as value) if _storable(value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
        case ast.List(elts=items) if not any(isinstance(item, ast.Starred) for item in items):
            return [_json(item) for item in items]
        case ast.Dict(keys=keys, values=values) if all(_is_name(key) for key in keys):
            return {
                key.value: _json(value)
                for key, value in zip(keys, values, strict=True)
                if isinstance(key, ast.Constant)
            }
        case _:
            return {"$python": ast.unparse(node)}


def _is_name(key: ast.expr | None) -> bool:
    return (
        isinstance(key, ast.Constant)
        and isinstance(key.value, str)
        and key.value != "$python"
        and _storable(key.value)
    )


def _storable(text: str) -> bool:
    """JSONB takes neither NUL nor half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)
