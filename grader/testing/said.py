"""Which names of files the student's process has given to the tests, in whatever form.

A test may strip, join or wrap such a text, or read it out of JSON: by its identity it is not known
again. So all bytes that came from there are searched for the name, once it is asked for. Not found
is what a test has to turn about or to decode first, and what comes to it in pieces of many answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.remote import Session

_MOST_BYTES = 4 << 20
#: A shorter name is found in everything, and has to stand by itself.
_SHORTEST = 4
_NO_NAME = bytes(byte for byte in range(256) if not chr(byte).isalnum() or byte > 127)
#: What begins a text in a message, or bytes.
_TEXT = rb"[\xa0-\xbf]|[\xd9\xc4].|[\xda\xc5]..|[\xdb\xc6]...."
#: Nothing but dots, as a text, a line or within a path.
_CLIMBING = re.compile(rb"(?s:%b|(?:^|\n)\s?[./])[./\s]*(?:[^ -~]|$)|\.\./|/\.\." % _TEXT)
_ESCAPED = re.compile(rb"(?:\\u00|\\x|%)([0-9a-f]{2})")
_SPACES = re.compile(rb"\s{2,}")


class Said:
    def __init__(self) -> None:
        self._kept: list[bytes] = []
        #: The same as it is searched.
        self._read: list[bytes] = []
        self._size = 0
        #: Of a name that was asked for: how it is found, and in how many it was not.
        self._asked: dict[str, tuple[Callable[[bytes], bool], int]] = {}
        self._found: set[str] = set()
        self._climbs = (False, 0)
        #: Too much has come to look through it: any name may be in it.
        self._is_lost = False

    def listen(self, session: Session) -> None:
        """To all messages of this process, and to what it prints."""
        codec, output = session._codec, session.channel.output
        decode, read = codec.decode, output.take

        def decoded(data: bytes) -> Any:
            self.keep(data)
            return decode(data)

        def taken() -> Any:
            printed = read()
            if printed.text:
                self.keep(printed.text.encode("utf-8", "replace"))
            return printed

        vars(codec)["decode"] = decoded
        vars(output).setdefault("take", taken)  # of all processes there is one

    def keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._size <= _MOST_BYTES:
            self._kept.append(data)
        else:
            self._is_lost = True

    def names(self, path: str, files: Iterable[bytes] = ()) -> bool:
        """Whether the file or folder of this path was named; `files`: what else comes from there.

        The last part counts: the folders above it the test has said itself.
        """
        name = PurePosixPath(path).name.lower()
        if self._is_lost or name in self._found:
            return True
        known = self._all()
        is_named, begin = self._asked.get(name) or (_finder(name), 0)
        if any(map(is_named, known[begin:])):
            self._found.add(name)
            return True
        self._asked[name] = is_named, len(known)
        room = _MOST_BYTES
        for data in files:
            room -= len(data)
            if room < 0 or is_named(_plain(data)):
                return True
        return False

    def climbs(self) -> bool:
        """Whether it has given what leads to the folder itself, or to one above: `.`, `a/..`."""
        climbs, begin = self._climbs
        known = self._all()
        self._climbs = climbs or any(map(_CLIMBING.search, known[begin:])), len(known)
        return self._is_lost or self._climbs[0]

    def _all(self) -> list[bytes]:
        self._read += map(_plain, self._kept[len(self._read) :])
        return self._read


def _plain(data: bytes) -> bytes:
    """No space is followed by another: else what searches for them would take for ever."""
    data = _SPACES.sub(_one_of, data.lower())
    if b"\\" not in data and b"%" not in data:
        return data
    data = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), data)
    return _SPACES.sub(_one_of, data)


def _one_of(spaces: re.Match[bytes]) -> bytes:
    return b"\n" if spaces[0].strip(b" ") else b" "


def _finder(name: str) -> Callable[[bytes], bool]:
    """The whole name in pieces too; a part of it (`north` of `north_2.csv`) stands alone."""
    parts = {name, PurePosixPath(name).stem, *filter(None, re.split(r"[\W_]+", name)[:-1])}
    any_of = b"|".join(re.escape(part.encode("utf-8", "replace")) for part in sorted(parts))
    # Between what stands before and behind it in a message, or the end of a path.
    alone = re.compile(rb"(?:^|[^ -~][ -~]?|/)\s?(?:" + any_of + rb")[\s/]*(?:[^ -~]|$)")
    letters = name.encode("utf-8", "replace").translate(None, _NO_NAME)
    in_pieces = "." in name and len(letters) >= _SHORTEST

    def find(data: bytes) -> bool:
        if in_pieces and letters in data.translate(None, _NO_NAME):
            return True
        return alone.search(data) is not None

    return find
