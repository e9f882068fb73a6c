"""How hard a text is to read, as a US school grade (Flesch-Kincaid, 1975)."""

import re

_NOT_PROSE = re.compile(
    r"```[\s\S]*?```|^[ \t]*\|.*$|^#+ .*$|\]\([^)\n]*\)|[*_>\[\]]", re.MULTILINE
)
_CODE = re.compile(r"`[^`\n]+`")
_END = re.compile(r"[.!?:](?:\s|$)|\n\s*\n|\n\s*(?:\d+\.|[-*])\s")
_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")  # noqa: RUF001 - a typographic apostrophe
_VOWELS = re.compile(r"[aeiouy]+")


def words(markdown: str) -> int:
    """Words as a reader counts them: code and numbers too, marks of Markdown not."""
    return sum(any(c.isalnum() for c in word) for word in markdown.split())


def grade(markdown: str) -> float:
    """Tables, headings and blocks of code are left out; 0 where no sentence is left."""
    prose = _CODE.sub("code", _NOT_PROSE.sub("", markdown))
    sentences = [part for part in _END.split(prose) if _WORD.search(part)]
    found = _WORD.findall(prose)
    if not found:
        return 0.0
    syllables = sum(map(_syllables, found))
    return 0.39 * len(found) / len(sentences) + 11.8 * syllables / len(found) - 15.59


def _syllables(word: str) -> int:
    word = word.lower()
    silent = word.endswith("e") and not word.endswith("le")
    return max(1, len(_VOWELS.findall(word)) - silent)
