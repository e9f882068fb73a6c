"""Going along the chain over the audit log, to find what was changed, taken out or put in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

import psycopg
from psycopg import sql

from pythonmastery_ext.audit.broken import changed, missing, places
from pythonmastery_ext.audit.form import (
    CONTENT,
    EPOCH,
    MARK,
    START,
    Content,
    Head,
    Seal,
    form,
    mark,
)
from pythonmastery_ext.db.engine import psycopg_dsn

#: Of this many breaks the place is told; after the first ones more tell nothing new.
MOST_TOLD = 20
#: Rows fetched at once.
FETCH = 5000
#: A transaction cannot last as long, so an event that is older than the one before it by more than
#: this was put in later.
LATE = timedelta(hours=1)

#: Where to begin: the last place before this one whose hash is kept. The first seal may be over
#: nothing, at the place of the last event that has a hash of its own.
BEGIN = """
    select seq, hash, last_id from (
        (select seq, hash, 0 as last_id from audit_event where seq < %(first)s
         order by seq desc limit 1)
        union all
        (select seq, hash, last_id from audit_seal where seq < %(first)s
         order by number desc limit 1)
    ) as place
    where seq > 0 order by seq desc, last_id desc limit 1
"""
#: How many events have hashes of their own, as the first seal says.
ADOPTED = "select seq - length(marks) / %s from audit_seal order by number limit 1"
FORGED = """
    select id, seq from audit_event where seq < 1 and %(first)s = 1 or seq > %(last)s
    order by seq limit %(most)s
"""
LARGEST = 2**63 - 1
CHAINED = sql.SQL(
    "select seq, hash, {} from audit_event where seq > %s and seq <= %s order by seq"
).format(sql.SQL(CONTENT))
SEALS = """
    select number, seq, last_id, hash, marks from audit_seal
    where last_id > %s order by number
"""
SEALED = sql.SQL("select {} from audit_event where seq is null and id > %s order by id").format(
    sql.SQL(CONTENT)
)
WAITING = """
    select count(*) from audit_event
    where seq is null and id > coalesce((select max(last_id) from audit_seal), 0)
"""
DELETED = """
    select pg_stat_get_tuples_deleted('audit_event'::regclass)
        + pg_stat_get_tuples_deleted('audit_seal'::regclass)
