"""One author notebook: what reads, and what each defect says."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest

from pythonmastery_ext.curriculum.format import ContentError, ProblemContent, read_problem
from tests.content.course import NOTEBOOKS, OVERDUE, edit

NOTEBOOK_FILES = sorted(NOTEBOOKS.glob("*/*.ipynb"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return Path(shutil.copy(OVERDUE, tmp_path / OVERDUE.name))


def change(path: Path, work) -> None:
    notebook = json.loads(path.read_text())
    work(notebook)
    path.write_text(json.dumps(notebook))


def fault(path: Path) -> ContentError:
    with pytest.raises(ContentError) as caught:
        read_problem(path)
    assert caught.value.path == path
    assert str(caught.value).startswith(path.as_posix())
    return caught.value


def test_a_problem_is_read_with_all_its_cells():
    content = read_problem(OVERDUE)
    assert (content.slug, content.version, content.difficulty) == (
        "overdue-by-customer",
        "1.0.0",
        4,
    )
    assert content.solution.entry == ["overdue_by_customer"]
    assert [hint.level for hint in content.hints] == [1, 2, 3, 4]
    assert (len(content.samples), len(content.hidden), len(content.wrongs)) == (2, 6, 8)
    assert content.max_points == 13
    assert content.limits.cpu_seconds == 2


@pytest.mark.parametrize("file", NOTEBOOK_FILES, ids=lambda file: file.stem)
def test_a_problem_survives_being_stored_as_json(file):
    content = read_problem(file)
    stored = json.loads(json.dumps(content.to_json()))
    assert ProblemContent.from_json(stored) == content


@pytest.mark.parametrize("file", NOTEBOOK_FILES, ids=lambda file: file.stem)
def test_a_notebook_is_kept_in_one_form(file):
    """Sorted keys and one space, so that a difference in git shows only what an author changed."""
    nbformat.validate(nbformat.read(file, as_version=nbformat.NO_CONVERT))
    notebook = json.loads(file.read_text())
    assert (
        file.read_text()
        == json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    )


def test_tags_give_the_role_where_the_metadata_is_missing(path):
    def strip(notebook):
        for cell in notebook["cells"]:
            fields = cell["metadata"]["pythonmastery"]
            if fields["role"] in ("test", "hint", "wrong"):
                del fields["role"]  # its other fields stay
            else:
                del cell["metadata"]["pythonmastery"]
            del cell["id"]  # as jupytext does

    whole = read_problem(path)
    change(path, strip)
    content = read_problem(path)
    assert (content.statement, content.tests) == (whole.statement, whole.tests)
    assert content.solution.source == whole.solution.source
    assert content.solution.entry == ["overdue_by_customer"]


def test_metadata_goes_before_tags(path):
    change(path, lambda nb: nb["cells"][0]["metadata"].update(tags=["pm-solution", "pm-test"]))
    assert read_problem(path) == read_problem(OVERDUE)


def test_windows_line_ends_and_a_byte_order_mark_make_no_difference(path):
    change(
        path,
        lambda nb: [
            cell.update(source="".join(cell["source"]).replace("\n", "\r\n"))
            for cell in nb["cells"]
        ],
    )
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_problem(path) == read_problem(OVERDUE)


FILES = {
    "not JSON": (b"{", "not JSON"),
    "not UTF-8": (b'{"a": "\xff"}', "not JSON"),
    "nested too deep": (b"[" * 100_000, "not JSON"),
    "a list": (b"[]", "not a notebook of format 4"),
    "nbformat 3": (b'{"nbformat": 3, "worksheets": []}', "not a notebook of format 4"),
    "no cells": (b'{"nbformat": 4}', "no list of cells"),
    "no problem": (
        b'{"nbformat": 4, "cells": [], "metadata": {}}',
        "metadata.pythonmastery is missing",
    ),
}


@pytest.mark.parametrize(("content", "reason"), FILES.values(), ids=FILES)
def test_a_file_that_is_no_problem_is_refused(path, content, reason):
    path.write_bytes(content)
    error = fault(path)
    assert reason in error.reason
    assert error.cell is None


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    folder = tmp_path / "a-folder.ipynb"
    folder.mkdir()
    assert "cannot be read" in fault(folder).reason


META = {
    "semver": ({"version": "1.0"}, "`version` is three numbers"),
    "difficulty 0": ({"difficulty": 0}, "`difficulty`: input should be greater"),
    "difficulty 11": ({"difficulty": 11}, "`difficulty`: input should be less"),
    "difficulty as text": ({"difficulty": "4"}, "`difficulty`: input should be a valid integer"),
    "unknown field": ({"dificulty": 4}, "`dificulty` is not a known field"),
    "unknown status": ({"status": "final"}, "`status`: input should be 'draft', 'review'"),
    "slug with capitals": ({"slug": "Overdue"}, "`slug`: "),
    "no concept": ({"teaches": []}, "`teaches`: "),
    "id": ({"id": "12"}, "`id`: input should be a valid UUID"),
    "memory": ({"limits": {"cpu_seconds": 1, "memory_mb": 1}}, "`limits.memory_mb`: "),
    "network": (
        {"limits": {"cpu_seconds": 1, "memory_mb": 64, "network": True}},
        "`limits.network`: ",
    ),
    "other schema": ({"schema": 2}, "`schema`: "),
    "NUL": ({"title": "Who\0"}, "NUL"),
    "half of a pair": ({"title": "Who \ud83d"}, "surrogate"),
}


@pytest.mark.parametrize(("fields", "reason"), META.values(), ids=META)
def test_a_wrong_field_of_the_problem_is_named(path, fields, reason):
    error = fault(edit(path, problem=fields))
    assert reason in error.reason
    assert error.code == "E01"


def test_a_missing_field_of_the_problem_is_named(path):
    assert "`title` is missing" in fault(edit(path, drop=("title",))).reason


CELLS = {
    "unknown role": ("t-paid", {"role": "tset"}, "unknown role 'tset'"),
    "test without name": ("t-paid", {"drop": ("name",)}, "`name` is missing"),
    "weight": ("t-paid", {"weight": 11}, "`weight`: input should be less"),
    "unknown parameter": ("t-paid", {"wieght": 2}, "`wieght` is not a known field"),
    "parameter of no use": ("context", {"weight": 2}, "takes no field weight"),
    "a text role in code": ("given", {"role": "statement"}, "is a markdown cell, not code"),
    "code role in text": ("context", {"role": "given"}, "is a code cell, not markdown"),
    "test does not compile": ("t-paid", {"source": "assert ("}, "does not compile: line 1"),
    "test with a magic": ("t-paid", {"source": "%time f()"}, "does not compile: line 1"),
    "given does not compile": ("given", {"source": "import"}, "does not compile"),
    "solution does not compile": (
        "answer",
        {"source": "def f(:", "drop": ("entry",)},
        "not compile",
    ),
    "wrong does not compile": ("w-float", {"source": "def f(:"}, "does not compile"),
    "alternative defines nothing": (
        "alt-days",
        {"source": "x = 1"},
        "not define overdue_by_customer",
    ),
    "generator defines nothing": ("gen", {"source": "x = 1"}, "not define make_inputs"),
    "entry not defined": ("answer", {"entry": ["other"]}, "does not define other"),
    "stub does not compile": ("answer", {"stub": "return ("}, "student's version"),
    "killed by nobody": ("w-float", {"killed_by": ["t-x"]}, "no test t-x"),
    "feedback": ("w-float", {"drop": ("feedback",)}, "`feedback` is missing"),
    "misconception": ("w-float", {"misconception": "float"}, "`misconception`: "),
    "insecure link": ("h2", {"links": ["http://example.org"]}, "`links.0`: "),
    "hint order": ("h3", {"level": 4}, "hint levels go 1, 2, 3, 4 in this order; found 1, 2, 4, 4"),
    "hint before itself": ("h1", {"unlock": {"hint_seen": 2}}, "hint 2 is not before it"),
    "unlock by an unknown test": ("h1", {"unlock": {"test_failed": "t-x"}}, "no test 't-x'"),
    "unlock by an unknown mistake": (
        "h1",
        {"unlock": {"misconception": "MC-X"}},
        "no wrong solution shows MC-X",
    ),
    "unlock grammar": ("h1", {"unlock": {"minuts": 4}}, 'unknown unlock rule "minuts"'),
    "unlock of two": ("h1", {"unlock": {"minutes": 4, "hint_seen": 1}}, "one key"),
    "hint without words": ("h1", {"source": " \n"}, "a hint cell without words"),
    "half a surrogate pair": ("t-paid", {"source": "x = '\ud83d'"}, "surrogate"),
}


@pytest.mark.parametrize(("key", "fields", "reason"), CELLS.values(), ids=CELLS)
def test_a_defect_names_its_cell_and_the_reason(path, key, fields, reason):
    error = fault(edit(path, key, **fields))
    assert reason in error.reason
    assert error.cell in (key, None)
    if error.cell is not None:
        assert f"cell '{key}': " in str(error)


def test_a_cell_without_a_role_stops_the_notebook(path):
    change(
        path,
        lambda nb: nb["cells"].append(
            {"cell_type": "markdown", "id": "x", "metadata": {}, "source": "A note to myself"}
        ),
    )
    error = fault(path)
    assert error.cell == f"number {len(json.loads(path.read_text())['cells'])}"
    assert "has no role" in error.reason


def test_outputs_must_be_cleared(path):
    def run(notebook):
        cell = next(c for c in notebook["cells"] if c["id"] == "t-paid")
        cell.update(execution_count=3, outputs=[{"output_type": "stream", "name": "stdout"}])

    change(path, run)
    error = fault(path)
    assert (error.code, error.cell) == ("E03", "t-paid")
    assert "clear all outputs" in error.reason


def test_two_cells_cannot_share_a_key(path):
    error = fault(edit(path, "t-paid", key="t-cents"))
    assert (error.code, error.cell) == ("E02", "t-cents")


def test_the_places_of_the_students_notebook_are_reserved(path):
    change(path, lambda nb: nb["cells"].pop(1))
    assert "only a context cell" in fault(edit(path, "t-paid", key="context")).reason


def test_a_problem_has_one_solution(path):
    def twice(notebook):
        cell = next(c for c in notebook["cells"] if c["id"] == "answer")
        copied = json.loads(json.dumps(cell))
        copied["metadata"]["pythonmastery"]["key"] = "second"
        notebook["cells"].append(copied)

    change(path, twice)
    error = fault(path)
    assert error.cell == "second"
    assert "a second solution cell" in error.reason


@pytest.mark.parametrize("role", ["statement", "solution", "test"])
def test_a_problem_lacks_nothing_that_it_needs(path, role):
    change(
        path,
        lambda nb: nb.update(
            cells=[
                cell for cell in nb["cells"] if cell["metadata"]["pythonmastery"]["role"] != role
            ]
        ),
    )
    assert f"there is no {role} cell" in fault(path).reason


MARKERS = {
    "no markers": "def overdue_by_customer(a, b):\n    return {}",
    "no end": "def overdue_by_customer(a, b):\n    ### BEGIN SOLUTION\n    return {}",
    "wrong order": "### END SOLUTION\ndef overdue_by_customer(a, b): ...\n### BEGIN SOLUTION",
    "overlap": "### BEGIN SOLUTION\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n### END SOLUTION",
}


@pytest.mark.parametrize("source", MARKERS.values(), ids=MARKERS)
def test_the_solution_is_marked(path, source):
    error = fault(edit(path, "answer", source=source))
    assert error.cell == "answer"
    assert "BEGIN SOLUTION" in error.reason
