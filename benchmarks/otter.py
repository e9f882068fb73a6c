"""Otter-Grader on the same problem: same solution, same tests, hidden ones marked."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from benchmarks.figures import Figure, timed
from benchmarks.problem import right
from pythonmastery_ext.curriculum.format import ProblemContent, TestCell

PEERS = Path(__file__).parent.parent / ".venv" / "peers-otter" / "bin"
ONE, MANY = "`otter run`, one submission", "Otter, a class"
_TIMEOUT = 300
#: Otter's own class command needs Docker; this is what it does in each container, in one process.
_CLASS = """
import json, sys
from otter.api import grade_submission
totals = [grade_submission(path, "autograder.zip").total for path in sys.argv[1:]]
print("totals", json.dumps(totals))
"""
_FILE = """\
from otter.test_files import test_case

OK_FORMAT = False
name = "{name}"
points = {points}


@test_case(points={points}, hidden={hidden})
def check({names}):
{source}
"""


def otter_test(test: TestCell, names: list[str]) -> str:
    """In the format of Otter whose tests are functions of the names that they use."""
    return _FILE.format(
        name=test.key,
        points=test.weight,
        hidden=test.visible == "hidden",
        names=", ".join(names),
        source=textwrap.indent(test.source, "    "),
    )


class Otter:
    """A folder with an autograder of Otter, and submissions that solve the problem."""

    def __init__(self, folder: Path, content: ProblemContent) -> None:
        self.folder = folder
        self.content = content
        tests = folder / "tests"
        tests.mkdir(parents=True)
        names = [*content.solution.entry, *_imported(content.given)]
        for test in content.tests:
            (tests / f"{test.key.replace('-', '_')}.py").write_text(otter_test(test, names))
        self.run("otter", "generate", "--no-requirements", "--no-environment")

    def run(self, *words: str) -> str:
        jupyter = ("config", "data", "runtime")
        own = {f"JUPYTER_{name.upper()}_DIR": str(self.folder / f".{name}") for name in jupyter}
        path = f"{PEERS}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [str(PEERS / words[0]), *words[1:]],
            cwd=self.folder,
            env={**os.environ, **own, "HOME": str(self.folder), "PATH": path},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr[-3000:]}")
        return done.stdout

    def submit(self, student: str) -> str:
        notebook = new_notebook(
            cells=[
                new_markdown_cell(self.content.statement),
                new_code_cell(self.content.given),
                new_code_cell(right(self.content)),
            ],
            metadata={
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
            },
        )
        name = f"{student}.ipynb"
        nbformat.write(notebook, self.folder / name)
        return name

    def grade(self, submission: str) -> None:
        self.run("otter", "run", "--no-logo", submission)

    def score(self) -> float:
        results = json.loads((self.folder / "results.json").read_text())
        return sum(float(test.get("score", 0)) for test in results["tests"])

    def grade_class(self, submissions: list[str]) -> list[float]:
        told = self.run("python", "-c", _CLASS, *submissions)
        line = next(line for line in told.splitlines() if line.startswith("totals "))
        return list(map(float, json.loads(line.removeprefix("totals "))))


def _imported(given: str) -> list[str]:
    space: dict[str, object] = {}
    exec(given, space)  # noqa: S102 - the course's own imports
    return [name for name in space if name != "__builtins__"]


def otter_run(content: ProblemContent, scratch: Path, quick: bool) -> list[Figure]:
    """One submission a command, and a class in one process (milliseconds for each of them)."""
    if not (PEERS / "otter").exists():
        missing = "Otter is not installed: `make bench` installs it where it can"
        return [Figure(ONE, [], missing=missing), Figure(MANY, [], missing=missing)]
    otter = Otter(scratch / "otter", content)
    first = otter.submit("first")
    single = timed(lambda: otter.grade(first), 1 if quick else 4, warm_up=1)
    size = 3 if quick else 10
    students = [otter.submit(f"student-{n:02d}") for n in range(size)]
    totals: list[float] = []
    whole = timed(lambda: totals.extend(otter.grade_class(students)), 1)
    _all_right([otter.score(), *totals], content.max_points)
    note = f"{size} submissions in one process without its containers, for each of them"
    return [
        Figure(ONE, single, "the whole command, as an instructor runs it"),
        Figure(MANY, [whole[0] / size], note),
    ]


def _all_right(scores: list[float], full: int) -> None:
    if any(score != full for score in scores):
        raise RuntimeError(f"Otter gave the solution {scores}, not {full}")
