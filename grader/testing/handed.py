"""Which files beside the tests a test file hands to the student's code by its own words.

Its text alone counts: each part of the path has to stand, as a string, behind an argument of such a
call. What the student's code says puts nothing there.
"""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from grader.testing import opening
from grader.testing.bindings import Bindings, Scope, owner
from grader.testing.sides import last_name
from grader.testing.slices import LISTING, MAKING, PATTERNS, Slice, Slicer

#: They call the function that they are given.
_CALLING = frozenset(
    {"raises", "warns", "assertRaises", "assertRaisesRegex", "assertWarns", "partial", "map"}
    | {"filter", "reduce", "starmap", "to_thread", "run_in_executor", "Thread", "Timer"}
    | {"assert_raises", "assert_raises_regex", "call_user"}
)
#: Of `subprocess`.
_STARTING = frozenset({"run", "Popen", "call", "check_call", "check_output"})
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\s\"',;:/\\]+")

#: Of a path, from the folder of the tests or from the one above it.
Parts = tuple[str, ...]


class Handed:
    def __init__(self, tests: Iterable[Bindings], files: Mapping[str, Path]) -> None:
        """`files`: beside the tests, by their names."""
        slices = (one for bindings in tests for one in _given(bindings))
        self._tables: dict[Path, frozenset[str]] = {}
        self._words = [_Words(one, files) for one in slices if one.strings or one.has_file]

    def has(self, parts: Parts) -> bool:
        if any(words.say(parts) for words in self._words):
            return True
        tables = ((words, self._named(table)) for words in self._words for table in words.tables)
        return any(words.say(parts, named) for words, named in tables)

    def _named(self, table: Path) -> frozenset[str]:
        """The words in a data file, which may be names."""
        if table not in self._tables:
            with contextlib.suppress(OSError):
                text = opening._content(str(table)).decode("utf-8", "replace")
                self._tables[table] = frozenset(_WORD.findall(text))
        return self._tables.setdefault(table, frozenset())

    def has_folder(self, parts: Parts, entries: Iterable[str]) -> bool:
        return any(words.say_folder(parts, entries) for words in self._words)


class _Words:
    """Of one argument."""

    def __init__(self, found: Slice, files: Mapping[str, Path]) -> None:
        self._found = found
        self._names = {part for text in found.strings for part in text.split("/")}
        self._letters = {run for name in self._names for run in _LETTERS.findall(name.lower())}
        self._is_made = not found.is_open and not MAKING.isdisjoint(found.called)
        endings = {f"*{name}" for name in self._names if name[:1] == "."}
        patterns = {name for name in self._names if "*" in name} | endings
        self._patterns = set() if PATTERNS.isdisjoint(found.called) else patterns
        #: Of how many folders it takes whatever lies in them, and which it names.
        self._listed = sum(name in LISTING for name in found.called)
        self._is_deep = "**" in self._names or not {"walk", "rglob"}.isdisjoint(found.called)
        self._folders = {name for name in self._names - patterns if name[:1] != "."}
        #: Data files that may hold more names: cases in JSON.
        self.tables = [files[name] for name in self._names & files.keys() if found.is_open]

    def say(self, parts: Parts, more: frozenset[str] = frozenset()) -> bool:
        unsaid = [not self._says(part) and part not in more for part in parts]
        if any(unsaid) and self._folders and self._folders.isdisjoint(parts):
            return False
        return sum(unsaid[-1:] if self._is_deep else unsaid) <= self._listed

    def say_folder(self, parts: Parts, entries: Iterable[str]) -> bool:
        """Itself, and not what lies in it."""
        if self._found.is_open or not (parts or (self._found.has_file and not self._names)):
            return False
        return self.say(parts) and not any(self.say((*parts, entry)) for entry in entries)

    def _says(self, part: str) -> bool:
        if part in self._names or any(fnmatchcase(part, pattern) for pattern in self._patterns):
            return True
        # Put together from strings and numbers, and nothing else can be in it.
        return self._is_made and self._letters.issuperset(_LETTERS.findall(part.lower()))


def _given(bindings: Bindings) -> Iterator[Slice]:
    """What may come to the student's code."""
    slicer = Slicer(bindings)
    for call, scope in bindings.calls:
        if _hands_over(call, scope, bindings, slicer):
            yield from (slicer.behind(arg, scope) for arg in call.args)
            yield from (slicer.behind(keyword.value, scope) for keyword in call.keywords)
    yield from (slicer.behind(*place) for place in bindings.values(".argv", None))


def _hands_over(call: ast.Call, scope: Scope, bindings: Bindings, slicer: Slicer) -> bool:
    """Unless it surely calls a function of the tests or of a library."""
    func, name = call.func, last_name(call.func)
    words = [getattr(arg, "value", "") for arg in call.args]
    if name in _CALLING or "argv" in words or "sys.argv" in words:
        return True
    whose = owner(func)
    if last_name(whose) == "subprocess":
        return name in _STARTING
    if whose is not None:
        return slicer.behind(whose, scope).is_open
    if isinstance(func, ast.Attribute) and not bindings.values(f".{name}", scope):
        return False  # `self.assertEqual`
    return not bindings.own(call, scope) and slicer.behind(func, scope).is_open
