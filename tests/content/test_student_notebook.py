"""What a student gets: everything that is listed, and nothing else."""

import json
from pathlib import Path

import nbformat
import pytest

from pythonmastery_ext.curriculum.format import read_problem
from pythonmastery_ext.curriculum.leaks import find_leaks
from pythonmastery_ext.curriculum.student import starter_code, student_notebook
from tests.content.course import NOTEBOOKS, OVERDUE

NOTEBOOK_FILES = sorted(NOTEBOOKS.glob("*/*.ipynb"))
each_problem = pytest.mark.parametrize("file", NOTEBOOK_FILES, ids=lambda file: file.stem)


def cells(notebook):
    return {cell["id"]: cell for cell in notebook["cells"]}


def text_of(file: Path) -> str:
    return json.dumps(student_notebook(read_problem(file)), ensure_ascii=False)


@each_problem
def test_it_is_a_valid_notebook_and_always_the_same(file):
    notebook = student_notebook(read_problem(file))
    nbformat.validate(nbformat.from_dict(notebook))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook == student_notebook(read_problem(file))
    assert json.loads(json.dumps(notebook)) == notebook


@each_problem
def test_nothing_secret_is_in_it(file):
    content = read_problem(file)
    assert find_leaks(content, student_notebook(content)) == []


@each_problem
def test_no_trace_of_the_authors_cells_is_in_it(file):
    content = read_problem(file)
    text = text_of(file)
    secret = [*content.hidden, *content.wrongs, *content.alternatives, *content.hints]
    assert [cell.key for cell in secret if f'"{cell.key}"' in text] == []
    told = [test.name for test in content.hidden] + [wrong.feedback for wrong in content.wrongs]
    assert [line for line in told if line in text] == []
    for word in ("MC-", "killed_by", "on_fail", "BEGIN SOLUTION", "unlock", "generator"):
        assert word not in text


@each_problem
def test_only_the_answer_can_be_changed_and_no_cell_can_be_deleted(file):
    for key, cell in cells(student_notebook(read_problem(file))).items():
        assert cell["metadata"]["deletable"] is False
        assert cell["metadata"].get("editable", True) is (key == "answer")


def test_the_cells_come_in_the_order_of_the_walk():
    notebook = student_notebook(read_problem(OVERDUE))
    roles = [cell["metadata"]["pythonmastery"]["role"] for cell in notebook["cells"]]
    assert roles == ["statement", "context", "given", "answer", "sample", "sample"]
    answer = cells(notebook)["answer"]
    assert answer["metadata"]["pythonmastery"] == {
        "role": "answer",
        "key": "answer",
        "entry": ["overdue_by_customer"],
    }


def test_the_metadata_is_a_list_of_what_is_allowed():
    content = read_problem(OVERDUE)
    metadata = student_notebook(content)["metadata"]
    assert metadata["kernelspec"]["name"] == "python3"
    public = metadata["pythonmastery"]
    assert public["kind"] == "problem-student"
    assert (public["slug"], public["version"]) == ("overdue-by-customer", "1.0.0")
    assert public["id"] == str(content.uid)
    assert public["limits"]["cpu_seconds"] == 2
    assert "decimal" in public["allow_imports"]
    assert not {"misconceptions", "origin", "status", "variant_of", "tests"} & set(public)


def test_the_starter_keeps_the_signature_and_hides_the_solution():
    assert starter_code(read_problem(OVERDUE)) == (
        "def overdue_by_customer(invoices, today):\n"
        '    """Return a dict: name of each late customer -> Decimal that they owe."""\n'
        '    raise NotImplementedError("Write your code here")'
    )


def test_a_stub_of_several_lines_stands_where_the_solution_stood():
    content = read_problem(OVERDUE)
    source = (
        "class Till:\n    rate = 3\n\n    def add(self, x):\n        ### BEGIN SOLUTION\n"
        "        self.x = x\n        ### END SOLUTION\n\n"
        "    def total(self):\n        ### BEGIN SOLUTION\n"
        "        return self.x\n        ### END SOLUTION\n"
    )
    solution = content.solution.model_copy(update={"source": source, "stub": "# here\npass"})
    assert starter_code(content.model_copy(update={"solution": solution})) == (
        "class Till:\n    rate = 3\n\n    def add(self, x):\n        # here\n        pass\n\n"
        "    def total(self):\n        # here\n        pass"
    )


def test_the_leak_check_finds_a_run_of_the_solution():
    content = read_problem(OVERDUE)
    notebook = student_notebook(content)
    notebook["cells"][0]["source"] += "\n" + content.solution.source
    assert any("the solution" in leak for leak in find_leaks(content, notebook))


def test_the_leak_check_finds_a_value_that_only_hidden_tests_hold():
    content = read_problem(OVERDUE)
    notebook = student_notebook(content)
    notebook["metadata"]["pythonmastery"]["note"] = "look at Red Door Hotel"
    assert find_leaks(content, notebook) == [
        "the value 'Red Door Hotel' of hidden t-paid is in the student's notebook"
    ]


@pytest.mark.parametrize("secret", ["hints", "wrongs", "alternatives"])
def test_the_leak_check_knows_every_secret_cell(secret):
    content = read_problem(OVERDUE)
    for cell in getattr(content, secret):
        notebook = student_notebook(content)
        notebook["cells"][1]["source"] += "\n" + getattr(cell, "source", getattr(cell, "text", ""))
        assert find_leaks(content, notebook), cell.key
