"""What can be seen in a student's code without running it."""

from __future__ import annotations

import ast
import builtins
import collections
import difflib
import functools
import keyword
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from grader.protocol import ErrorDetail, GradeRequest

_KNOWN = sys.stdlib_module_names | {"numpy", "pandas"}
_MAX_TEXT = 300
_MAX_NAME = 60
_MAX_TYPOS = 4
_MOST_NAMES = 200
#: Where a statement has others inside it.
_BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")
BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))


def syntax_error(error: BaseException, code: str = "") -> ErrorDetail:
    line = getattr(error, "lineno", None)
    text = getattr(error, "text", None)
    if text is None and type(line) is int:
        # What is wrong with it was found when it had been read already.
        text = next(iter(code.split("\n")[line - 1 : line]), None)
    column, end = _columns(error, text) if type(text) is str else (None, None)
    return ErrorDetail(
        type=type(error).__name__ if isinstance(error, SyntaxError) else "SyntaxError",
        message=_in_words(str(getattr(error, "msg", None) or error)[:_MAX_TEXT], text),
        line=line if type(line) is int else None,
        text=text.rstrip("\n")[:_MAX_TEXT] if type(text) is str else None,
        column=column,
        end_column=end,
    )


#: Of what a copied text brings along, part of Python's own words, and what to do about it.
_COPIED = (
    (
        ("U+201C", "U+201D", "U+201E", "U+00AB", "U+00BB"),
        'write the plain quotation mark " instead',
    ),
    (("U+2018", "U+2019", "U+201A"), "write the plain quotation mark ' instead"),
    (("U+2013", "U+2014", "U+2212"), "write the plain minus - instead"),
    (("U+00A0", "U+202F", "U+FEFF", "U+200B"), "delete it and type a plain space if one is needed"),
    (("null bytes",), "an invisible character with the code 0 was pasted: type the code anew"),
    (("tabs and spaces",), "indent every line with spaces only"),
    (("outside function",), "indent it, so that it stands inside the function"),
    (("any outer indentation",), "begin it in the same column as a line above that it belongs to"),
)
_STARTS = frozenset(
    [
        *("assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else"),
        *("except", "finally", "for", "from", "global", "if", "import", "lambda", "pass"),
        *("raise", "return", "try", "while", "with", "yield"),
    ]
)
_FIRST_WORD = re.compile(r"\s*([a-z]{2,12})(?::|\s+[\w'\"(\[])")
_NAMES = "|".join(sorted(set(keyword.kwlist) - {"and", "or", "not", "in", "is"}))
_AS_NAME = re.compile(rf"\b({_NAMES})\s*=(?!=)")


def _in_words(message: str, text: object) -> str:
    """Python's words, with what a person can do where they do not say it."""
    found = (todo for signs, todo in _COPIED if any(sign in message for sign in signs))
    todo = next(found, "")
    if not todo and message == "invalid syntax" and type(text) is str:
        todo = _misspelt(text[:_MAX_TEXT])
    return f"{message}; {todo}" if todo else message


def _misspelt(text: str) -> str:
    taken, first = _AS_NAME.search(text), _FIRST_WORD.match(text)
    if taken is not None:
        return f"{taken[1]!r} is a word of Python itself and cannot be a name"
    if first is None or keyword.iskeyword(first[1]):
        return ""
    turned = [word for word in _STARTS if sorted(word) == sorted(first[1])]
    near = turned or difflib.get_close_matches(first[1], _STARTS, n=1, cutoff=0.66)
    return f"did you mean {near[0]!r}?" if near else ""


def _columns(error: BaseException, text: str) -> tuple[int | None, int | None]:
    """Where in the line, from 1; the end is one behind the last character."""
    start, end = getattr(error, "offset", None), getattr(error, "end_offset", None)
    if type(start) is not int or not 1 <= start <= min(len(text) + 1, _MAX_TEXT):
        return None, None
    if getattr(error, "end_lineno", None) != getattr(error, "lineno", None):
        end = len(text.rstrip()) + 1
    if type(end) is not int or end <= start:
        end = start + 1
    return start, min(end, _MAX_TEXT)


