"""Compares the journal of the client with what the database holds."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

from tests.chaos.students import Acknowledged

ATTEMPTS = """
    select attempt.id::text, owner.username, problem.slug, attempt.kind, attempt.code_submission,
           attempt.status, attempt.graded_at is not null
    from problem_attempt attempt
    join app_user owner on owner.id = attempt.user_id
    join problem on problem.id = attempt.problem_id
"""
KEYS = """
    select owner.username, key.key::text, key.attempt_id::text
    from submission_key key join app_user owner on owner.id = key.user_id
"""
EVENTS = """
    select kind, target from audit_event where kind in ('attempt.submitted', 'attempt.graded')
"""
#: Whoever waits still, and whatever the queue holds for them.
WAITING = "select count(*) from problem_attempt where status is null"
JOBS = "select count(*) from procrastinate_jobs where task_name = 'grade'"
#: Rows of a counter that differ from what the attempts themselves say.
PROGRESS = """
    with counted as (
        select user_id, problem_id, count(*) submits, sum(xp_gained) xp, max(points) best,
               count(*) filter (where status <> 'passed') failed
        from problem_attempt
        where kind = 'submit' and status is not null and status <> 'error'
          and error_messages ->> 'reason' is distinct from 'syntax_error'
        group by 1, 2
    )
    select count(*) from problem_progress row
    left join counted using (user_id, problem_id)
    where (row.submits, row.failed, row.xp, row.best_points) is distinct from
          (coalesce(counted.submits, 0), coalesce(counted.failed, 0), coalesce(counted.xp, 0),
           coalesce(counted.best, 0))
"""
SECTIONS = """
    with summed as (
        select row.user_id, problem.section_id, sum(row.xp) xp
        from problem_progress row join problem on problem.id = row.problem_id group by 1, 2
    )
    select count(*) from user_progress kept join summed using (user_id, section_id)
    where kept.xp_earned <> summed.xp
"""


@dataclass
class Found:
    """What is wrong, by the attempt that it happened to."""

    lost: set[str] = field(default_factory=set)
    double: set[str] = field(default_factory=set)
    #: Verdicts that say "our fault".
    faulted: set[str] = field(default_factory=set)
    #: In sentences: half-written rows, counters, jobs.
    wrong: list[str] = field(default_factory=list)


def drained(connection: psycopg.Connection[Any], seconds: float) -> float | None:
    """Seconds until nobody waits and the queue is empty; None if that does not come."""
    begun = time.monotonic()
    while time.monotonic() < begun + seconds:
        if not _count(connection, WAITING) and not _count(connection, JOBS):
            return time.monotonic() - begun
        time.sleep(0.05)
    return None


def check(connection: psycopg.Connection[Any], journal: Iterable[Acknowledged]) -> Found:
    """Exactly the acknowledged attempts, each with one verdict, one key and one event of a kind."""
    found = Found()
    promised = {entry.attempt: entry for entry in journal}
    kept = connection.execute(ATTEMPTS).fetchall()
    times = Counter(row[0] for row in kept)
    rows = {row[0]: row for row in kept}
    found.lost |= promised.keys() - rows.keys()
    found.double |= rows.keys() - promised.keys()
    found.double |= {attempt for attempt, count in times.items() if count > 1}
    for attempt in promised.keys() & rows.keys():
        _compare(found, promised[attempt], rows[attempt])
    _check_keys(found, connection, promised)
    _check_events(found, connection, promised)
    for what, query in (
        ("jobs are left in the queue", JOBS),
        ("attempts still wait", WAITING),
        ("rows of problem_progress differ from the attempts", PROGRESS),
        ("rows of user_progress differ from problem_progress", SECTIONS),
    ):
        if count := _count(connection, query):
            found.wrong.append(f"{count} {what}")
    return found


def _compare(found: Found, entry: Acknowledged, row: tuple[Any, ...]) -> None:
    attempt, student, problem, kind, code, status, graded = row
    if (student, problem, kind, code) != (entry.student, entry.problem, entry.kind, entry.code):
        found.wrong.append(f"{attempt} is not what was sent")
    if status is None or not graded:
        found.lost.add(attempt)
    elif status == "error":
        found.faulted.add(attempt)


def _check_keys(
    found: Found, connection: psycopg.Connection[Any], promised: dict[str, Acknowledged]
) -> None:
    kept = {(student, key): attempt for student, key, attempt in connection.execute(KEYS)}
    for entry in promised.values():
        if kept.pop((entry.student, entry.key), None) != entry.attempt:
            found.wrong.append(f"the key of {entry.attempt} is missing or names another attempt")
    found.wrong += [f"a key was kept for {attempt}, which nobody sent" for attempt in kept.values()]


def _check_events(
    found: Found, connection: psycopg.Connection[Any], promised: dict[str, Acknowledged]
) -> None:
    events = Counter((str(kind), str(target)) for kind, target in connection.execute(EVENTS))
    for attempt in promised:
        for kind in ("attempt.submitted", "attempt.graded"):
            count = events.pop((kind, attempt), 0)
            if count > 1:
                found.double.add(attempt)
            elif count == 0:
                found.lost.add(attempt)
    found.wrong += [f"an event {kind} tells of {UUID(target)}" for kind, target in events]


def _count(connection: psycopg.Connection[Any], query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
