"""How code that passes compares with the reference solution. Pure.

Counts branches, as T. McCabe's cyclomatic complexity does ("A Complexity Measure", 1976): it says
whether a solution is more tangled than it needs to be, nothing of its style, and is never fed into
the skill model.
"""

import ast
from functools import lru_cache

#: Bytes. What is longer is not looked at while a verdict waits for it.
LONGEST = 16 * 1024
BRANCHES = (
    ast.If,
    ast.IfExp,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.Assert,
    ast.match_case,
)


def score(code: str, reference: str) -> int | None:
    """100: no more branches than the reference; None: not known."""
    own, wanted = branches(code), _wanted(reference)
    if own is None or wanted is None:
        return None
    return min(100, round(100 * (wanted + 1) / (own + 1)))


@lru_cache(maxsize=1000)
def _wanted(reference: str) -> int | None:
    """Of a problem that many solve."""
    return branches(reference)


def branches(code: str) -> int | None:
    """None for what cannot be read."""
    if len(code) > LONGEST:
        return None
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return sum(_branches(node) for node in ast.walk(tree))


def _branches(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    return int(isinstance(node, BRANCHES))
