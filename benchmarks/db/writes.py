"""Transactions a second, and processor time for each, at several numbers of connections."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

import psycopg
from sqlalchemy import make_url

from benchmarks.db.cluster import Server
from benchmarks.figures import quantile
from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.db.programs import installed

LEVELS = (1, 8, 32)
#: As many client processes as the product has: its service and a worker.
PROCESSES = 2
#: Learners and problems that are open to them.
OPEN = """
    select progress.user_id, problem.slug
    from (select user_id from user_stats order by hashint8(user_id) limit 500) as chosen
    join problem_progress progress using (user_id)
    join problem on problem.id = progress.problem_id
    join section on section.id = problem.section_id
    left join lateral (
        select count(earlier.solved_at) * 2 >= count(*) as enough
        from problem before
        join section part on part.id = before.section_id
        left join problem_progress earlier
             on earlier.problem_id = before.id and earlier.user_id = progress.user_id
        where part.order_index = section.order_index - 1
    ) as last on true
    where section.order_index = 1 or last.enough
    order by hashint8(progress.user_id), hashint8(problem.id) limit 20000
"""
#: Each with the problem, whose results a verdict has to be of.
WAITING = """
    select user_id, array[attempt.id::text, problem.slug] from problem_attempt attempt
    join problem on problem.id = attempt.problem_id where attempt.status is null
"""
CLEAN = (
    "delete from procrastinate_jobs",
    "delete from problem_attempt where status is null",
    "delete from submission_key where submitted_at > now() - interval '1 hour'",
)


@dataclass(frozen=True, kw_only=True)
class Rate:
    what: str
    connections: int
    a_second: float
    p50: float
    p95: float
    server_ms: float
    client_ms: float | None
    n: int


def rates(server: Server, graded: str, seconds: float) -> Iterator[Rate]:
    """Of each kind of transaction, in the order in which a submission meets them."""
    with psycopg.connect(psycopg_dsn(server.url), autocommit=True) as db, _clients() as clients:
        db.execute("drop table if exists bare")
        db.execute("create table bare (id uuid primary key, user_id bigint, code text)")
        pairs = [list(row) for row in db.execute(OPEN)]
        load = Load(server, graded, seconds, clients)
        for connections in LEVELS:
            # The record first: what `submit` and `rows` leave behind waits for later phases,
            # and each submission counts those before it.
            for phase in ("record", "bare", "bucket", "submit", "rows"):
                yield load.rate(phase, connections, pairs)
            for phase in ("begin", "verdict"):
                yield load.rate(phase, connections, [list(row) for row in db.execute(WAITING)])
            for statement in CLEAN:
                db.execute(statement)
        db.execute("drop table bare")


@contextmanager
def _clients() -> Iterator[list[subprocess.Popen[str]]]:
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.db.load"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


@dataclass(frozen=True)
class Load:
    server: Server
    graded: str
    seconds: float
    clients: list[subprocess.Popen[str]]

    def rate(self, phase: str, connections: int, work: list[Any]) -> Rate:
        clients = self.clients[:connections]
        lanes = _lanes(connections, work)
        for number, client in enumerate(clients):
            mine = lanes[number :: len(clients)]
            _tell(client, json.dumps({**self._spec(phase), "connections": len(mine), "work": mine}))
        if [_read(client) for client in clients] != ["ready"] * len(clients):
            raise RuntimeError("a client process could not start; see its error above")
        before = self.server.processor_seconds()
        for client in clients:
            _tell(client, "go")
        told = [json.loads(_read(client)) for client in clients]
        spent = self.server.processor_seconds() - before
        return _summed(phase, connections, spent, told)

    def _spec(self, phase: str) -> dict[str, Any]:
        return {
            "url": self.server.url,
            "phase": phase,
            "seconds": self.seconds,
            "graded": self.graded,
        }


def _lanes(connections: int, work: list[Any]) -> list[list[Any]]:
    """A learner's transactions wait for each other, so each of them has one connection."""
    lanes: list[list[Any]] = [[] for _ in range(connections)]
    place = {learner: n for n, learner in enumerate(sorted({learner for learner, _ in work}))}
    for learner, what in work:
        lanes[place[learner] % connections].append([learner, what])
    return lanes


def _summed(phase: str, connections: int, spent: float, told: list[dict[str, Any]]) -> Rate:
    samples = list(chain.from_iterable(each["milliseconds"] for each in told))
    client = sum(each["client_seconds"] for each in told)
    return Rate(
        what=phase,
        connections=connections,
        a_second=len(samples) / max(each["seconds"] for each in told),
        p50=quantile(samples, 0.5),
        p95=quantile(samples, 0.95),
        server_ms=1000 * spent / len(samples),
        client_ms=1000 * client / len(samples),
        n=len(samples),
    )


def _tell(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def _read(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def pgbench(server: Server, seconds: float) -> Iterator[Rate]:
    """PostgreSQL's own benchmark on the same server: update, select, insert in a transaction."""
    url = make_url(server.url)
    program = installed() / "bin" / "pgbench"
    environment = {
        **os.environ,
        "PGHOST": url.host or "",
        "PGPORT": str(url.port),
        "PGUSER": url.username or "",
        "PGPASSWORD": url.password or "",
    }
    with psycopg.connect(psycopg_dsn(server.url), autocommit=True) as db:
        db.execute("create database pgbench")
        quiet = {"env": environment, "check": True, "capture_output": True, "text": True}
        subprocess.run([program, "-i", "-q", "-s", "10", "pgbench"], **quiet)
        for connections in LEVELS:
            words = [program, "-N", "-n", f"-T{max(2, round(seconds))}", f"-c{connections}"]
            words += [f"-j{min(PROCESSES, connections)}", "-M", "prepared", "pgbench"]
            before = server.processor_seconds()
            said = subprocess.run(words, **quiet).stdout
            spent = server.processor_seconds() - before
            yield _said(said, connections, spent)
        db.execute("drop database pgbench")


def _said(text: str, connections: int, spent: float) -> Rate:
    def told(pattern: str) -> float:
        found = re.search(pattern, text)
        if found is None:
            raise ValueError(f"pgbench said something else:\n{text}")
        return float(found[1])

    done = int(told(r"actually processed: (\d+)"))
    return Rate(
        what="pgbench",
        connections=connections,
        a_second=told(r"tps = ([\d.]+)"),
        p50=told(r"latency average = ([\d.]+)"),
        p95=float("nan"),
        server_ms=1000 * spent / done,
        client_ms=None,
        n=done,
    )