def refusal(name: str, allowed: tuple[str, ...] | None) -> str:
    if allowed is None:
        near = similar(name, _KNOWN)
        hint = f"; did you mean {near!r}?" if near else ", and cannot be imported here."
        return f"{name!r} is not part of Python's standard library{hint}"
    if not allowed:
        return f"This problem does not allow importing {name!r}, nor anything else."
    return f"This problem does not allow importing {name!r}; it allows {', '.join(allowed)}."


def refused_import(tree: ast.Module, request: GradeRequest) -> tuple[str, int] | None:
    own = {PurePath(PurePath(name).parts[0]).stem for name in request.files}
    own |= {"__future__", request.module.partition(".")[0]}
    allowed = own | (_KNOWN if request.allow_imports is None else frozenset(request.allow_imports))
    # What may not be there may be guarded, or never reached: then Python itself tells.
    for node in tree.body if request.allow_imports is None else _statements(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""] if not node.level else []
        for name in names:
            if name.partition(".")[0] not in allowed:
                return name, node.lineno  # type: ignore[attr-defined]
    return None


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """The outer ones first; without expressions, of which there are many times more."""
    waiting: collections.deque[ast.AST] = collections.deque(tree.body)
    while waiting:
        node = waiting.popleft()
        yield node
        for name in _BLOCKS:
            waiting += getattr(node, name, ())


def may_define_builtins(code: str) -> bool:
    """False: `defined` gives none; told without parsing, which takes twenty times as long."""
    names = {name for found in _BINDING.findall(code) for name in found}
    return not code.isascii() or not names.isdisjoint(BUILTINS)


_BINDING = re.compile(r"\b(?:def|class)[\s\\]++(\w++)|\b(\w++)[\s\\)]*+=(?!=)")


def _body(code: str) -> list[ast.stmt]:
    """Nothing of what does not compile: where the tests load it themselves, that tells of it."""
    try:
        return ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


@functools.lru_cache(maxsize=1)
def defined(code: str) -> set[str]:
    body = _body(code)
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    names = {node.name for node in body if isinstance(node, kinds)}
    for node in body:
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def line_of(code: str, name: str) -> int | None:
    """Where the module binds the name first."""
    for node in _body(code):
        targets = node.targets if isinstance(node, ast.Assign) else [node]
        if name in (getattr(t, "name", None) or getattr(t, "id", None) for t in targets):
            return node.lineno
    return None


def similar(name: str, known: Iterable[str]) -> str | None:
    """The name that was probably meant."""
    if len(name) > _MAX_NAME:
        return None
    # The time that this takes grows with the lengths of all names.
    few = sorted(n for n in known if abs(len(n) - len(name)) <= _MAX_TYPOS)[:_MOST_NAMES]
    folded = [n for n in few if n.casefold().replace("_", "") == name.casefold().replace("_", "")]
    return next(iter(folded or difflib.get_close_matches(name, few, n=1, cutoff=0.76)), None)


def entry(code: str, module: str) -> str | None:
    """The function that `check(candidate)` is meant for.

    It is named like the file, or it is the last one that no other function uses.
    """
    functions = [n for n in _body(code) if isinstance(n, ast.FunctionDef)]
    names = [function.name for function in functions]
    used = {
        node.id
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id != function.name
    }
    chosen = [name for name in names if name == module] or [n for n in names if n not in used]
    return next(reversed(chosen or names), None)


def makes_classes(*sources: str) -> bool:
    """Whether these sources make classes, so that tests may work with objects of them."""
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef):
                return True
            if isinstance(node, ast.Call) and _last_name(node.func) in _CLASS_MAKERS:
                return True
    return False


_CLASS_MAKERS = frozenset({"namedtuple", "NamedTuple", "make_dataclass", "Enum", "type"})


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
