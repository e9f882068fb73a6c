"""What is hashed, to the byte, so that an auditor can do it without us.

Form 1 of an event is the JSON list, in UTF-8 and with separators ", ", of: 1, seq, id, microseconds
since 1970 UTC, actor, learner, kind, target, data as PostgreSQL prints the jsonb, streamed. Its
hash is SHA-256 of the hash before it, 32 zero bytes for the first, and this.

Until revision 0016 the hash of each event was kept beside it. Now a seal keeps that of the last of
its events, and a mark of each: the first two bytes of SHA-256 of form 1 without 1 and seq. The
hashes between are made again from the events.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

FORM = 1
START = bytes(32)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MARK = 2
#: Events of one seal: fewer take more room, more take longer to write each time.
FULL = 256

#: What is hashed of an event, in order. It uses the text that PostgreSQL prints for the jsonb:
#: reading and printing numbers again would change them.
CONTENT = (
    "id, (extract(epoch from created_at) * 1000000)::bigint, actor_id, learner_id, kind, target,"
    " data::text, streamed"
)
Content = tuple[Any, ...]


class Head(NamedTuple):
    """The end of the chain; kept elsewhere it shows later that nothing was cut off."""

    #: How many events the chain has there.
    seq: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash.hex()}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """ValueError for what `__str__` never gives."""
        seq, _, digest = text.partition(":")
        head = cls(int(seq), bytes.fromhex(digest))
        if head.seq < 0 or len(head.hash) != len(START):
            raise ValueError(text)
        return head

    def then(self, content: Content) -> "Head":
        return self.with_form(form(content))

    def with_form(self, rest: bytes) -> "Head":
        seq = self.seq + 1
        return Head(seq, sha256(b"%b[%d, %d, %b" % (self.hash, FORM, seq, rest[1:])).digest())


class Seal(NamedTuple):
    """Columns of AuditSeal."""

    number: int
    seq: int
    last_id: int
    hash: bytes
    marks: bytes

    @property
    def head(self) -> Head:
        return Head(self.seq, self.hash)

    @property
    def begins(self) -> int:
        """Events of the chain before its own."""
        return self.seq - len(self.marks) // MARK

    def with_more(self, events: Iterable[Content], end: int) -> "list[Seal]":
        """It with the events that follow, and new seals where it is full; up to the id `end`."""
        made = [self]
        for event in events:
            last = made[-1]
            if last.seq - last.begins >= FULL:
                last = last._replace(number=last.number + 1, marks=b"")
                made.append(last)
            rest = form(event)
            after = last.head.with_form(rest)
            made[-1] = Seal(last.number, after.seq, event[0], after.hash, last.marks + mark(rest))
        made[-1] = made[-1]._replace(last_id=end)
        return made


def form(content: Content) -> bytes:
    """Form 1 without 1 and seq, which are the same for an event wherever it stands."""
    return json.dumps(content, ensure_ascii=False).encode()


def mark(rest: bytes) -> bytes:
    return sha256(rest).digest()[:MARK]