"""


@dataclass
class Report:
    """What was found; the chain holds if there are no breaks."""

    head: Head
    checked: int = 0
    #: Committed and not sealed yet; a worker does it in seconds.
    waiting: int = 0
    #: Ever, as PostgreSQL counts for itself: also what was taken out before it was sealed. It
    #: forgets when it crashes, and seconds may pass until it knows.
    deleted: int = 0
    breaks: list[str] = field(default_factory=list)


def verify(url: str, first: int = 1, saved: Head | None = None) -> Report:
    """From place `first` to the end; what stands before it is taken as it is.

    `saved`: the head as it was printed once; the chain must still go through it.
    """
    if saved is not None:
        first = min(first, max(1, saved.seq))
    with psycopg.connect(psycopg_dsn(url), application_name="pythonmastery audit") as connection:
        # One moment for all statements, however long it takes.
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        walk = Walk.begin(connection, first, saved)
        for place in walk.breaks(first):
            if len(walk.report.breaks) < MOST_TOLD:
                walk.report.breaks.append(place)
        walk.report.waiting = _number(connection, WAITING)
        walk.report.deleted = _number(connection, DELETED)
    return walk.report


@dataclass
class Walk:
    connection: psycopg.Connection[Any]
    report: Report
    #: Up to this id events were sealed where the walk begins.
    last_id: int
    saved: Head | None
    #: Whether the chain went through it.
    met: bool = False
    #: Latest time of an event so far, in microseconds.
    newest: int | None = None

    @classmethod
    def begin(cls, connection: psycopg.Connection[Any], first: int, saved: Head | None) -> Self:
        row = connection.execute(BEGIN, {"first": first}).fetchone()
        seq, digest_, last_id = row or (0, START, 0)
        head = Head(seq, digest_)
        return cls(connection, Report(head), last_id, saved, met=head == saved)

    def breaks(self, first: int) -> Iterator[str]:
        row = self.connection.execute(ADOPTED, [MARK]).fetchone()
        adopted = row[0] if row else LARGEST
        yield from self._forged(first, adopted)
        yield from self._chained(adopted)
        yield from self._sealed()
        head, saved = self.report.head, self.saved
        if head.seq < first - 1:
            yield (
                f"the chain ends before {first - 1}: events were cut off, or there never were so "
                "many"
            )
        if saved is not None and saved.seq > head.seq:
            yield (
                f"the chain ends at {head.seq}, but the saved head was at {saved.seq}: "
                "events were cut off"
            )
        elif saved is not None and not self.met:
            yield f"what is at {saved.seq} is not the saved head"

    def _forged(self, first: int, adopted: int) -> Iterator[str]:
        given = {"first": first, "last": adopted, "most": MOST_TOLD}
        for event, seq in self.connection.execute(FORGED, given):
            yield f"event {event} at {seq} was put in: the chain has no such place"

    def _chained(self, adopted: int) -> Iterator[str]:
        """Events that have hashes of their own."""
        for seq, stored, *content in self._rows(
            "chained", CHAINED, [self.report.head.seq, adopted]
        ):
            expected = self.report.head.seq + 1
            if seq != expected:
                yield missing(expected, seq - 1)
            elif self.report.head.then(tuple(content)).hash != stored:
                yield changed(content[0], seq)
            yield from self._late(seq, tuple(content))
            self._at(Head(seq, stored), 1)

    def _sealed(self) -> Iterator[str]:
        """Events whose hashes are made again here, up to each that a seal keeps."""
        events = self._rows("sealed", SEALED, [self.last_id])
        ahead = next(events, None)
        for row in self._rows("seals", SEALS, [self.last_id]):
            seal, before, ids, found = Seal(*row), self.report.head.seq, list[int](), bytearray()
            while ahead is not None and ahead[0] <= seal.last_id:
                ids.append(ahead[0])
                rest = form(ahead)
                found += mark(rest)
                yield from self._late(seal.begins + len(ids), ahead)
                self._at(self.report.head.with_form(rest), 1)
                ahead = next(events, None)
            yield from self._seal(seal, before, ids, bytes(found))

    def _seal(self, seal: Seal, before: int, ids: list[int], found: bytes) -> Iterator[str]:
        broken = self.report.head != seal.head
        if seal.begins > before:
            yield f"{missing(before + 1, seal.begins)}, or a seal was"
        elif found != seal.marks and broken:
            yield from places(seal.begins, seal.marks, ids, found)
        elif found != seal.marks or broken:
            yield f"what is sealed up to {seal.seq} was changed, or its seal"
        self._at(seal.head, 0)

    def _at(self, head: Head, checked: int) -> None:
        self.report.head = head
        self.report.checked += checked
        self.met |= head == self.saved

    def _late(self, place: int, content: Content) -> Iterator[str]:
        event, time = content[:2]
        if self.newest is not None and time < self.newest - LATE // timedelta(microseconds=1):
            yield (
                f"event {event} at {place} says it is of {_time(time)}, but stands after one of "
                f"{_time(self.newest)}: it was put in later, or the server's clock was set back"
            )
        self.newest = time if self.newest is None else max(self.newest, time)

    def _rows(self, name: str, statement: Any, values: list[Any]) -> Iterator[tuple[Any, ...]]:
        """Some at a time, however many there are."""
        with self.connection.cursor(name=name) as rows:
            rows.itersize = FETCH
            yield from rows.execute(statement, values)


def _number(connection: psycopg.Connection[Any], statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def _time(microseconds: int) -> str:
    moment: datetime = EPOCH + timedelta(microseconds=microseconds)
    return moment.isoformat(timespec="seconds")
