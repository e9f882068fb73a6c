"""`pythonmastery grade`: grade a file from a shell, in the kernel and sandbox of the course."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.pool import GraderPool, GraderUnavailable
from grader.protocol import LEVELS, GradeRequest, Level, Limits, TestResult, Verdict
from grader.protocol import Test as GraderTest
from pythonmastery_ext.grading.exercise import CannotGrade, Exercise, NotPython, find_exercises

PASSED, NOT_PASSED, COULD_NOT_GRADE = 0, 1, 2
_MAX_KERNELS = 8
#: Unit and default of each limit.
_LIMITS = {
    "cpu": ("SECONDS", "10"),
    "wall": ("SECONDS", "30"),
    "memory": ("MB", "512"),
    "output": ("KB", str(Limits().output_kb)),
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
    try:
        limits = _limits(args)
        if single:
            exercises: list[Exercise | CannotGrade] = [Exercise.of(args.solution, args.tests)]
        else:
            exercises = find_exercises(args.each)
        reports = asyncio.run(_grade_all(exercises, limits, args.minimum_level))
    except (CannotGrade, GraderUnavailable) as error:
        return _complain(str(error), as_json=args.json)
    except asyncio.CancelledError:
        return _complain("Ended before it was done.", as_json=args.json)
    if single:
        return _tell_one(reports[0], as_json=args.json)
    return _tell_each(reports, as_json=args.json)


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
        processes=int(found["processes"]),
    )


async def _grade_all(
    exercises: Sequence[Exercise | CannotGrade], limits: Limits, level: Level
) -> list[dict[str, Any]]:
    ready = [exercise for exercise in exercises if isinstance(exercise, Exercise)]
    kernels = max(1, min(len(ready), os.cpu_count() or 1, _MAX_KERNELS))
    pool = GraderPool(kernels=kernels, minimum_level=level)
    task = asyncio.current_task()
    if task is not None:  # so that nothing is left behind
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await pool.start()
        return await asyncio.gather(*(_grade(pool, item, limits) for item in exercises))
    finally:
        await pool.close()


async def _grade(pool: GraderPool, item: Exercise | CannotGrade, limits: Limits) -> dict[str, Any]:
    if isinstance(item, CannotGrade):
        return {"name": item.name, "status": "error", "error": str(item), "tests": []}
    try:
        request = _request(item, limits)
    except NotPython as error:
        row = {"name": item.tests.name, "status": "error", "message": str(error)}
        told = {"points": 0.0, "max_points": 1.0, "level": pool.level, "message": str(error)}
        return {"name": item.name, "status": "failed", **told, "tests": [row]}
    except CannotGrade as error:
        return {"name": item.name, "status": "error", "error": str(error), "tests": []}
    verdict = await pool.grade(request)
    return {"name": item.name, **_report(verdict, item)}


def _request(item: Exercise, limits: Limits) -> GradeRequest:
    test = GraderTest(
        key="tests",
        name=item.tests.name,
        source=item.read(item.tests),
        visible="sample",
        suite=True,
        filename=str(item.tests.resolve()),
    )
    return GradeRequest(
        id=str(uuid.uuid4()),
        code=item.read(item.solution),
        tests=(test,),
        module=item.module,
        limits=limits,
        test_modules=item.test_modules(),
        files=item.student_files(),
        shuffle=False,
        open_tests=True,
    )


def _report(verdict: Verdict, item: Exercise) -> dict[str, Any]:
    report: dict[str, Any] = {
        "status": verdict.status,
        "points": verdict.points,
        "max_points": verdict.max_points,
        "level": verdict.level,
        "tests": [_row(test) for test in verdict.tests],
    }
    if verdict.status == "error":
        return {**report, "error": verdict.message, "tests": []}
    started = any(test.status != "not_run" for test in verdict.tests)
    if verdict.reason is not None and not started:
        status = "timeout" if verdict.status == "timeout" else "error"
        row = {"name": item.tests.name, "status": status, "message": verdict.message}
        report["tests"] = [row]
    if verdict.message:
        report["message"] = verdict.message
    return report


def _row(test: TestResult) -> dict[str, Any]:
    skipped = test.status == "not_run" and test.max_points == 0
    return {
        "name": test.name,
        "status": "skipped" if skipped else test.status,
        "message": test.message,
    }


def _exit_status(report: dict[str, Any]) -> int:
    if "error" in report:
        return COULD_NOT_GRADE
    return PASSED if report["status"] == "passed" else NOT_PASSED


def _tell_one(report: dict[str, Any], *, as_json: bool) -> int:
    name = report.pop("name")
    if "error" in report:
        return _complain(report["error"], as_json=as_json)
    if as_json:
        print(json.dumps(report))
        return _exit_status(report)
    for test in report["tests"]:
        print(f"{test['status']:>8}  {test['name']}")
        if test["message"]:
            print(f"          {test['message']}")
    counts = f"{report['points']:g} of {report['max_points']:g} points"
    print(f"{name}: {report['status']}, {counts} (isolation: {report['level']})")
    return _exit_status(report)


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
            print(f"{report['name']:<{width}}  {report['status']:<8} {counts:>9}  {line}".rstrip())
        done = sum(report["status"] == "passed" for report in reports)
        print(f"{done} of {len(reports)} passed")
    return max(_exit_status(report) for report in reports)


def _complain(message: str, *, as_json: bool) -> int:
    print(message, file=sys.stderr)
    if as_json:
        print(json.dumps({"status": "error", "error": message, "tests": []}))
    return COULD_NOT_GRADE
