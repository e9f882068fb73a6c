"""`nbgrader autograde` on the same problem: same solution, same tests, hidden ones marked."""

import os
import shutil
import subprocess
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from benchmarks.figures import Figure, timed
from benchmarks.problem import right
from pythonmastery_ext.curriculum.format import ProblemContent, TestCell

PEERS = Path(__file__).parent.parent / ".venv" / "peers" / "bin"
ASSIGNMENT = "overdue"
SCORE = """
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    student = book.assignment_submissions("overdue")[0]
    print(f"{student.score:g}/{student.max_score:g}")
"""


def metadata(grade_id: str, **more: object) -> dict[str, object]:
    flags = {"grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": {**flags, "grade_id": grade_id, "schema_version": 3, **more}}


def test_cell(test: TestCell) -> NotebookNode:
    source = test.source
    if test.visible == "hidden":
        source = f"### BEGIN HIDDEN TESTS\n{source}\n### END HIDDEN TESTS"
    marks = metadata(test.key, grade=True, locked=True, points=test.weight)
    return new_code_cell(source, metadata=marks)


def author_notebook(content: ProblemContent) -> NotebookNode:
    answer = metadata("answer", solution=True)
    cells = [
        new_markdown_cell(content.statement, metadata=metadata("statement", locked=True)),
        new_code_cell(content.given, metadata=metadata("given", locked=True)),
        new_code_cell(right(content), metadata=answer),
        *map(test_cell, content.tests),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


class NbGrader:
    """A course folder of nbgrader with submissions that solve the problem."""

    def __init__(self, folder: Path, content: ProblemContent) -> None:
        self.folder = folder
        self.content = content
        source = folder / "source" / ASSIGNMENT / "problem.ipynb"
        source.parent.mkdir(parents=True)
        nbformat.write(author_notebook(content), source)
        self.run("generate_assignment", ASSIGNMENT)

    def run(self, *words: str) -> None:
        jupyter = ("config", "data", "runtime")
        own = {f"JUPYTER_{name.upper()}_DIR": str(self.folder / f".{name}") for name in jupyter}
        path = f"{PEERS}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [str(PEERS / "nbgrader"), *words],
            cwd=self.folder,
            env={**os.environ, **own, "HOME": str(self.folder), "PATH": path},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"nbgrader {' '.join(words)}: {done.stderr[-3000:]}")

    def submit(self, students: list[str]) -> None:
        release = self.folder / "release" / ASSIGNMENT / "problem.ipynb"
        notebook = nbformat.read(release, as_version=4)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "answer":
                cell.source = right(self.content)
        for student in students:
            target = self.folder / "submitted" / student / ASSIGNMENT / "problem.ipynb"
            target.parent.mkdir(parents=True)
            nbformat.write(notebook, target)

    def score(self) -> str:
        words = [str(PEERS / "python"), "-c", SCORE]
        return subprocess.run(
            words, cwd=self.folder, capture_output=True, text=True, check=True
        ).stdout.strip()


def autograde(content: ProblemContent, scratch: Path, quick: bool) -> list[Figure]:
    """One submission a command, and a class in one command (milliseconds for each of them)."""
    one, many = "`nbgrader autograde`, one submission", "`nbgrader autograde`, a class"
    if not (PEERS / "nbgrader").exists():
        missing = "nbgrader is not installed: `make bench` installs it"
        return [Figure(one, [], missing=missing), Figure(many, [], missing=missing)]
    grader = NbGrader(scratch / "nbgrader", content)
    grader.submit(["first"])
    single = timed(
        lambda: grader.run("autograde", ASSIGNMENT, "--student", "first", "--force"),
        2 if quick else 6,
        warm_up=1,
    )
    score, full = grader.score(), f"{content.max_points}/{content.max_points}"
    if score != full:
        raise RuntimeError(f"nbgrader gave the solution {score}, not {full}")
    shutil.rmtree(grader.folder / "submitted" / "first")
    size = 5 if quick else 20
    grader.submit([f"student-{n:02d}" for n in range(size)])
    whole = timed(lambda: grader.run("autograde", ASSIGNMENT, "--force"), 1)
    return [
        Figure(one, single, "the whole command, as an instructor runs it"),
        Figure(many, [whole[0] / size], f"{size} submissions in one command, for each of them"),
    ]
