"""What a beginner may make of an error where Python's own words do not say it."""

from __future__ import annotations

import ast
import re

from grader.verdicts.showing import text_of

#: Part of the message, and what it most likely means in the student's own code.
_IN_CODE = (
    (
        "'NoneType' object",
        "something here is None: sort(), append() and print() give None back, "
        "as does a function that ends without return",
    ),
    (
        "() takes 0 positional arguments but 1 was given",
        "the object itself is handed to each of its methods: is self missing?",
    ),
)
_METHOD = re.compile(r"(?:(\w+)\.)?(\w+)\(\) (?:missing|takes|got an unexpected)")


def in_code(error: BaseException) -> str:
    text = text_of(error)
    if not isinstance(error, AttributeError | TypeError):
        return ""
    found = (hint for part, hint in _IN_CODE if part in text)
    hint = next(found, None)
    if hint is None or ("self" in hint and not _is_of_method(text)):
        return ""
    return f"; {hint}"


def in_test(error: BaseException, call: str) -> str:
    """Of what the test did with a value that it was given."""
    text = text_of(error)
    if isinstance(error, IndexError) and ".args[" in call:
        return " (The error was raised without a message, and the test looks at that.)"
    if "NoneType" in text:
        return " (None came back: a function that ends without return gives None.)"
    if isinstance(error, KeyError):
        return " (The test looked this up in what came back, and it is not there.)"
    if isinstance(error, IndexError):
        return " (The test asked for an item that what came back does not have.)"
    if text.startswith("a coroutine was expected"):
        return " (Is `async` missing before `def`?)"
    return ""


def _is_of_method(text: str) -> bool:
    found = _METHOD.match(text)
    return found is not None and found[1] is not None


def called(error: BaseException, code: str) -> int | None:
    """Where the function stands that was given too many values, or too few."""
    found = _METHOD.match(text_of(error)) if isinstance(error, TypeError) else None
    if found is None:
        return None
    body = ast.parse(code).body
    if found[1]:
        owners = (n for n in body if isinstance(n, ast.ClassDef) and n.name == found[1])
        body = [node for owner in owners for node in owner.body]
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    lines = (n.lineno for n in body if isinstance(n, kinds) and n.name == found[2])
    return next(lines, None)


def attributes(code: str) -> set[str]:
    """Names that objects of the student's classes may have."""
    return {name for pair in _ATTRIBUTE.findall(code) for name in pair if name}


_ATTRIBUTE = re.compile(r"\bself\.(\w++)|^\s+(?:async )?def (\w++)", re.MULTILINE)
