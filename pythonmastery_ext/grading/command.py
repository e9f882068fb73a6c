"""`pythonmastery grade`: grade a file from a shell, in the kernel and sandbox of the course."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any, TextIO

from grader.pool import GraderUnavailable
from grader.protocol import LEVELS, Limits
from grader.terminal import for_terminal
from pythonmastery_ext.grading.bar import Bar
from pythonmastery_ext.grading.batch import Batch, Item, cores
from pythonmastery_ext.grading.exercise import CannotGrade, Exercise
from pythonmastery_ext.grading.finding import find_exercises, left_out
from pythonmastery_ext.grading.journal import Journal

PASSED, NOT_PASSED, COULD_NOT_GRADE, STOPPED = 0, 1, 2, 130
#: Unit and default of each limit.
_LIMITS = {
    "cpu": ("SECONDS", "10"),
    "wall": ("SECONDS", "30"),
    "memory": ("MB", "512"),
    "output": ("KB", str(Limits().output_kb)),
    "result": ("KB", str(Limits().result_kb)),
    "processes": ("PROCESSES", "64"),
}


def add_parser(subparsers: Any) -> None:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "grade",
        help="grade a solution against a test file, in the sandbox",
        description="Exit status: 0 passed, 1 not passed, 2 could not be graded.",
    )
    parser.add_argument("--solution", type=Path, metavar="FILE.py")
    parser.add_argument("--tests", type=Path, metavar="FILE.py")
    parser.add_argument(
        "--each", type=Path, metavar="FOLDER", help="grade every subfolder that holds a test file"
    )
    parser.add_argument(
        "--jobs", metavar="N", help="grade N at a time (default: one for each core)"
    )
    parser.add_argument(
        "--journal",
        type=Path,
        metavar="FILE",
        help="keep each result in FILE as soon as it is there",
    )
    parser.add_argument(
        "--resume", action="store_true", help="take what is in the journal and has not changed"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    for name, (unit, default) in _LIMITS.items():
        # As text: what is wrong with it is told in the same form as all else.
        parser.add_argument(f"--limit-{name}", default=default, metavar=unit)
    parser.add_argument(
        "--minimum-level", choices=LEVELS, default="own", help="refuse to grade with less isolation"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    single = args.solution is not None and args.tests is not None
    if single == (args.each is not None) or (args.each and (args.solution or args.tests)):
        return _complain("Give --solution and --tests, or --each.", as_json=args.json)
    if args.resume and args.journal is None:
        return _complain(
            "--resume goes on with a journal: name it by --journal.", as_json=args.json
        )
    batch = None
    try:
        batch = _batch(args, single=single)
        with batch.bar:
            reports = asyncio.run(batch.run())
    except (CannotGrade, GraderUnavailable) as error:
        return _complain(str(error), as_json=args.json)
    except (asyncio.CancelledError, KeyboardInterrupt):
        _complain(_how_to_go_on(args, batch), as_json=args.json)
        return STOPPED
    finally:
        if batch is not None and batch.journal is not None:
            batch.journal.close()
    if single:
        return _tell_one(reports[0], as_json=args.json)
    return _tell_each(reports, as_json=args.json)


def _batch(args: argparse.Namespace, *, single: bool) -> Batch:
    limits, jobs = _limits(args), _jobs(args)
    if not single and args.each.is_dir():
        for path in left_out(args.each):
            print(f"left out: {path}: no subfolder with a test file", file=sys.stderr)
    items: list[Item]
    items = [Exercise.of(args.solution, args.tests)] if single else find_exercises(args.each)
    return Batch(
        items=items,
        limits=limits,
        minimum=args.minimum_level,
        jobs=jobs,
        bar=Bar(len(items), "graded", quiet=single),
        journal=Journal(args.journal, resume=args.resume) if args.journal else None,
    )


def _how_to_go_on(args: argparse.Namespace, batch: Batch | None) -> str:
    if batch is None or args.each is None:
        return "Ended before it was done."
    state = f"Ended after {batch.done} of {len(batch.items)}."
    if batch.journal is None:
        return f"{state} With --journal FILE the next run could have gone on from here."
    words = ["pythonmastery", "grade", "--each", str(args.each), "--journal", str(args.journal)]
    return f"{state} Go on with: {shlex.join(words)} --resume"


def _jobs(args: argparse.Namespace) -> int:
    if args.jobs is None:
        return cores()
    if not re.fullmatch(r"[1-9]\d{0,2}", args.jobs):
        raise CannotGrade(f"--jobs: {args.jobs!r} is not a number from 1 to 999.")
    return int(args.jobs)


def _limits(args: argparse.Namespace) -> Limits:
    found = {}
    for name, (unit, _) in _LIMITS.items():
        text = getattr(args, f"limit_{name}")
        if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text) or float(text) <= 0:
            raise CannotGrade(f"--limit-{name}: {text!r} is not a number of {unit} above 0.")
        if unit != "SECONDS" and "." in text:
            raise CannotGrade(f"--limit-{name}: {text!r} is not a whole number.")
        found[name] = float(text)
    return Limits(
        cpu_seconds=found["cpu"],
        wall_seconds=found["wall"],
        memory_mb=int(found["memory"]),
        output_kb=int(found["output"]),
        result_kb=int(found["result"]),
        processes=int(found["processes"]),
    )


def _exit_status(report: dict[str, Any]) -> int:
    if "error" in report:
        return COULD_NOT_GRADE
    return PASSED if report["status"] == "passed" else NOT_PASSED


def _tell_one(report: dict[str, Any], *, as_json: bool) -> int:
    name = report.pop("name")
    if "error" in report and not report["tests"]:
        return _complain(report["error"], as_json=as_json)
    if as_json:
        print(json.dumps(report))
        return _exit_status(report)
    for text in (*report.get("error", "").splitlines(), *_warned(report)):
        _say(text, file=sys.stderr)
    for test in report["tests"]:
        _say(f"{test['status']:>8}  {test['name']}")
        if test["message"]:
            _say(f"          {test['message']}")
    counts = f"{report['points']:g} of {report['max_points']:g} points"
    print(f"{name}: {report['status']}, {counts} (isolation: {report['level']})")
    return _exit_status(report)


def _warned(report: dict[str, Any]) -> list[str]:
    return [f"warning: the tests, {text}" for text in report.get("warnings", ())]


def _tell_each(reports: list[dict[str, Any]], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(reports))
    else:
        width = max(len(report["name"]) for report in reports)
        for report in reports:
            tests = report["tests"]
            passed = sum(test["status"] == "passed" for test in tests)
            counts = f"{passed}/{len(tests)}" if tests else "-"
            first = next((t for t in tests if t["status"] not in ("passed", "skipped")), None)
            told = report.get("error") or (f"{first['name']}: {first['message']}" if first else "")
            line = " ".join(told.split())[:140]
            _say(f"{report['name']:<{width}}  {report['status']:<8} {counts:>9}  {line}".rstrip())
            for text in _warned(report):
                _say(f"{'':<{width}}  {text}")
        done = sum(report["status"] == "passed" for report in reports)
        print(f"{done} of {len(reports)} passed")
    return max(_exit_status(report) for report in reports)


def _say(text: str, file: TextIO | None = None) -> None:
    print(for_terminal(text), file=file)


def _complain(message: str, *, as_json: bool) -> int:
    _say(message, file=sys.stderr)
    if as_json:
        print(json.dumps({"status": "error", "error": message, "tests": []}))
    return COULD_NOT_GRADE
