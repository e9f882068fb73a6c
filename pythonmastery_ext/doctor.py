"""`pythonmastery doctor`: says what works on this machine, what does not, and how to mend it."""

import argparse
import asyncio
import json
import os
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pythonmastery_ext import __version__
from pythonmastery_ext.config import ConfigError, Settings

LEVELS = {
    "full": "full: namespaces of its own, read-only system, no network, limits",
    "degraded": "degraded: no namespaces here, so limits and another user id only",
    "own": "own: limits only, fit for your own code on your own machine and for nobody else's",
}
SMALLEST_FREE = 1 << 30


State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True)
class Finding:
    name: str
    state: State
    detail: str


Check = Callable[[Settings], Awaitable[Finding]]


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("doctor", help="say what works on this machine")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.set_defaults(run=run)


async def python(_: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", "ok", f"{version}, PythonMastery {__version__}")


async def folder(settings: Settings) -> Finding:
    place = Path(settings.data_dir)
    existing = next(path for path in (place, *place.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    text = f"{place}, {free / (1 << 30):.1f} GB free"
    if free < SMALLEST_FREE:
        return Finding(
            "data folder", "warning", f"{text}: make room, or set PYTHONMASTERY_DATA_DIR"
        )
    return Finding("data folder", "ok", text)


async def course(settings: Settings) -> Finding:
    from pythonmastery_ext.curriculum.course import read_course

    source = await asyncio.to_thread(read_course, Path(settings.course_dir))
    count = sum(len(section.problems) for section in source.sections)
    text = f"{count} problems in {len(source.sections)} sections, from {settings.course_dir}"
    if source.errors:
        return Finding("course", "warning", f"{text}; {source.errors[0]}")
    if not count:
        return Finding("course", "failed", f"no problems in {settings.course_dir}")
    return Finding("course", "ok", text)


async def database(settings: Settings) -> Finding:
    from pythonmastery_ext.db.embedded import EmbeddedPostgres
    from pythonmastery_ext.db.problems import DatabaseProblem
    from pythonmastery_ext.db.server import check_server

    began = time.monotonic()
    server = None if settings.database_url else EmbeddedPostgres(Path(settings.data_dir))
    try:
        url = await asyncio.to_thread(server.start) if server else settings.database_url
        await asyncio.to_thread(check_server, url)
        if settings.database_direct_url:
            return await asyncio.to_thread(_pooler, settings)
    except DatabaseProblem as problem:
        return Finding("database", "failed", str(problem))
    finally:
        if server:
            await asyncio.to_thread(server.stop)
    what = "the embedded server" if server else "the server of PYTHONMASTERY_DATABASE_URL"
    return Finding("database", "ok", f"{what} answered after {time.monotonic() - began:.2f} s")


def _pooler(settings: Settings) -> Finding:
    """Behind a pooler nobody but its configuration limits how long a statement may take."""
    import psycopg

    from pythonmastery_ext.db.engine import psycopg_dsn
    from pythonmastery_ext.db.server import check_server

    check_server(settings.database_direct_url)
    with psycopg.connect(psycopg_dsn(settings.database_url)) as connection:
        (limit,) = connection.execute("show statement_timeout").fetchone() or ("0",)
    if limit == "0":
        return Finding(
            "database",
            "warning",
            "the pooler of PYTHONMASTERY_DATABASE_URL sets no statement_timeout: "
            "see PgBouncer in docs/operators.md",
        )
    return Finding("database", "ok", "the pooler and the server behind it answer")


#: What to do about any other level.
FOR_FULL = "For level full install bubblewrap and libseccomp, and allow user namespaces."


async def grader(settings: Settings) -> Finding:
    from grader.pool import GraderUnavailable
    from grader.protocol import GradeRequest, Test
    from pythonmastery_ext.grading.client import make_pool

    pool = make_pool(settings, kernels=1)
    try:
        await pool.start()
        test = Test(key="t", name="doubles", source="assert double(2) == 4", visible="sample")
        code = "def double(n):\n    return 2 * n\n"
        verdict = await pool.grade(GradeRequest(id="doctor", code=code, tests=(test,)))
    except GraderUnavailable as error:
        return Finding("grader", "failed", str(error))
    finally:
        await pool.close()
    if verdict.status != "passed":
        return Finding("grader", "failed", verdict.message or verdict.status)
    text = f"isolation level {LEVELS[verdict.level]}; a trial took {verdict.grader_ms:.0f} ms"
    if verdict.level == "full":
        return Finding("grader", "ok", text)
    return Finding("grader", "warning", f"{text} ({pool.why}). {FOR_FULL}")


async def accounts(settings: Settings) -> Finding:
    """Whether a program that got out of the grader's walls would find anything."""
    return await asyncio.to_thread(_account, settings)


def _account(settings: Settings) -> Finding:
    name, socket = "grader's account", Path(settings.grader_socket)
    if not settings.database_url:
        return Finding(name, "ok", "the learner's own, as everything here")
    if settings.grader_provisioner:
        return Finding(name, "ok", f"what the provisioner {settings.grader_provisioner} gives")
    if not settings.grader_socket:
        return Finding(
            name,
            "warning",
            "the worker's, so a program that broke out could read the database's password: start "
            "`python -P -m grader.starter` in another one, and set PYTHONMASTERY_GRADER_SOCKET",
        )
    if not socket.is_socket():
        return Finding(name, "warning", f"unknown: nobody listens at {socket}")
    owner, mine = socket.stat().st_uid, os.geteuid()
    state: State = "warning" if owner == mine else "ok"
    return Finding(name, state, f"user id {owner}; the worker's here is {mine}")


async def tutor(settings: Settings) -> Finding:
    if settings.gemini_api_key:
        return Finding("tutor", "ok", f"a Gemini key is set, model {settings.gemini_model}")
    return Finding("tutor", "ok", "no GEMINI_API_KEY: built-in explanations are used")


async def lab_extension(_: Settings) -> Finding:
    from jupyter_core.paths import jupyter_path

    for place in jupyter_path("labextensions"):
        if (Path(place) / "pythonmastery" / "package.json").exists():
            return Finding("JupyterLab extension", "ok", place)
    return Finding(
        "JupyterLab extension", "failed", "not installed: run `make setup`, or install the wheel"
    )


CHECKS: tuple[Check, ...] = (
    python,
    folder,
    course,
    database,
    grader,
    accounts,
    tutor,
    lab_extension,
)


async def examine(settings: Settings) -> list[Finding]:
    return [await check(settings) for check in CHECKS]


def run(args: argparse.Namespace) -> int:
    try:
        findings = asyncio.run(examine(Settings()))
    except ConfigError as problem:
        findings = [Finding("settings", "failed", str(problem))]
    if args.json:
        sys.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=1) + "\n")
    else:
        for finding in findings:
            sys.stdout.write(f"{finding.state:8} {finding.name}: {finding.detail}\n")
    return 1 if any(finding.state == "failed" for finding in findings) else 0
