"""`pythonmastery validate`: may these problems be published?"""

import argparse
import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pythonmastery_ext.authoring.checks import check_text
from pythonmastery_ext.authoring.findings import Finding
from pythonmastery_ext.authoring.trials import CannotGradeError, check_code, with_profile
from pythonmastery_ext.config import ConfigError, Settings
from pythonmastery_ext.curriculum.course import read_placed, read_section
from pythonmastery_ext.curriculum.format import (
    ContentError,
    ProblemContent,
    read_course,
)
from pythonmastery_ext.grading import profiles

if TYPE_CHECKING:
    from grader.pool import GraderPool


#: More would not be faster on an author's machine, only louder.
MAX_KERNELS = 4


@dataclass
class Material:
    problems: list[tuple[Path, ProblemContent]] = field(default_factory=list)
    errors: list[ContentError] = field(default_factory=list)


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "validate",
        help="check author notebooks",
        description="Checks author notebooks: form, solutions, tests, wrong ones, hints, leaks. "
        "Exit status: 0 all right, 1 something to mend, 2 it could not be checked.",
    )
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        type=Path,
        help="a notebook, a section's folder or a course folder (default: the course)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        paths = args.paths or [Path(Settings().course_dir)]
    except ConfigError as e:
        return _stop(str(e))
    if missing := [path for path in paths if not path.exists()]:
        return _stop(f"There is no file or folder {missing[0]}.")
    return asyncio.run(_validate(gather(paths), args.json))


def _stop(message: str) -> int:
    print(f"pythonmastery validate: {message}", file=sys.stderr)
    return 2


def gather(paths: list[Path]) -> Material:
    material = Material()
    for path in paths:
        if path.is_file():
            try:
                material.problems.append((path, read_placed(path)))
            except ContentError as e:
                material.errors.append(e)
            continue
        if (path / "section.toml").exists() or any(path.glob("*.ipynb")):
            section = read_section(path, material.errors)
            sections = [section] if section is not None else []
        else:
            course = read_course(path)
            material.errors += course.errors
            sections = course.sections
        material.problems += [
            (section.folder / f"{problem.slug}.ipynb", problem)
            for section in sections
            for problem in section.problems
        ]
    return material


async def _validate(material: Material, as_json: bool) -> int:
    from grader.pool import GraderPool, GraderUnavailable

    pool = GraderPool(kernels=min(MAX_KERNELS, os.cpu_count() or 1))
    try:
        await pool.start()
        findings = await _check_all(pool, material, quiet=as_json)
    except GraderUnavailable as e:
        return _stop(f"The grader does not start: {e}")
    except CannotGradeError as e:
        return _stop(f"The grader could not grade: {e}")
    finally:
        await pool.close()
    return _conclude(material, findings, as_json)


async def _check_all(pool: "GraderPool", material: Material, quiet: bool) -> list[Finding]:
    findings = [Finding(e.path, e.cell, e.code, e.reason) for e in material.errors]
    for finding in findings:
        _say(quiet, str(finding))
    for number, (path, content) in enumerate(material.problems, start=1):
        begin = time.perf_counter()
        content, unguarded = await with_profile(pool, path, content)
        found = check_text(path, content) + await check_code(pool, path, content) + unguarded
        findings += found
        seconds = time.perf_counter() - begin
        state = "wrong" if any(finding.stops for finding in found) else "ok"
        place = f"[{number}/{len(material.problems)}] {path.parent.name}/{path.stem}"
        _say(quiet, f"{place}: {state} ({_counts(content)}, {seconds:.1f} s)")
        if content.profile is not None:
            _say(quiet, f"  recorded: {profiles.summary(content.profile)}")
        for finding in found:
            _say(quiet, f"  {finding}")
    return findings


def _say(quiet: bool, line: str) -> None:
    if not quiet:
        print(line, flush=True)


def _counts(content: ProblemContent) -> str:
    right, wrong = 1 + len(content.alternatives), len(content.wrongs)
    return f"{len(content.tests)} tests, {right} right and {wrong} wrong solutions"


def _conclude(material: Material, findings: list[Finding], as_json: bool) -> int:
    errors = [finding for finding in findings if finding.stops]
    if as_json:
        report = {
            "ok": not errors,
            "problems": [content.slug for _, content in material.problems],
            "findings": [finding.to_json() for finding in findings],
        }
        print(json.dumps(report, indent=1))
    else:
        warnings = len(findings) - len(errors)
        counts = (
            (len(material.problems), "problem"),
            (len(errors), "error"),
            (warnings, "warning"),
        )
        print(", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts))
    return 1 if errors else 0
