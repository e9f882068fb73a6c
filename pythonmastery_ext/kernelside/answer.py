"""Which code is the answer: the cell, last run, that defines the problem's entry names."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pythonmastery_ext.kernelside.errors import NoAnswer

_OWN_MAGIC = "%%pythonmastery"
_OWN_LINE = re.compile(r"^%(?:pythonmastery|load_ext pythonmastery_ext)\b.*$", re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    code: str
    #: Number of the cell in the kernel's history; None for a cell that is being run now.
    cell: int | None = None


def find_answer(history: Sequence[str], entry: Sequence[str]) -> Answer:
    """The newest cell in `history` (raw text, numbered from 0) that defines all of `entry`."""
    parts: set[str] = set()
    for number in range(len(history) - 1, 0, -1):
        code = own_text(history[number])
        found = defined_names(code, entry)
        if entry and found == set(entry):
            return Answer(code, number)
        parts |= found
    raise NoAnswer(_why_not(entry, parts))


def own_text(cell: str) -> str:
    """The cell without the lines that are ours; other lines keep their numbers where they can."""
    if cell.lstrip().startswith(_OWN_MAGIC):
        return cell.lstrip().partition("\n")[2]
    return _OWN_LINE.sub("", cell)


def defined_names(code: str, names: Sequence[str]) -> set[str]:
    """Those of `names` that `code` defines at its top level.

    Code that does not parse counts by its words: sending an older version in place of the one with
    the syntax error would mislead.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return {name for name in names if _looks_defined(code, name)}
    return {name for node in tree.body for name in _bound(node)} & set(names)


def _looks_defined(code: str, name: str) -> bool:
    word = re.escape(name)
    pattern = rf"^(?:(?:async\s+)?def\s+{word}\b|class\s+{word}\b|{word}\s*(?::[^=\n]+)?=(?!=))"
    return re.search(pattern, code, re.MULTILINE) is not None


def _bound(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Assign():
            targets: list[ast.expr] = node.targets
        case ast.AnnAssign() if node.value is not None:
            targets = [node.target]
        case _:
            return []
    return [
        part.id
        for target in targets
        for part in ast.walk(target)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    ]


def _why_not(entry: Sequence[str], parts: set[str]) -> str:
    if not entry:
        return (
            "This problem names no function to look for: put `%%pythonmastery submit` in the first "
            "line of the cell that you want to send."
        )
    missing = sorted(set(entry) - parts)
    if parts and missing:
        return (
            f"Your cells define {', '.join(sorted(parts))} but not {', '.join(missing)}; define "
            "all of it in one cell and run that cell."
        )
    if parts:
        return (
            f"{', '.join(sorted(parts))} come from several cells, and one cell is sent: put them "
            "into one cell and run it."
        )
    return (
        f"Run the cell that defines {', '.join(missing)} first; the newest such cell is what is "
        "sent."
    )
