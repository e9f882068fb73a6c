"""What the strings of a source say, f-strings included."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

#: Before an example in a docstring.
_PROMPT = re.compile(r"^\s*(>>>|\.\.\.)")


def strings(source: str) -> Iterator[str]:
    """What strings of a file say, and what each line of them says, as an example or not."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and type(node.value) is str:
            yield "".join(node.value.split())
            for line in node.value.splitlines():
                yield "".join(_PROMPT.sub("", line).split())


def forms(source: str) -> Iterator[list[str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            parts = [""]
            for part in node.values:
                if isinstance(part, ast.Constant):
                    parts[-1] += str(part.value)
                else:
                    parts.append("")
            yield parts


def fills(text: str, form: list[str]) -> bool:
    first, *between, last = form if len(form) > 1 else (*form, "")
    if not text.startswith(first) or not text.endswith(last):
        return False
    place = len(first)
    for word in between:
        end = text.find(word, place) if word else -1
        if end < 0 or not _is_literal(text[place:end]):
            return False
        place = end + len(word)
    return _is_literal(text[place : len(text) - len(last)])


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
    return True
