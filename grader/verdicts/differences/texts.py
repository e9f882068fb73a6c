"""How two texts differ: where first, in what, and line by line where they have lines."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator

from grader.protocol import DifferencePart

#: Longer texts are told by the surroundings of their first difference.
_SHORT = 80
_AROUND = 24
#: Above this many lines the two are compared from the top only: finding moved lines is quadratic.
_MAX_LINES = 60
_MOST_LINES = 20_000
_MAX_COMPARED = 100_000
#: Putting marks in order takes time that grows with the square of their number.
MAX_NORMALIZED = 2000
_MAX_LINE = 300
_NAMES = {"\n": "a line break", "\t": "a tab", " ": "a space", "\r": "a carriage return"}


def text_parts(path: str, expected: str, actual: str) -> Iterator[DifferencePart]:
    """Parts for two texts that are not the same."""
    if "\n" in expected.rstrip("\n") or "\n" in actual.rstrip("\n"):
        yield from _by_lines(path, expected, actual)
        return
    at = first_difference(expected, actual)
    note = _note(expected, actual, at)
    if max(len(expected), len(actual)) <= _SHORT:
        sides = (None, None) if not path else (repr(expected), repr(actual))
    else:
        sides = (_excerpt(expected, at), _excerpt(actual, at))
    yield DifferencePart(kind="text", path=path, expected=sides[0], actual=sides[1], note=note)


def first_difference(a: str, b: str) -> int:
    """Index of the first character that differs, found in steps that compare whole pieces."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def character(char: str) -> str:
    """A character as it can be told apart from those that look like it."""
    if char in _NAMES:
        return _NAMES[char]
    if char.isascii() and char.isprintable():
        return repr(char)
    name = unicodedata.name(char, "")
    code = f"U+{ord(char):04X}"
    return f"{char!r} ({name or 'no name'}, {code})" if char.isprintable() else f"{name or code}"


def _note(expected: str, actual: str, at: int) -> str:
    kind = _only(expected, actual) or _written_otherwise(expected, actual)
    if at == len(actual):
        what = f"yours ends after {at} of {len(expected)} characters"
        if len(expected) == at + 1:
            what = f"{character(expected[at])} is missing at the end"
    elif at == len(expected):
        what = f"yours goes on after {at} characters"
        if len(actual) == at + 1:
            what = f"yours has {character(actual[at])} too many at the end"
    else:
        what = f"character {at + 1} is {character(actual[at])} instead of {character(expected[at])}"
    return f"{kind}: {what}" if kind else what


def _written_otherwise(expected: str, actual: str) -> str:
    if max(len(expected), len(actual)) > MAX_NORMALIZED:
        return ""
    one, other = (unicodedata.normalize("NFC", text) for text in (expected, actual))
    if one != other:
        return ""
    return 'they look alike; unicodedata.normalize("NFC", …) writes letters with accents in one way'


def _only(expected: str, actual: str) -> str:
    if max(len(expected), len(actual)) > _MAX_COMPARED:
        return ""
    if "".join(expected.split()) == "".join(actual.split()):
        return "only white space differs"
    if expected.casefold() == actual.casefold():
        return "only upper and lower case differ"
    return ""


def _excerpt(text: str, at: int) -> str:
    start, end = max(0, at - _AROUND), at + _AROUND
    before = "…" if start else ""
    return f"{before}{text[start:end]!r}{'…' if end < len(text) else ''}"


def _by_lines(path: str, expected: str, actual: str) -> Iterator[DifferencePart]:
    wanted, got = expected.split("\n"), actual.split("\n")
    few = len(wanted) <= _MAX_LINES and len(got) <= _MAX_LINES
    for start, end, first, last in _changes(wanted, got) if few else _from_top(wanted, got):
        for step in range(max(end - start, last - first)):
            # Lines are counted as the student sees them, in what came out.
            line = f"{path} line {min(first + step, last) + 1}".strip()
            left = wanted[start + step] if start + step < end else None
            right = got[first + step] if first + step < last else None
            yield _line(line, left, right)


def _changes(wanted: list[str], got: list[str]) -> Iterator[tuple[int, int, int, int]]:
    codes = difflib.SequenceMatcher(None, wanted, got, autojunk=False).get_opcodes()
    return ((a, b, c, d) for tag, a, b, c, d in codes if tag != "equal")


def _from_top(wanted: list[str], got: list[str]) -> Iterator[tuple[int, int, int, int]]:
    for index in range(min(_MOST_LINES, max(len(wanted), len(got)))):
        start, first = min(index, len(wanted)), min(index, len(got))
        if wanted[start : start + 1] != got[first : first + 1]:
            yield start, min(index + 1, len(wanted)), first, min(index + 1, len(got))


def _line(path: str, expected: str | None, actual: str | None) -> DifferencePart:
    if actual is None:
        return DifferencePart(
            kind="missing", path=path, expected=_cut(expected), note="this line is missing"
        )
    if expected is None:
        return DifferencePart(
            kind="extra", path=path, actual=_cut(actual), note="this line should not be there"
        )
    note = _note(expected, actual, first_difference(expected, actual))
    return DifferencePart(
        kind="line", path=path, expected=_cut(expected), actual=_cut(actual), note=note
    )


def _cut(line: str | None) -> str:
    """As Python writes it, so that spaces at the end and tabs can be seen."""
    text = repr((line or "")[:_MAX_LINE])
    return text if len(line or "") <= _MAX_LINE else f"{text}…"
