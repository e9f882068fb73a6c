"""Finding one's own notebook, and making another."""

import json

import pytest

from pythonmastery_ext.curriculum.schema import NotebookOut
from pythonmastery_ext.kernelside.errors import NotebookThere, Trouble
from pythonmastery_ext.kernelside.here import notebook_path, problem_of, write_notebook

STUDENT = {"metadata": {"pythonmastery": {"kind": "problem-student", "slug": "double"}}}


@pytest.fixture
def notebook(tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_text(json.dumps(STUDENT))
    return path


def out(path="PythonMastery/first-steps/double-1.0.0.ipynb"):
    return NotebookOut(path=path, version="1.0.0", notebook={"cells": [], "nbformat": 4})


def test_jupyter_server_tells_the_notebook_by_the_environment(notebook):
    assert notebook_path({}, {"JPY_SESSION_NAME": str(notebook)}) == notebook


def test_vs_code_tells_the_notebook_by_a_variable(notebook):
    assert notebook_path({"__vsc_ipynb_file__": str(notebook)}, {}) == notebook


def test_a_notebook_that_was_renamed_is_not_guessed(notebook):
    assert notebook_path({}, {"JPY_SESSION_NAME": str(notebook.with_name("old.ipynb"))}) is None


def test_a_console_has_no_notebook():
    assert notebook_path({"__vsc_ipynb_file__": 7}, {"JPY_SESSION_NAME": "console-1"}) is None


def test_a_student_notebook_names_its_problem(notebook):
    assert problem_of(notebook) == "double"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"metadata": null}',
        '{"metadata": {"pythonmastery": []}}',
        '{"metadata": {"pythonmastery": {"kind": "problem", "slug": "double"}}}',
        '{"metadata": {"pythonmastery": {"kind": "problem-student", "slug": 3}}}',
        "\udcff",
    ],
)
def test_any_other_file_names_none(notebook, text):
    notebook.write_bytes(text.encode(errors="surrogateescape"))
    assert problem_of(notebook) is None


def test_a_notebook_is_written_beside_and_nowhere_else(tmp_path):
    path = write_notebook(out("../../etc/double-1.0.0.ipynb"), tmp_path)
    assert path == tmp_path / "double-1.0.0.ipynb"
    assert json.loads(path.read_text()) == {"cells": [], "nbformat": 4}


def test_a_file_that_is_there_is_never_written(tmp_path):
    (tmp_path / "double-1.0.0.ipynb").write_text("my work")
    with pytest.raises(NotebookThere, match=r"double-1\.0\.0\.ipynb is there already"):
        write_notebook(out(), tmp_path)
    assert (tmp_path / "double-1.0.0.ipynb").read_text() == "my work"


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    with pytest.raises(Trouble, match="could not be written"):
        write_notebook(out(), tmp_path / "missing")
