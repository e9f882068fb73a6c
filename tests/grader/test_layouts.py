"""Where tests and solution may lie in an exercise, and whose the other files are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pythonmastery_ext.cli import main

ADD = "def add(a, b): return a + b\n"
WRONG = "def add(a, b): return a - b\n"
TEST = "def test_add(): assert add(1, 2) == 3\n"
LAYOUTS = {
    "tests beside src": {
        "src/sums.py": "",
        "tests/test_sums.py": "from src.sums import add\n" + TEST,
    },
    "a package": {
        "src/sums.py": "",
        "src/__init__.py": "",
        "src/table.py": "ROWS = [(1, 2)]\n",
        "test/test_sums.py": "import src.sums\nfrom src import sums\nfrom src.table import ROWS\n"
        "def test_add(): assert src.sums.add(*ROWS[0]) == sums.add(2, 1) == 3\n"
        "def test_names(): assert repr(sums.add).startswith('<function add')\n",
    },
    "src on the path": {
        "src/sums.py": "",
        "tests/test_sums.py": "import sys\nsys.path.insert(0, 'src')\nfrom sums import add\n"
        + TEST,
    },
    "names of a package": {
        "sums/__init__.py": "from .core import add\n",
        "sums/core.py": "",
        "test_sums.py": "from sums import add\n" + TEST,
    },
    "a name in a string": {
        "src/sums.py": "",
        "test/test_sums.py": "import importlib\ndef test_add():\n"
        "    assert importlib.import_module('src.sums').add(1, 2) == 3\n",
    },
    "one file without a name": {"mine.py": "", "test_sums.py": TEST},
    "conftest": {
        "sums.py": "",
        "tests/conftest.py": "import os, pytest, sys\n"
        "sys.path.insert(0, os.path.dirname(os.path.dirname(__file__)))\n"
        "@pytest.fixture(params=[1, 2])\ndef two(request): return request.param, 1\n"
        "def pytest_configure(config): pass\n",
        "tests/test_sums.py": "from sums import add\n"
        "def test_two(two): assert add(*two) == sum(two)\n",
    },
}


def lay(folder: Path, files: dict[str, str], code: str) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text if text or name.endswith("__init__.py") else code)
    return folder


@pytest.fixture
def grade(capsys):
    def run(*words: str) -> tuple[int, list[dict]]:
        status = main(["grade", "--json", *words])
        return status, json.loads(capsys.readouterr().out)

    return run


def test_ordinary_layouts_are_found(tmp_path: Path, grade) -> None:
    for name, files in LAYOUTS.items():
        lay(tmp_path / "right" / name, files, ADD)
        lay(tmp_path / "wrong" / name, files, WRONG)

    _, right = grade("--each", str(tmp_path / "right"))
    assert {r["name"]: r["status"] for r in right} == dict.fromkeys(sorted(LAYOUTS), "passed")
    _, wrong = grade("--each", str(tmp_path / "wrong"))
    passed = {r["name"] for r in wrong if r["status"] not in ("failed", "partial")}
    assert passed == set()


def test_one_submission_is_found_by_the_name_that_its_tests_have_for_it(
    tmp_path: Path, grade
) -> None:
    files = LAYOUTS["a package"]
    lay(tmp_path, files, ADD)
    solution, tests = str(tmp_path / "src/sums.py"), str(tmp_path / "test/test_sums.py")
    assert grade("--solution", solution, "--tests", tests)[0] == 0

    same = lay(tmp_path / "sums", {"sums.py": "def sums(): return 1\n"}, "")
    (same / "t.py").write_text(
        "import sums\nfrom sums import sums as s\nassert sums.sums() == s()\n"
    )
    assert grade("--solution", str(same / "sums.py"), "--tests", str(same / "t.py"))[0] == 0


def test_each_side_has_only_what_lies_beside_it(tmp_path: Path, grade) -> None:
    """A student's file is no helper of the tests, nor are theirs at hand for the student."""
    test = "from answers import TOTAL\nfrom src.sums import add\n"
    test += "def test_add(): assert add(1, 2) == TOTAL\n"
    files = {"src/sums.py": "", "src/answers.py": "TOTAL = -1\n", "tests/test_sums.py": test}
    lay(tmp_path / "a", files | {"tests/answers.py": "TOTAL = 3\n"}, WRONG)
    cheat = "import answers\ndef add(a, b): return answers.TOTAL\n"
    lay(tmp_path / "b", files | {"tests/answers.py": "TOTAL = 3\n"}, cheat)
    lay(tmp_path / "c", files | {"tests/answers.py": "TOTAL = 3\n"}, ADD)

    _, reports = grade("--each", str(tmp_path))
    assert [report["status"] for report in reports] == ["failed", "failed", "passed"]


def test_a_module_of_the_students_never_runs_beside_the_tests(tmp_path: Path, grade) -> None:
    test = "import sys\nfrom pathlib import Path\n"
    test += "sys.path.insert(0, str(Path(__file__).parent.parent / 'src'))\n"
    test += "import other\nfrom sums import add\n" + TEST
    gone = "import sys\nsys.modules['sums'].__dict__.clear()\nprint('HERON')\n"
    files = {"src/sums.py": "", "src/other.py": gone, "tests/test_sums.py": test}
    lay(tmp_path / "a", files, WRONG)

    report = grade("--each", str(tmp_path))[1][0]
    assert report["status"] == "error"
    assert "line 4: the tests run Python text that is not their own" in report["error"]


def test_a_file_that_is_no_text_is_left_where_it_is(tmp_path: Path, grade) -> None:
    code = "PICTURE = 'sun.png'\nROWS = open('rows.txt').read()\n" + ADD
    lay(tmp_path / "a", {"sums.py": "", "rows.txt": "1", "test_sums.py": TEST}, code)
    (tmp_path / "a/sun.png").write_bytes(b"\x89PNG\xff")

    assert grade("--each", str(tmp_path))[1][0]["status"] == "passed"


def test_an_import_that_is_guarded_or_never_reached_refuses_nothing(tmp_path: Path, grade) -> None:
    code = "try:\n    import nowhere\nexcept ImportError:\n    nowhere = None\n"
    code += "def plot():\n    import nowhere.plots\n" + ADD
    code += "if __name__ == '__main__':\n    import nowhere\n"
    lay(tmp_path / "a", {"sums.py": "", "test_sums.py": TEST}, code)
    lay(tmp_path / "b", {"sums.py": "", "test_sums.py": TEST}, "import nowhere\n" + ADD)

    assert [r["status"] for r in grade("--each", str(tmp_path))[1]] == ["passed", "failed"]
