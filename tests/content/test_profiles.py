"""What `pythonmastery validate` tells an author of a class problem."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.content.course import NOTEBOOKS, edit

CLASS = """\
class Cost:
    def __init__(self, cents):
        self.cents = cents

    def __eq__(self, other):
        return isinstance(other, Cost) and self.cents == other.cents


"""
pytestmark = pytest.mark.timeout(200)


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A problem about a function, in which one test compares objects of a class."""
    folder = tmp_path / "01-first-steps"
    folder.mkdir()
    path = Path(shutil.copy(NOTEBOOKS / folder.name / "fuel-cost.ipynb", folder))
    for cell in json.loads(path.read_text())["cells"]:
        fields = cell["metadata"]["pythonmastery"]
        if fields["role"] in ("solution", "alternative", "wrong"):
            edit(path, fields["key"], source=CLASS + "".join(cell["source"]))
    edit(path, "t-hundred", source="assert Cost(fuel_cost(100, 6, 181)) == Cost(1086)")
    return path


def validate(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pythonmastery_ext.cli", "validate", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_one_line_tells_what_was_recorded(notebook: Path) -> None:
    done = validate(notebook)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "  recorded: Cost (eq); 3 controls in 1 tests" in done.stdout.splitlines()


def test_an_always_equal_wrong_solution_is_caught_by_the_test_that_compares(notebook: Path) -> None:
    always = CLASS.replace("self.cents == other.cents", "True")
    right = "def fuel_cost(km, rate, price):\n    return round(km / 100 * rate * price)\n"
    edit(notebook, "w-cut", source=always + right, killed_by=["t-hundred"])

    done = validate(notebook)

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_comparison_that_no_change_can_spoil_is_told(notebook: Path) -> None:
    source = (
        "cost = Cost(fuel_cost(100, 6, 181))\nassert cost.cents == 1086 and cost == cost\n"
        "assert cost == Cost(1086)"
    )
    edit(notebook, "t-hundred", source=source)

    done = validate(notebook)

    (told,) = [line for line in done.stdout.splitlines() if " W18 " in line]
    assert "cell 't-hundred': W18 line 2 compares objects" in told
    assert done.returncode == 0, done.stdout + done.stderr
