"""`pythonmastery validate` as an author runs it, with the real grader."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.content.course import NOTEBOOKS, edit

FIRST = "01-first-steps"
pytestmark = pytest.mark.timeout(400)


def validate(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pythonmastery_ext.cli", "validate", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=NOTEBOOKS.parent, check=False
    )


def test_the_whole_course_is_valid():
    done = validate()
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("[1/9] 01-first-steps/first-day-total: ok (8 tests, ")
    assert lines[-1] == "9 problems, 0 errors, 0 warnings"
    assert len(lines) == 10


CORRECT_PRICE = "def label_price(net_euros):\n    return 120 * net_euros\n"
SHOWS_ALL = "boxes = jars // JARS_PER_BOX\nleft = jars % JARS_PER_BOX\nreturn boxes, left"
TIP_SOLUTION = """\
tip = bill * percent // 100
share = tip // staff
jar = tip % staff
return share, jar
"""
OFF_THE_TESTS = """\
def split_tip(bill, percent, staff):
    if percent == 7:
        return 0, 0
    return divmod(bill * percent // 100, staff)
"""


@pytest.fixture(scope="module")
def broken(tmp_path_factory) -> Path:
    """A course in which every problem has something wrong with it."""
    root = tmp_path_factory.mktemp("course")
    folder = Path(shutil.copytree(NOTEBOOKS / FIRST, root / FIRST))
    (folder / "meter-units.ipynb").unlink()
    edit(folder / "first-day-total.ipynb", "t-busy", source="assert day_total(1, 2) == 4")
    vat = folder / "vat-on-ticket.ipynb"
    edit(vat, "answer", stub="return 0")
    edit(vat, "w-float", source=CORRECT_PRICE)
    edit(vat, "h4", source="```python\nreturn net_euros * 120\n```")
    boxes = folder / "boxes-needed.ipynb"
    edit(boxes, "alt-divmod", source="def pack(jars):\n    return divmod(jars, 10)")
    edit(boxes, "w-rounded", killed_by=["t-none"])
    edit(boxes, "h2", source=SHOWS_ALL)
    tip = folder / "split-tip.ipynb"
    edit(tip, "alt-divmod", source=OFF_THE_TESTS)
    edit(tip, "t-exact", drop=("on_fail",))
    edit(tip, "context", source=TIP_SOLUTION)
    edit(folder / "fuel-cost.ipynb", problem={"difficulty": 12})
    edit(folder / "typed-quantity.ipynb", "t-one", key="t-zero")
    shift = folder / "shift-length.ipynb"
    notebook = json.loads(shift.read_text())
    notebook["cells"][-9]["execution_count"] = 7
    shift.write_text(json.dumps(notebook))
    return root


@pytest.fixture(scope="module")
def report(broken):
    done = validate(broken, "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    return json.loads(done.stdout)


def told(report, slug: str) -> set[tuple[str | None, str]]:
    return {
        (finding["cell"], finding["code"])
        for finding in report["findings"]
        if finding["file"].endswith(f"/{slug}.ipynb")
    }


def test_a_broken_course_is_not_ok_and_its_readable_problems_are_checked(report):
    assert report["ok"] is False
    assert report["problems"] == ["first-day-total", "vat-on-ticket", "boxes-needed", "split-tip"]


def test_notebooks_that_do_not_read_are_told_with_the_number_of_the_check(report):
    assert told(report, "fuel-cost") == {(None, "E01")}
    assert told(report, "typed-quantity") == {("t-zero", "E02")}
    assert {code for _, code in told(report, "shift-length")} == {"E03"}


def test_a_solution_or_alternative_that_fails_is_told(report):
    right = {("answer", "E05"), ("alt-named", "E05"), ("alt-sum", "E05")}
    assert told(report, "first-day-total") == right
    assert ("alt-divmod", "E05") in told(report, "boxes-needed")


def test_a_starter_that_passes_a_test_is_told(report):
    assert (None, "E06") in told(report, "vat-on-ticket")


def test_a_wrong_solution_that_lives_is_told(report):
    assert ("w-float", "E07") in told(report, "vat-on-ticket")
    assert ("w-rounded", "E07") in told(report, "boxes-needed")


def test_a_wrong_solution_that_only_a_silent_test_catches_is_told(report):
    assert ("w-float-percent", "E07") in told(report, "split-tip")


def test_an_alternative_that_differs_on_random_inputs_is_told(report):
    assert ("alt-divmod", "E09") in told(report, "split-tip")
    message = next(f["message"] for f in report["findings"] if f["code"] == "E09")
    assert "gives (0, 0), not (" in message


def test_a_leak_is_told(report):
    assert (None, "E10") in told(report, "split-tip")


def test_hints_that_give_it_away_are_told(report):
    assert ("h4", "E11") in told(report, "vat-on-ticket")
    assert ("h2", "E11") in told(report, "boxes-needed")


def test_one_notebook_and_one_section_can_be_checked(broken):
    path = broken / FIRST / "fuel-cost.ipynb"
    one = validate(path)
    assert one.returncode == 1
    assert one.stdout.splitlines() == [
        f"{path}: E01 `difficulty`: input should be less than or equal to 10",
        "0 problems, 1 error, 0 warnings",
    ]
    section = validate(NOTEBOOKS / "08-dates-money")
    assert section.returncode == 0
    assert section.stdout.splitlines()[0].startswith("[1/1] 08-dates-money/overdue-by-customer: ok")


def test_one_notebook_under_a_wrong_name_or_in_a_wrong_folder_is_told(tmp_path):
    source = NOTEBOOKS / FIRST / "fuel-cost.ipynb"
    renamed = tmp_path / FIRST / "fuel.ipynb"
    moved = tmp_path / "02-text" / "fuel-cost.ipynb"
    for place in (renamed, moved):
        place.parent.mkdir()
        shutil.copy(source, place)
    done = validate(renamed, moved)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"{renamed}: E02 the slug is 'fuel-cost', so name the file fuel-cost.ipynb",
        f"{moved}: E01 its section is 'first-steps', its folder's is 'text'",
        "0 problems, 2 errors, 0 warnings",
    ]


def test_a_path_that_is_not_there_cannot_be_checked(tmp_path):
    done = validate(tmp_path / "nowhere")
    assert done.returncode == 2
    assert f"There is no file or folder {tmp_path / 'nowhere'}." in done.stderr
