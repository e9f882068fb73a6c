"""The grader as an instructor opens it: a real notebook, run by nbclient."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from grader.protocol import KERNEL_NAME, MIME, GradeRequest, to_json
from pythonmastery_ext.cli import main
from tests.grader.conftest import as_tests

DOUBLE = "def double(x):\n    return 2 * x\n"
TESTS = "from twice import double\n\ndef test_two():\n    assert double(2) == 4\n"
TESTS += "\ndef test_three():\n    assert double(3) == 6, 'three <b>twice</b>'\n"
COURSE = Path(__file__).parents[2] / "notebooks"


HELLO = "print('hello')\n" + DOUBLE
WRONG = "def double(x):\n    return 4"
WITH_MAGIC = "%tests test_twice.py\n" + DOUBLE
FAILING = "%tests test_twice.py\n1 / 0\n" + DOUBLE
UNREADABLE = "%tests secret_test.py"
REQUEST = to_json(GradeRequest(id="r", code=DOUBLE, tests=as_tests("assert double(1) == 2")))
#: What cannot be graded, in this order.
UNGRADED = {
    DOUBLE: "There are no tests yet",
    "%tests": "needs the name of a file",
    "%tests nowhere.py": "nowhere.py: there is no such file",
    "%problem test_twice.py": "not JSON",
    "%tset test_twice.py": "There is no %tset here",
    "%tests broken_test.py\n" + DOUBLE: "does not compile",
}
CELLS = (
    *UNGRADED,
    *("%tests test_twice.py", HELLO, WRONG, WITH_MAGIC, FAILING, UNREADABLE, REQUEST),
)
PROBLEM = "%problem problem.ipynb"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with test files, where the grader's kernel is installed."""
    place = tmp_path_factory.mktemp("notebook")
    assert main(["grader", "install", "--prefix", str(place / "p")]) == 0
    (place / "test_twice.py").write_text(TESTS)
    (place / "broken_test.py").write_text("def (")
    secret = place / "secret_test.py"
    secret.write_text(TESTS)
    secret.chmod(0)
    return place


@pytest.fixture(scope="module")
def outputs(place: Path) -> dict[str, list[dict]]:
    """Of each cell, all in one notebook; the last is the solution of a problem of the course."""
    cells = [*CELLS]
    for path in sorted(COURSE.glob("*/*.ipynb"))[:1]:
        shutil.copy(path, place / "problem.ipynb")
        cells += [PROBLEM, _solution(path)]
    return dict(zip(cells, run(place, *cells), strict=True))


def _solution(path: Path) -> str:
    cells = json.loads(path.read_text())["cells"]
    roles = [cell["metadata"].get("pythonmastery", {}).get("role") for cell in cells]
    return "".join(cells[roles.index("solution")]["source"])


def run(place: Path, *cells: str, allow_errors: bool = True) -> list[list[dict]]:
    """The outputs of each cell."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    client = NotebookClient(
        notebook,
        kernel_name=KERNEL_NAME,
        allow_errors=allow_errors,
        resources={"metadata": {"path": str(place)}},
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(place / "p" / "share" / "jupyter"))
        client.execute()
    nbformat.validate(notebook)
    return [cell.outputs for cell in notebook.cells]


def only(outputs: list[dict], kind: str) -> dict:
    (found,) = [output for output in outputs if output.output_type == kind]
    return found


def test_cells_are_graded_against_a_test_file(outputs) -> None:
    chosen, right = outputs["%tests test_twice.py"], outputs[HELLO]

    assert "test_twice.py" in only(chosen, "execute_result").data["text/plain"]
    assert only(right, "stream").text == "hello\n"
    data = only(right, "execute_result").data
    assert (data[MIME]["status"], len(data[MIME]["tests"])) == ("passed", 2)
    assert data["text/plain"].startswith("passed: 2 of 2 points")
    assert data["text/html"].count("<tr>") == 3
    told = only(outputs[WRONG], "execute_result").data
    assert told[MIME]["status"] == "partial"
    assert "three &lt;b&gt;twice&lt;/b&gt;" in told["text/html"]
    assert "<b>" not in told["text/html"]


def test_a_cell_may_begin_with_the_magic_and_go_on_with_code(outputs) -> None:
    assert only(outputs[WITH_MAGIC], "execute_result").data[MIME]["status"] == "passed"


@pytest.mark.skipif(not COURSE.is_dir(), reason="the course is not beside the tests")
def test_an_authored_notebook_gives_its_tests_and_marks_the_hidden_ones(outputs) -> None:
    solved = [*outputs.values()][-1]

    chosen = only(outputs[PROBLEM], "execute_result").data["text/plain"]
    assert "hidden from students" in chosen
    data = only(solved, "execute_result").data
    assert data[MIME]["status"] == "passed"
    assert "(hidden)" in data["text/html"]


def test_a_request_in_json_still_gets_a_verdict(outputs) -> None:
    assert only(outputs[REQUEST], "display_data").data[MIME]["status"] == "passed"


def test_what_cannot_be_graded_is_an_error_with_the_reason(outputs) -> None:
    for cell, words in UNGRADED.items():
        error = only(outputs[cell], "error")
        assert error.ename == "CannotGrade"
        assert words in error.evalue
        assert words in error.traceback[-1]


def test_code_that_does_not_load_stops_the_notebook_as_python_would(place: Path, outputs) -> None:
    assert only(outputs[FAILING], "error").ename == "ZeroDivisionError"
    code = "%tests test_twice.py\ndef double(x)\n"
    with pytest.raises(CellExecutionError, match="SyntaxError"):
        run(place, code, DOUBLE, allow_errors=False)


def test_tests_that_cannot_be_read_by_this_person_stay_unread(place: Path, outputs) -> None:
    if os.access(place / "secret_test.py", os.R_OK):
        pytest.skip("root may read everything")
    assert "Permission denied" in only(outputs[UNREADABLE], "error").evalue


def test_it_is_offered_by_choice_only_and_taken_back(tmp_path: Path, capsys) -> None:
    assert KERNEL_NAME not in KernelSpecManager().find_kernel_specs()
    for words in ([], ["--prefix", str(tmp_path)]):
        assert main(["grader", "install", *words]) == 0
        place = Path(capsys.readouterr().out.split(" in ")[-1].strip())
        spec = json.loads((place / "kernel.json").read_text())
        assert spec["display_name"] == "PythonMastery grader"
        assert (KERNEL_NAME in KernelSpecManager().find_kernel_specs()) is (not words)
        assert main(["grader", "uninstall", *words]) == 0
        assert not place.exists()
        assert main(["grader", "uninstall", *words]) == 1
    assert KERNEL_NAME not in KernelSpecManager().find_kernel_specs()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, capsys) -> None:
    (tmp_path / "share").write_text("")
    assert main(["grader", "install", "--prefix", str(tmp_path)]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_installing_needs_no_running_service() -> None:
    words = [sys.executable, "-m", "pythonmastery_ext.cli", "grader", "--help"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert "install" in said
