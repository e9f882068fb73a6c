"""Going along the chain over the audit log, to find what was changed, taken out or put in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

from pythonmastery_ext.audit.chain import CONTENT, START, Head
from pythonmastery_ext.db.engine import psycopg_dsn

#: Of this many breaks the place is told; after the first ones more tell nothing new.
MOST_TOLD = 20
#: Rows fetched at once.
FETCH = 5000
#: A transaction cannot last as long, so an event that is older than the one before it by more than
#: this was put in later.
LATE = timedelta(hours=1)

CHAINED = sql.SQL("select seq, hash, {} from audit_event where seq >= %s order by seq").format(
    CONTENT
)
DELETED = "select pg_stat_get_tuples_deleted('audit_event'::regclass)"


@dataclass
class Report:
    """What was found; the chain holds if there are no breaks."""

    head: Head
    checked: int = 0
    #: Committed and not chained yet; a worker does it in seconds.
    waiting: int = 0
    #: Ever, as PostgreSQL counts for itself: also what was taken out before it was chained. It
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
        begin = _start(connection, first)
        report = Report(begin or Head(first - 1, START))
        if first == 1:
            report.breaks += _before_the_first(connection)
        elif begin is None:
            report.breaks.append(
                f"the chain ends before {first - 1}: events were cut off, or there never were so "
                "many"
            )
        for place in _breaks(connection, report, saved):
            if len(report.breaks) < MOST_TOLD:
                report.breaks.append(place)
        if saved is not None and saved.seq > report.head.seq:
            report.breaks.append(
                f"the chain ends at {report.head.seq}, but the saved head was at {saved.seq}: "
                "events were cut off"
            )
        waiting = connection.execute("select count(*) from audit_event where seq is null")
        (report.waiting,) = waiting.fetchone() or (0,)
        (report.deleted,) = connection.execute(DELETED).fetchone() or (0,)
    return report


def _start(connection: psycopg.Connection[Any], first: int) -> Head | None:
    """The event before the first one; None if it is not there."""
    if first <= 1:
        return None
    row = connection.execute(
        "select seq, hash from audit_event where seq = %s", [first - 1]
    ).fetchone()
    return Head(*row) if row else None


def _before_the_first(connection: psycopg.Connection[Any]) -> Iterator[str]:
    forged = connection.execute(
        "select id, seq from audit_event where seq < 1 order by seq limit %s", [MOST_TOLD]
    )
    for event, seq in forged:
        yield f"event {event} at {seq} was put in: the chain begins at 1"


def _breaks(
    connection: psycopg.Connection[Any], report: Report, saved: Head | None
) -> Iterator[str]:
    newest = None
    with connection.cursor(name="chain") as rows:
        rows.itersize = FETCH
        for seq, stored, *content in rows.execute(CHAINED, [report.head.seq + 1]):
            if seq != report.head.seq + 1:
                yield f"{_places(report.head.seq + 1, seq - 1)} missing: events were taken out"
            elif report.head.then(tuple(content)).hash != stored:
                yield f"event {content[0]} at {seq} was changed, put in or moved here"
            if newest is not None and content[1] < newest - LATE // timedelta(microseconds=1):
                yield _late(seq, content, newest)
            if saved is not None and seq == saved.seq and stored != saved.hash:
                yield f"event {content[0]} at {seq} is not the one of the saved head"
            newest = content[1] if newest is None else max(newest, content[1])
            report.head = Head(seq, stored)
            report.checked += 1


def _places(first: int, last: int) -> str:
    return f"{first} is" if first == last else f"{first} to {last} are"


def _late(seq: int, content: list[Any], newest: int) -> str:
    return (
        f"event {content[0]} at {seq} says it is of {_time(content[1])}, but stands after one of "
        f"{_time(newest)}: it was put in later, or the server's clock was set back"
    )


def _time(microseconds: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    return moment.isoformat(timespec="seconds")
